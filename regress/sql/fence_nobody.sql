-- In production a row may belong to nobody; in gray each has an owner.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
ALTER TABLE items ALTER order_id DROP NOT NULL;
CREATE TABLE labels (id integer PRIMARY KEY, order_id integer REFERENCES orders ON DELETE SET NULL);
CREATE TABLE prints (id integer PRIMARY KEY, label_id integer REFERENCES labels ON DELETE CASCADE);
INSERT INTO labels SELECT id, id FROM orders;
INSERT INTO prints SELECT id, id FROM labels;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(42);
SELECT * FROM gray_route(42);

-- production: rows of nobody, and rows that lead to such
INSERT INTO orders (id, user_id) VALUES (1001, NULL), (1002, NULL);
INSERT INTO items VALUES (1001, 1001, 1, 1), (1002, NULL, 1, 1);
UPDATE orders SET total = 7 WHERE user_id IS NULL;
UPDATE items SET order_id = NULL WHERE id = 1001;
UPDATE items SET order_id = 1001 WHERE id = 1001;
-- from and to somebody; never to one who is on the other side
UPDATE orders SET user_id = 7 WHERE id = 1001;
UPDATE orders SET user_id = NULL WHERE id = 1001;
UPDATE orders SET user_id = 42 WHERE id = 1001;
UPDATE orders SET user_id = NULL WHERE id = 41;
UPDATE items SET order_id = 41 WHERE id = 1001;
UPDATE items SET order_id = NULL WHERE order_id = 41;
DELETE FROM items WHERE id = 1002;

-- gray: by column, by owner path, and what leads to nobody
SET search_path = v2, shop, public;
INSERT INTO orders (id, user_id) VALUES (1003, NULL);
\echo :LAST_ERROR_SQLSTATE
UPDATE orders SET user_id = NULL WHERE id = 41;
INSERT INTO items VALUES (1003, NULL, 1, 1);
UPDATE items SET order_id = NULL WHERE order_id = 41;
COPY orders (id, user_id) FROM stdin;
1003	\N
\.
INSERT INTO orders (id, user_id) VALUES (41, 42) ON CONFLICT (id) DO UPDATE SET user_id = NULL;
MERGE INTO orders o USING (VALUES (41)) AS s (id) ON o.id = s.id WHEN MATCHED THEN UPDATE SET user_id = NULL;
WITH o AS (INSERT INTO orders (id, user_id) VALUES (1003, NULL) RETURNING id)
	INSERT INTO items SELECT 1003, id, 1, 1 FROM o;
-- a reference that would be set to null is a row without an owner, too; one that cascades is not
DELETE FROM orders WHERE id = 41;
BEGIN;
DELETE FROM labels WHERE order_id = 41;
DELETE FROM orders WHERE id = 41;
SELECT count(*) FROM items WHERE order_id = 41;
ROLLBACK;
-- put there behind the fence's back, it can only go
BEGIN;
ALTER TABLE orders DISABLE TRIGGER USER;
INSERT INTO orders (id, user_id) VALUES (1003, NULL);
ALTER TABLE orders ENABLE TRIGGER USER;
SAVEPOINT s;
UPDATE orders SET total = 7 WHERE id = 1003;
ROLLBACK TO s;
INSERT INTO items VALUES (1003, 1003, 1, 1);
ROLLBACK TO s;
INSERT INTO labels VALUES (1003, 1003);
ROLLBACK TO s;
UPDATE orders SET user_id = 42 WHERE id = 1003;
ROLLBACK TO s;
DELETE FROM orders WHERE id = 1003;
COMMIT;

-- owner and owned in one statement: the fence on the owner row decides
WITH o AS (INSERT INTO orders (id, user_id) VALUES (1004, 42) RETURNING id),
	l AS (INSERT INTO labels SELECT 1004, id FROM o RETURNING id)
	INSERT INTO prints SELECT 1004, id FROM l;
WITH p AS (INSERT INTO prints VALUES (1005, 1005)), l AS (INSERT INTO labels VALUES (1005, 1005))
	INSERT INTO orders (id, user_id) VALUES (1005, 7);
WITH i AS (UPDATE items SET quantity = 2 WHERE order_id = 41) UPDATE orders SET user_id = 7 WHERE id = 41;
WITH i AS (DELETE FROM items WHERE order_id = 41), p AS (DELETE FROM prints WHERE label_id = 41),
	l AS (DELETE FROM labels WHERE order_id = 41)
	DELETE FROM orders WHERE id = 41;
SET search_path = shop, public;
WITH o AS (INSERT INTO orders (id, user_id) VALUES (1006, 7) RETURNING id),
	l AS (INSERT INTO labels SELECT 1006, id FROM o RETURNING id)
	INSERT INTO prints SELECT 1006, id FROM l;
WITH p AS (INSERT INTO prints VALUES (1007, 1007)), l AS (INSERT INTO labels VALUES (1007, 1007))
	INSERT INTO orders (id, user_id) VALUES (1007, 42);
WITH i AS (UPDATE items SET quantity = 2 WHERE order_id = 6) UPDATE orders SET user_id = 42 WHERE id = 6;
WITH i AS (DELETE FROM items WHERE order_id = 41), p AS (DELETE FROM prints WHERE label_id = 41),
	l AS (DELETE FROM labels WHERE order_id = 41)
	DELETE FROM orders WHERE id = 41;
WITH i AS (DELETE FROM items WHERE order_id = 6), p AS (DELETE FROM prints WHERE label_id = 6),
	l AS (DELETE FROM labels WHERE order_id = 6)
	DELETE FROM orders WHERE id = 6;
-- deletes that cascade through all levels
DELETE FROM orders WHERE id = 7;
SELECT id, order_id FROM labels WHERE id IN (6, 7);
DELETE FROM labels WHERE id = 41;
DELETE FROM labels WHERE id = 8;

-- the move home finds all of it
SELECT gray_migrate_back(42);
SELECT id, user_id FROM orders WHERE id > 1000 OR id IN (6, 7, 41) ORDER BY id;
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
