-- A way home that fails: the data stays in gray, and people are told.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0);
SELECT gray_open();
SELECT gray_add_user(42), gray_add_user(7);
SELECT * FROM gray_route(42);
SELECT * FROM gray_route(7);
UPDATE v2.orders SET total = -1 WHERE id = 41;
SELECT gray_close();

SELECT * FROM gray_route(42);
SELECT gray_state(42);
SELECT release, uid, state, sqlstate, message, detail, schema_name, table_name, constraint_name FROM gray.incidents;
SELECT id, total FROM orders WHERE user_id = 42 ORDER BY id;
SELECT id, total FROM v2.orders WHERE user_id = 42 ORDER BY id;

-- by policy; not tried again by itself
SELECT * FROM gray_route(42);
SELECT gray_set_stuck_side('production');
SELECT * FROM gray_route(42);
SELECT gray_set_stuck_side('gray');
SELECT gray_migrate_back(42);
-- the data is in gray: gray may be written, production not
UPDATE v2.orders SET total = -2 WHERE id = 41;
UPDATE orders SET total = 5 WHERE id = 41;
-- others come home
SELECT * FROM gray_route(7);
-- nor can the release go
SELECT gray_drop_release();

-- mended
UPDATE v2.orders SET total = 2 WHERE id = 41;
SELECT gray_reset(42);
SELECT * FROM gray_route(42);
SELECT id, total FROM orders WHERE user_id = 42 ORDER BY id;
SELECT * FROM gray.incidents;
SELECT uid, kind, state, sqlstate FROM gray.history;

-- rows outside the release that refer to a row deleted in gray
CREATE TABLE invoices (order_id integer REFERENCES orders);
INSERT INTO invoices VALUES (141);
SELECT gray_open();
SELECT * FROM gray_route(42);
DELETE FROM v2.orders WHERE id = 141;
SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT uid, state, sqlstate, message, detail, table_name, constraint_name FROM gray.incidents;
-- given up: what the user did in gray is thrown away, the frozen rows live again
SELECT gray_discard(42);
SELECT id, total FROM orders WHERE user_id = 42 ORDER BY id;
SELECT count(*) FROM v2.orders;
SELECT * FROM gray.incidents;
UPDATE orders SET total = 3 WHERE id = 41;
SELECT gray_discard(42);

SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
