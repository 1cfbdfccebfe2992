-- While a release is open, no write gets to the side where the data is not.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
-- before gray_open production has no trigger of ours
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '00_pg_gray%';
SELECT gray_open();
SELECT gray_add_user(42);
SELECT * FROM gray_route(42);
UPDATE orders SET total = 5 WHERE id = 41;
\echo :LAST_ERROR_SQLSTATE

-- production, of a moved user
INSERT INTO orders (user_id) VALUES (42);
DELETE FROM items WHERE order_id = 41;
INSERT INTO items VALUES (1001, 41, 1, 1);
UPDATE users SET name = 'x' WHERE id = 42;
DELETE FROM users WHERE id = 42;
-- by another user's row that is given away, and by one that is taken
UPDATE orders SET user_id = 42 WHERE id = 1;
UPDATE orders SET user_id = 2 WHERE id = 41;
UPDATE items SET order_id = 41 WHERE id = 1;
UPDATE items SET order_id = 2 WHERE order_id = 41;
-- all at once
UPDATE orders SET total = 0;
TRUNCATE items;
COPY orders (user_id) FROM stdin;
42
\.
INSERT INTO users (id, name) VALUES (42, 'x') ON CONFLICT (id) DO UPDATE SET name = 'x';
MERGE INTO orders o USING (VALUES (41)) AS s (id) ON o.id = s.id WHEN MATCHED THEN DELETE;
WITH gone AS (DELETE FROM items WHERE order_id = 41 RETURNING id) SELECT count(*) FROM gone;
-- a cascade, from the owner row down
DELETE FROM orders WHERE id = 41;

-- production, of others, of nobody, and of an owner written in the same statement
UPDATE orders SET total = 5 WHERE user_id = 7;
DELETE FROM orders WHERE id = 2;
INSERT INTO orders (id, user_id) VALUES (1001, NULL);
INSERT INTO items VALUES (1002, 1001, 1, 1);
WITH o AS (INSERT INTO orders (id, user_id) VALUES (1002, 7) RETURNING id)
	INSERT INTO items SELECT 1003, 1002, 1, 1;
SELECT count(*) FROM items WHERE id IN (1002, 1003);

-- gray, of the moved user and of others
UPDATE v2.orders SET total = 6 WHERE id = 41;
INSERT INTO v2.items VALUES (1004, 41, 1, 1);
DELETE FROM v2.orders WHERE id = 141;
SELECT count(*) FROM v2.items WHERE order_id = 141;
INSERT INTO v2.users (id, name) VALUES (7, 'x');
UPDATE v2.orders SET user_id = 7 WHERE id = 41;

-- a refused write leaves its savepoint usable, and the lock is let go
BEGIN;
SAVEPOINT s;
UPDATE orders SET total = 5 WHERE id = 41;
ROLLBACK TO s;
UPDATE orders SET total = 5 WHERE user_id = 7;
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 7001;
COMMIT;

-- an application's BEFORE trigger that changes the owner is seen
CREATE FUNCTION steal() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.user_id := 42; RETURN NEW; END';
CREATE TRIGGER zz_steal BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION steal();
INSERT INTO orders (user_id) VALUES (7);
DROP TRIGGER zz_steal ON orders;

-- closed with somebody in gray, the fence stays; with nobody, it goes
SELECT gray_close();
UPDATE orders SET total = 5 WHERE id = 41;
SELECT * FROM gray_route(42);
UPDATE orders SET total = 5 WHERE id = 41;
INSERT INTO v2.users (id, name) VALUES (7, 'x');
SELECT gray_close();
SELECT tgrelid::regclass, tgenabled FROM pg_trigger WHERE tgname = '00_pg_gray_fence'
	ORDER BY tgrelid::regclass::text COLLATE "C";
-- where nobody's data is, nobody may write
INSERT INTO v2.users (id, name) VALUES (7, 'x');
TRUNCATE items;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
