-- A large user's rows that were deleted in gray, found by a filter over the keys: these
-- and no others are deleted at home.
SET client_min_messages = warning;
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE prices (user_id integer REFERENCES users, price numeric, code text, PRIMARY KEY (price, user_id));
INSERT INTO users VALUES (1, 'large'), (2, 'other');
INSERT INTO orders SELECT i, 1 FROM generate_series(1, 3000) i;
-- keys of one hash (hash_bytes of PostgreSQL 15, little-endian): the filter can't tell them apart
INSERT INTO orders VALUES (31335, 1), (280230, 1), (400000, 2);
INSERT INTO prices SELECT 1, i + 0.5, 'code ' || i FROM generate_series(1, 3000) i;
INSERT INTO prices VALUES (2, 1.5, 'other');
CREATE EXTENSION IF NOT EXISTS pg_gray SCHEMA public;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_set_percent(100), gray_open();
CREATE TABLE before AS SELECT 'orders' AS t, id::text, ctid AS at, xmax::text AS gone FROM orders
	UNION ALL SELECT 'prices', price::text, ctid, xmax::text FROM prices WHERE user_id = 1;
CREATE VIEW touched AS SELECT b.t, b.id FROM before b WHERE NOT EXISTS (
	SELECT FROM (SELECT 'orders' AS t, id::text, ctid AS at, xmax::text AS gone FROM orders
		UNION ALL SELECT 'prices', price::text, ctid, xmax::text FROM prices WHERE user_id = 1) n
	WHERE (n.t, n.id, n.at, n.gone) = (b.t, b.id, b.at, b.gone)) ORDER BY b.t, b.id;

-- some of one table, and what the other user has of the same key stays
SELECT gray_migrate(1);
DELETE FROM v2.prices WHERE price IN (1.5, 77.5) OR code = 'code 3000';
SELECT gray_migrate_back(1);
TABLE touched;
SELECT * FROM prices WHERE price = 1.5;

-- one that the filter hides, and one that it shows
SELECT gray_migrate(1);
DELETE FROM v2.orders WHERE id IN (31335, 17);
SELECT gray_migrate_back(1);
TABLE touched;

-- keys that are equal, but not the same, are not deleted; with one that is
SELECT gray_migrate(1);
UPDATE v2.prices SET price = price::numeric(8, 3) WHERE price IN (5.5, 6.5);
DELETE FROM v2.prices WHERE price = 7.5;
SELECT gray_migrate_back(1);
TABLE touched;
SELECT price, code FROM prices WHERE price BETWEEN 5 AND 8 ORDER BY price;

-- deleted and inserted again, and given another key
SELECT gray_migrate(1);
DELETE FROM v2.orders WHERE id = 20;
INSERT INTO v2.orders VALUES (20, 1);
UPDATE v2.orders SET id = 350000 WHERE id = 21;
SELECT gray_migrate_back(1);
SELECT id FROM orders WHERE id IN (20, 21, 350000) ORDER BY id;

SELECT kind, state, row_count FROM gray.history ORDER BY started;
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA shop CASCADE;
