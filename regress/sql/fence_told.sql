-- The fence tells whose a row is only to who may read that.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(42), gray_migrate(42);
SELECT id FROM orders WHERE user_id = 42 ORDER BY id LIMIT 1 \gset
CREATE ROLE regress_gray_writer;
GRANT USAGE ON SCHEMA shop TO regress_gray_writer;
GRANT INSERT ON items, orders TO regress_gray_writer;
SET ROLE regress_gray_writer;
INSERT INTO items VALUES (9001, :id, 1, 1);
INSERT INTO orders (user_id) VALUES (42);
RESET ROLE;
GRANT SELECT (user_id) ON orders TO regress_gray_writer;
SET ROLE regress_gray_writer;
INSERT INTO items VALUES (9001, :id, 1, 1);
INSERT INTO orders (user_id) VALUES (42);
RESET ROLE;
SELECT gray_close(), gray_discard(42);
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP ROLE regress_gray_writer;
