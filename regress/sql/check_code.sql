-- What can't be cloned safely and reads or writes tables of the release is shown:
-- materialized views, and functions whose bodies name them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA coded;
SET search_path = coded, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, total integer);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, sku text);
CREATE TABLE "Odd ""table" (id integer PRIMARY KEY REFERENCES users);
CREATE TABLE "Upper" (id integer PRIMARY KEY REFERENCES users);
CREATE VIEW big_orders AS SELECT * FROM orders WHERE total >= 100;

-- materialized views, and what reads them
CREATE MATERIALIZED VIEW totals AS SELECT sum(total) FROM big_orders;
CREATE MATERIALIZED VIEW totals_2 AS SELECT * FROM totals;
CREATE VIEW on_totals AS SELECT * FROM totals;
CREATE MATERIALIZED VIEW own_totals AS SELECT count(*) FROM users;
CREATE MATERIALIZED VIEW of_countries_2 AS SELECT * FROM countries;

-- functions: named in whatever way SQL has
SET check_function_bodies = off;
CREATE FUNCTION says_it(integer) RETURNS bigint LANGUAGE sql AS 'SELECT count(*)
	FROM Coded . ORDERS';
CREATE FUNCTION says_it(text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT count(*) FROM "coded"."orders", items);
END$$;
CREATE PROCEDURE pinned() LANGUAGE plpgsql SET search_path = coded, pg_temp AS 'BEGIN DELETE FROM orders; END';
CREATE FUNCTION free() RETURNS bigint LANGUAGE sql SET search_path = v2, coded AS 'SELECT count(*) FROM orders';
CREATE FUNCTION bound() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM big_orders, users; END;
CREATE FUNCTION odd() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM "Odd ""table", "Upper"';
CREATE FUNCTION literal() RETURNS void LANGUAGE plpgsql AS
	$$BEGIN EXECUTE 'DELETE FROM coded.items WHERE ''"a order"'' = '''''; END$$;
CREATE FUNCTION script() RETURNS void LANGUAGE plpgsql AS $$BEGIN run("
	select * from items"); run("'orders'"); END$$;
CREATE FUNCTION through_view() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM coded.big_orders';
-- and not: parts of words, other spellings, other schemas, columns
CREATE FUNCTION not_1() RETURNS bigint LANGUAGE sql AS
	'SELECT count(*) AS items_1 FROM countries, (SELECT 1 AS "Items", 2 AS _orders) my_orders';
CREATE FUNCTION not_2() RETURNS text LANGUAGE sql AS
	'SELECT s.orders || s . items FROM (SELECT ''1'' AS order, 2 AS item) s (orders$, itemß)' ;
CREATE FUNCTION not_3() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM upper, reports.orders, 1orders';
CREATE FUNCTION has_own(integer) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM coded.orders';
CREATE FUNCTION has_own() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM coded.orders';

SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
CREATE MATERIALIZED VIEW v2.own_totals AS SELECT count(*) FROM v2.users;
CREATE FUNCTION v2.has_own() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM coded.orders';
CREATE MATERIALIZED VIEW v2.wrong AS SELECT count(*) FROM totals;
-- what reads one is cloned when there is a twin of it
CREATE MATERIALIZED VIEW v2.totals AS SELECT sum(total) FROM v2.orders;
SELECT * FROM gray_clone_tree('users', 'id');
SELECT pg_get_viewdef('v2.on_totals');
DROP VIEW v2.on_totals;
DROP MATERIALIZED VIEW v2.totals;
\x on
SELECT * FROM gray_check() WHERE problem !~ 'index|cohort';
\x off
-- warnings refuse nothing
SELECT gray_open();
SELECT gray_close();
DROP MATERIALIZED VIEW v2.own_totals, v2.wrong;
DROP FUNCTION v2.has_own();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA coded CASCADE;
