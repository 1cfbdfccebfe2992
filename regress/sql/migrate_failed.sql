-- A move that fails leaves nothing in gray, and the user in production.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.items ADD CONSTRAINT few CHECK (quantity < 100);
UPDATE items SET quantity = 100 WHERE id = 40;
SELECT gray_open();
SELECT gray_add_user(42), gray_add_user(7), gray_add_user(8);

SELECT order_id IN (SELECT id FROM orders WHERE user_id = 42) AS is_of_42 FROM items WHERE id = 40;
SELECT * FROM gray_route(42);
SELECT (SELECT count(*) FROM v2.users) AS users, (SELECT count(*) FROM v2.orders) AS orders,
	(SELECT count(*) FROM v2.items) AS items;
SELECT gray_state(42);
SELECT release, uid, state, sqlstate, message, detail, schema_name, table_name, constraint_name FROM gray.incidents;
SELECT uid, kind, state, row_count, sqlstate FROM gray.history;

-- production goes on; it is not tried again by itself, nor by hand
UPDATE orders SET total = 1 WHERE user_id = 42;
SELECT * FROM gray_route(42);
SELECT gray_migrate(42);
SELECT count(*) FROM gray.history;

-- others are unaffected
SELECT * FROM gray_route(7);

-- a reference that the gray side can't keep
ALTER TABLE v2.items ADD COLUMN shelf integer DEFAULT 9;
CREATE TABLE shelves (id integer PRIMARY KEY);
INSERT INTO shelves VALUES (1);
ALTER TABLE v2.items ADD CONSTRAINT shelf FOREIGN KEY (shelf) REFERENCES shelves NOT VALID;
UPDATE v2.items SET shelf = 1;
ALTER TABLE v2.items VALIDATE CONSTRAINT shelf;
SELECT * FROM gray_route(8);
SELECT uid, state, sqlstate, message, detail, table_name, constraint_name FROM gray.incidents WHERE uid = '8';
SELECT count(*) FROM v2.orders WHERE user_id = 8;

-- mended: reset, and the next request tries again
UPDATE items SET quantity = 99 WHERE id = 40;
INSERT INTO shelves VALUES (9);
SELECT gray_reset(42), gray_reset('8');
SELECT * FROM gray_route(42);
SELECT * FROM gray_route(8);
SELECT * FROM gray.incidents;
SELECT uid, kind, state, sqlstate FROM gray.history;
SELECT gray_reset(42);

-- errors that time cures are raised, and change nothing
SELECT gray_add_user(9);
BEGIN;
SET LOCAL statement_timeout = '300ms';
CREATE FUNCTION shop.slow(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
	'BEGIN PERFORM pg_sleep(60); RETURN 1; END';
ALTER TABLE v2.items ADD CONSTRAINT slow CHECK (shop.slow(quantity) = 1) NOT VALID;
SAVEPOINT s;
SELECT * FROM gray_route(9);
ROLLBACK TO s;
SELECT gray_state(9);
ROLLBACK;
SELECT count(*) FROM gray.incidents;

SELECT gray_close();
SELECT uid, gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on' ORDER BY uid::int;
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
