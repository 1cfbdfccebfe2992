-- Tables and columns that version 2 renames, or moves to another schema, are the same tables: moves both ways, the
-- merge, kept values, gray_close, gray_verify, gray_diff and gray_drop_release go on.  So it is in production.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
-- on purpose
SET pg_gray.guard = off;
CREATE SCHEMA other;
CREATE SCHEMA bills;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.orders ADD gift text NOT NULL DEFAULT 'none', ADD half integer;
SELECT gray_map('v2.orders', 'half', 'total / 2');
SELECT gray_open();
SELECT gray_set_percent(100);
CREATE FUNCTION home(uid text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text := gray_migrate_back(uid);
BEGIN
	RETURN concat_ws(' ', state, (SELECT i.sqlstate || ' ' || i.message FROM gray.incidents i WHERE i.uid = $1));
END $$;
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE VIEW registry AS SELECT production, gray FROM gray.release_table ORDER BY position;

-- In gray, during the stay of users who come home after it, and before anybody has seen it: a parent on the owner
-- path and a child, columns of the path, and a schema
SELECT gray_migrate(1), gray_migrate(2);
UPDATE v2.orders SET gift = 'book', half = 1 WHERE user_id = 1;
ALTER TABLE v2.orders RENAME TO purchases;
ALTER TABLE v2.purchases RENAME user_id TO buyer_id;
ALTER TABLE v2.purchases RENAME id TO number;
ALTER TABLE v2.purchases SET SCHEMA other;
ALTER TABLE v2.items RENAME TO lines;
ALTER TABLE v2.lines RENAME order_id TO purchase;
SELECT table_name, object, difference FROM gray_diff() WHERE object LIKE 'column %';
SELECT table_name, differing FROM gray_verify(1);
SELECT object, problem FROM gray_check() WHERE severity = 'error';
SELECT try('UPDATE orders SET total = 1 WHERE user_id = 1'), try('UPDATE items SET quantity = 3 WHERE order_id = 100'),
	try('UPDATE orders SET total = 3 WHERE user_id = 3');
SELECT try('UPDATE other.purchases SET total = 1 WHERE buyer_id = 1'),
	try('UPDATE other.purchases SET total = 3 WHERE buyer_id = 3');
DELETE FROM other.purchases WHERE buyer_id = 1 AND number > 100;
INSERT INTO other.purchases (number, buyer_id, total) VALUES (1000, 1, 10);
INSERT INTO v2.lines VALUES (1000, 1000, 1, 10);
UPDATE v2.lines SET quantity = 20 WHERE purchase = (SELECT min(number) FROM other.purchases WHERE buyer_id = 2);
SELECT home('1'), home('2');
SELECT o.user_id, o.id, o.total, i.id, i.quantity FROM orders o JOIN items i ON order_id = o.id
	WHERE user_id IN (1, 2) AND (o.id >= 100 OR quantity > 1) ORDER BY 1, 2, 4;
TABLE registry;
SELECT gray_table, column_name, value FROM gray.kept WHERE uid = '1' ORDER BY key, column_name LIMIT 2;

-- ... and there again: what only gray could hold is back
SELECT gray_migrate(1);
SELECT number, buyer_id, gift, half FROM other.purchases WHERE buyer_id = 1 ORDER BY number;
SELECT home('1');
SELECT gray_close();
SELECT gray_open();
SELECT object, problem FROM gray_check() WHERE severity = 'error';

-- In production: the same
SELECT gray_migrate(3);
ALTER TABLE orders RENAME TO invoices;
ALTER TABLE invoices RENAME user_id TO customer;
ALTER TABLE invoices SET SCHEMA bills;
SELECT try('UPDATE bills.invoices SET total = 1 WHERE customer = 3'),
	try('UPDATE bills.invoices SET total = 1 WHERE customer = 4');
UPDATE other.purchases SET total = 33 WHERE buyer_id = 3;
SELECT table_name, differing FROM gray_verify(3);
SELECT home('3'), gray_migrate(4), home('4');
SELECT id, total FROM bills.invoices WHERE customer = 3 ORDER BY id;
TABLE registry;

-- Names that tables of the release exchange follow the tables, on either side
SELECT gray_migrate(5);
BEGIN;
ALTER TABLE v2.users RENAME TO u;
ALTER TABLE v2.lines RENAME TO users;
ALTER TABLE v2.u RENAME TO lines;
ALTER TABLE users RENAME TO u;
ALTER TABLE items RENAME TO users;
ALTER TABLE u RENAME TO items;
COMMIT;
SELECT try('UPDATE items SET name = ''x'' WHERE id = 5'), try('UPDATE items SET name = ''x'' WHERE id = 6');
SELECT gray_state(5), count(*) FROM users i JOIN bills.invoices o ON o.id = order_id WHERE customer = 5;
UPDATE v2.lines SET name = 'Five' WHERE id = 5;
UPDATE v2.users SET quantity = 5 WHERE purchase IN (SELECT number FROM other.purchases WHERE buyer_id = 5);
SELECT home('5');
SELECT name, quantity FROM items u, bills.invoices o, users i WHERE u.id = 5 AND customer = u.id AND order_id = o.id;
TABLE registry;

-- A new table that takes a name over is the table of the release (tools that change tables online swap names so)
CREATE TABLE bills.new (LIKE bills.invoices INCLUDING ALL);
INSERT INTO bills.new TABLE bills.invoices;
BEGIN;
ALTER TABLE bills.invoices RENAME TO old;
ALTER TABLE bills.new RENAME TO invoices;
COMMIT;
SELECT gray_open();
SELECT gray_migrate(5);
UPDATE other.purchases SET total = 55 WHERE buyer_id = 5;
SELECT home('5');
SELECT DISTINCT total FROM bills.invoices WHERE customer = 5;

-- Production's table dropped: an error that says so, until it is there again, or given up
SELECT gray_migrate(5);
ALTER TABLE users RENAME TO put_aside;
BEGIN;
DROP TABLE put_aside;
SELECT home('5');
SELECT message, hint FROM gray.incidents;
SELECT try('SELECT gray_open()');
SELECT severity, object, problem, hint FROM gray_check();
SELECT * FROM gray_diff();
ROLLBACK;
BEGIN;
DROP TABLE put_aside;
ALTER TABLE items RENAME TO users;
SELECT home('5');
SELECT try('SELECT gray_close()'), try('SELECT gray_discard(5)');
TABLE registry;
ROLLBACK;
-- ... and dropped on both sides: nothing is left to be moved
BEGIN;
DROP TABLE put_aside, v2.users;
SELECT home('5');
SELECT severity, object, problem FROM gray_check();
SELECT gray_close(), gray_drop_release(force => true);
ROLLBACK;
SELECT home('5');

SELECT gray_close();
SELECT gray_drop_release(force => true);
SELECT to_regclass('other.purchases'), to_regclass('v2.lines'), to_regnamespace('v2');
SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname ~ 'pg_gray' ORDER BY 1, 2;
SET client_min_messages = warning;
DROP SCHEMA other, bills CASCADE;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
