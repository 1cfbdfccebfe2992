-- pg_gray.fence = skip leaves rows alone whose owner's data is on the other side.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TABLE visits (day integer NOT NULL, user_id integer REFERENCES users, page text) PARTITION BY RANGE (day);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM (0) TO (10);
CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM (10) TO (20);
INSERT INTO visits SELECT i % 20, i, 'home' FROM generate_series(1, 50) i;
CREATE TABLE gifts (
	id integer PRIMARY KEY, giver integer NOT NULL REFERENCES users,
	taker integer REFERENCES users ON DELETE CASCADE
);
ALTER TABLE visits ADD PRIMARY KEY (day, user_id);
INSERT INTO gifts VALUES (1, 42, 9);
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
SELECT gray_clone('orders', 'user_id');
SELECT gray_clone('items');
SELECT gray_clone('visits', 'user_id');
SELECT gray_clone('gifts', 'giver');
ALTER TABLE v2.gifts DROP CONSTRAINT gifts_taker_fkey;
SELECT gray_open();
SELECT gray_add_user(41), gray_add_user(42);
SELECT * FROM gray_route(41);
SELECT * FROM gray_route(42);

-- an application's triggers: do not run for rows that are left alone, but may change what is written
CREATE TABLE seen (what text, id integer);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO seen VALUES (TG_OP, CASE TG_OP WHEN 'INSERT' THEN NEW.id ELSE OLD.id END);
	IF NEW.total = 666 THEN NEW.user_id := 42; END IF; RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$;
CREATE TRIGGER a_see BEFORE INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION see();

SHOW pg_gray.fence;
SET pg_gray.fence = 'none';
UPDATE users SET name = 'all';
SET pg_gray.fence = 'skip';
\set QUIET off
UPDATE users SET name = 'all';
UPDATE orders SET total = 5 WHERE user_id IN (7, 42);
SELECT what, orders.id, user_id FROM seen JOIN orders USING (id) ORDER BY id;
TRUNCATE seen;
-- by owner path, partitions with and without row movement, CTEs
UPDATE items SET quantity = 5;
UPDATE visits SET page = 'all';
UPDATE visits SET day = (day + 10) % 20;
DELETE FROM visits WHERE user_id > 40;
WITH i AS (DELETE FROM items WHERE order_id IN (40, 41) RETURNING 1),
	u AS (UPDATE users SET name = 'cte' WHERE id > 40 RETURNING 1)
	SELECT (SELECT count(*) FROM i) AS items, (SELECT count(*) FROM u) AS users;
DELETE FROM orders WHERE user_id IN (8, 41);
-- the new row's owner: in an INSERT, in an UPDATE that gives a row away
INSERT INTO orders (id, user_id, total) VALUES (1001, 7, 1), (1002, 42, 1), (1003, NULL, 1), (1004, 7, 666)
	RETURNING id, user_id;
INSERT INTO items SELECT 1000 + id, id, 1, 1 FROM orders WHERE id IN (39, 41, 1001);
UPDATE orders SET user_id = CASE id WHEN 1001 THEN 42 ELSE 9 END WHERE id IN (1001, 1003);
UPDATE orders SET total = 666 WHERE id = 1001;
SELECT id, user_id, total FROM orders WHERE id > 1000 ORDER BY id;
INSERT INTO users (id, name) VALUES (9, 'x'), (42, 'x') ON CONFLICT (id) DO UPDATE SET name = 'conflict';
INSERT INTO users (id, name) VALUES (9, 'x'), (42, 'x') ON CONFLICT DO NOTHING;
MERGE INTO users u USING generate_series(41, 44) i ON u.id = i
	WHEN MATCHED AND i < 44 THEN UPDATE SET name = 'merge'
	WHEN MATCHED THEN DO NOTHING;
SELECT id, name FROM users WHERE id IN (9, 41, 42, 43, 44) ORDER BY id;
-- statements of functions, prepared ones, and EXPLAIN
DO $$ BEGIN UPDATE users SET name = 'do' WHERE id > 40; END $$;
PREPARE p AS UPDATE users SET name = 'prepared' WHERE id > 41;
EXECUTE p;
SET pg_gray.fence = 'check';
EXECUTE p;
SET pg_gray.fence = 'skip';
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE p;

-- nothing gets through: what comes by other ways is refused
INSERT INTO visits VALUES (11, 7, 'routed');
INSERT INTO visits VALUES (11, 41, 'routed');
INSERT INTO visits_2 VALUES (12, 41, 'direct');
COPY orders (id, user_id) FROM stdin;
2001	42
\.
TRUNCATE visits;
-- a foreign key's own action on a row of somebody else
DELETE FROM orders WHERE user_id = 9;
DELETE FROM visits WHERE user_id = 9;
DELETE FROM users WHERE id = 9;
SELECT count(*) FROM gifts;
-- in gray, the same the other way round
SET search_path = v2, shop, public;
INSERT INTO users (id, name) VALUES (7, 'x'), (43, 'x');
INSERT INTO orders (id, user_id) VALUES (1005, 7), (1006, 42);
INSERT INTO orders (id, user_id) VALUES (1007, NULL);
UPDATE users SET name = 'gray';
SET search_path = shop, public;
-- a transaction of many users
BEGIN;
SET LOCAL pg_gray.max_user_locks = 3;
UPDATE users SET name = 'many';
SELECT objsubid, mode, count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
	GROUP BY 1, 2 ORDER BY 1;
COMMIT;
\set QUIET on
-- a trigger that only looks like the fence
CREATE TRIGGER "00_pg_gray_fence" BEFORE UPDATE ON seen FOR EACH ROW
	EXECUTE FUNCTION suppress_redundant_updates_trigger();
UPDATE seen SET what = what;
DROP TRIGGER "00_pg_gray_fence" ON seen;
CREATE TRIGGER "00_pg_gray_fence" AFTER INSERT ON seen FOR EACH ROW EXECUTE FUNCTION gray.fence();
INSERT INTO seen VALUES ('x', 1);
DROP TRIGGER "00_pg_gray_fence" ON seen;
CREATE TRIGGER "00_pg_gray_fence" AFTER INSERT ON seen FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'gray');
INSERT INTO seen VALUES ('x', 1);
DROP TRIGGER "00_pg_gray_fence" ON seen;

-- moves and the closed release are as always
SELECT gray_migrate_back(41);
SELECT id, name FROM users WHERE id IN (41, 42) ORDER BY id;
SELECT gray_close();
SELECT gray_migrate_back(42);
SELECT gray_close();
UPDATE users SET name = 'closed';
SELECT gray_drop_release();
RESET pg_gray.fence;
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
