-- Rules of a table, and what they write: gray's rules write gray's tables.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TABLE log (user_id integer, what text);
CREATE RULE note_delete AS ON DELETE TO users DO ALSO INSERT INTO log VALUES (OLD.id, 'deleted');
CREATE RULE empty_orders AS ON DELETE TO users DO ALSO
	DELETE FROM items WHERE order_id IN (SELECT o.id FROM orders o WHERE o.user_id = OLD.id);
CREATE RULE asleep AS ON UPDATE TO users DO INSTEAD NOTHING;
ALTER TABLE users DISABLE RULE asleep;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_diff();
SELECT rulename, definition FROM pg_rules WHERE schemaname = 'v2' ORDER BY 1;
SELECT rulename, ev_enabled FROM pg_rewrite WHERE ev_class = 'v2.users'::regclass ORDER BY 1;

INSERT INTO v2.users SELECT * FROM users WHERE id = 42;
INSERT INTO v2.orders SELECT * FROM orders WHERE user_id = 42;
INSERT INTO v2.items SELECT * FROM items WHERE order_id = 41;
UPDATE v2.orders SET user_id = NULL;
UPDATE v2.orders SET user_id = 42 WHERE id = 91;
UPDATE v2.items SET order_id = 91;
UPDATE v2.users SET name = 'x';
SELECT count(*) FROM v2.users WHERE name = 'x';
ALTER TABLE v2.orders DROP CONSTRAINT orders_user_id_fkey;
DELETE FROM v2.users;
SELECT count(*) AS gray FROM v2.items;
SELECT count(*) AS production FROM items WHERE order_id IN (41, 91, 141);
TABLE log;
TRUNCATE v2.users, v2.orders, v2.items;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
