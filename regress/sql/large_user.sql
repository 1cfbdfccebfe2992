-- A user whose rows fill the gray tables: found by reading these as a whole, and
-- planned for by itself.  Others are in gray, too.
SET client_min_messages = warning;
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, total integer);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, quantity integer);
CREATE INDEX ON orders (user_id);
CREATE INDEX ON items (order_id);
INSERT INTO users VALUES (1, 'large'), (2, 'small'), (3, 'other');
INSERT INTO orders SELECT i, CASE WHEN i <= 3000 THEN 1 WHEN i <= 3010 THEN 2 ELSE 3 END, i
	FROM generate_series(1, 3020) i;
INSERT INTO items SELECT i, (i + 1) / 2, 1 FROM generate_series(1, 6040) i;
CREATE EXTENSION IF NOT EXISTS pg_gray SCHEMA public;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_set_percent(100), gray_open();
CREATE TABLE before AS SELECT 'orders' AS t, id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM orders
	UNION ALL SELECT 'items', id, ctid, xmin::text, xmax::text FROM items;
CREATE VIEW written AS SELECT b.t, count(*) FROM before b WHERE NOT EXISTS (
	SELECT FROM (SELECT 'orders' AS t, id, ctid AS at, xmin::text AS born, xmax::text AS gone FROM orders
		UNION ALL SELECT 'items', id, ctid, xmin::text, xmax::text FROM items) n
	WHERE (n.t, n.id, n.at, n.born, n.gone) = (b.t, b.id, b.at, b.born, b.gone)) GROUP BY b.t ORDER BY b.t;
CREATE VIEW in_gray AS SELECT (SELECT count(*) FROM v2.users) AS users, (SELECT count(*) FROM v2.orders) AS orders,
	(SELECT count(*) FROM v2.items) AS items;
SELECT gray_migrate(i) FROM generate_series(2, 3) i;

-- nothing changed
SELECT gray_migrate(1);
TABLE in_gray;
SELECT gray_migrate_back(1);
TABLE written;
TABLE in_gray;

-- a little: written are the rows that changed and no others
SELECT gray_migrate(1);
UPDATE v2.orders SET total = -1 WHERE id IN (5, 2999);
UPDATE v2.items SET quantity = quantity WHERE id = 77;
INSERT INTO v2.items VALUES (10001, 2999, 9);
UPDATE v2.orders SET total = -3 WHERE id = 3001; -- the small user's
SELECT gray_migrate_back(1);
TABLE written;
TABLE in_gray;
SELECT * FROM orders WHERE total < 0 ORDER BY id;
SELECT * FROM items WHERE quantity > 1 ORDER BY id;

-- deleted, and given to another user who is in gray
SELECT gray_migrate(1);
DELETE FROM v2.items WHERE order_id BETWEEN 10 AND 19;
DELETE FROM v2.orders WHERE id BETWEEN 10 AND 19;
UPDATE v2.orders SET user_id = 2 WHERE id = 20;
SELECT gray_migrate_back(1);
SELECT count(*) FROM orders WHERE user_id = 1;
SELECT count(*) FROM items WHERE order_id BETWEEN 10 AND 20;
TABLE in_gray;
SELECT gray_migrate_back(2);
SELECT count(*) FROM orders WHERE user_id = 2;
SELECT * FROM items WHERE order_id = 20 ORDER BY id;

-- all of it
SELECT gray_migrate(1);
UPDATE v2.items SET quantity = 100 WHERE order_id <= 3000;
SELECT gray_migrate_back(1);
SELECT count(*), sum(quantity) FROM items WHERE order_id <= 3000;
SELECT kind, uid, state, row_count FROM gray.history ORDER BY started;
TABLE in_gray;
SELECT * FROM gray_verify(3);

SELECT gray_migrate_back(3);
SELECT gray_close();
DROP VIEW in_gray;
SELECT gray_drop_release();
DROP SCHEMA shop CASCADE;
