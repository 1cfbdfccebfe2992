-- What a user did in gray comes home; what the user did not touch is not
-- written, and keeps its value bit for bit.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
-- lossy: cents are cut in gray
ALTER TABLE v2.orders ALTER total TYPE integer USING total::integer, ADD COLUMN gift text;
SELECT gray_open();
SELECT gray_set_percent(100);
UPDATE orders SET total = total + 0.25;

-- there and back without a change: no production row is written
CREATE TABLE before AS
	SELECT 'orders' AS t, id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM orders WHERE user_id = 42
	UNION ALL SELECT 'users', id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM users WHERE id = 42
	UNION ALL SELECT 'items', id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM items;
SELECT * FROM gray_route(42);
SELECT total FROM v2.orders ORDER BY id;
SELECT gray_migrate_back(42);
SELECT count(*) AS unchanged FROM before;
SELECT * FROM before
	EXCEPT (SELECT 'orders' AS t, id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM orders
	UNION ALL SELECT 'users', id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM users
	UNION ALL SELECT 'items', id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM items);
SELECT kind, state, row_count FROM gray.history;
SELECT id, total, updated FROM orders WHERE user_id = 42 ORDER BY id;

-- changed, deleted, new, and moved to another owner row
SELECT * FROM gray_route(42);
UPDATE v2.users SET name = 'changed' WHERE id = 42;
UPDATE v2.orders SET total = 1000, gift = 'a cup' WHERE id = 41;
UPDATE v2.orders SET updated = 5 WHERE id = 141;  -- its cents must stay
INSERT INTO v2.orders (user_id, total) VALUES (42, 7) RETURNING id, updated;
INSERT INTO v2.items VALUES (1001, 151, 1, 1);
UPDATE v2.items SET order_id = 151 WHERE order_id = 91;
DELETE FROM v2.orders WHERE id = 91;
DELETE FROM v2.items WHERE id = (SELECT min(id) FROM v2.items WHERE order_id = 141);
SELECT * FROM gray_verify(42);
SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT kind, state, row_count FROM gray.history;
SELECT * FROM users WHERE id = 42;
SELECT id, total, updated FROM orders WHERE user_id = 42 ORDER BY id;
SELECT i.* FROM items i JOIN orders o ON o.id = order_id WHERE user_id = 42 ORDER BY id;
SELECT (SELECT count(*) FROM v2.users) AS users, (SELECT count(*) FROM v2.orders) AS orders,
	(SELECT count(*) FROM v2.items) AS items;

-- ids go on from one sequence
INSERT INTO orders (user_id) VALUES (42) RETURNING id;

-- the same unique value, deleted and given anew
SELECT gray_open();
CREATE TABLE labels (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, label text UNIQUE);
INSERT INTO labels (user_id, label) VALUES (42, 'home');
SELECT gray_close();
SELECT gray_clone('labels');
SELECT gray_open();
SELECT * FROM gray_route(42);
DELETE FROM v2.labels;
INSERT INTO v2.labels (user_id, label) VALUES (42, 'home');
SELECT gray_close();
SELECT * FROM gray_route(42);
TABLE labels;

-- the fence goes when nobody is in gray any more
SELECT gray_close();
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '00_pg_gray%' AND tgenabled <> 'D'
	AND tgrelid = 'orders'::regclass;
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
