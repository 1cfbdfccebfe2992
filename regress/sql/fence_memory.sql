-- A transaction checks each user once, and forgets what it rolls back.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(42);
-- users locked by this transaction, and states that it has read
CREATE VIEW fence AS SELECT
	(SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND objsubid = 7001 AND mode = 'ShareLock') AS locks,
	(SELECT idx_scan FROM pg_stat_xact_all_tables WHERE schemaname = 'gray' AND relname LIKE 'state%') AS reads;

-- many rows of two users, in many statements
BEGIN;
SELECT reads AS before FROM fence \gset
UPDATE orders SET total = 1 WHERE user_id IN (7, 8);
UPDATE orders SET total = 2 WHERE user_id = 7;
UPDATE users SET name = 'x' WHERE id = 8;
INSERT INTO items SELECT 1000 + i, 6, 1, 1 FROM generate_series(1, 10) i;
SELECT locks, reads - :before AS reads FROM fence;
ROLLBACK;
-- gray_enter reads the memory, and fills it; the release's own tables it has to ask each time
BEGIN;
SELECT reads AS before FROM fence \gset
SELECT gray_enter(7);
UPDATE orders SET total = 1 WHERE user_id = 7;
SELECT gray_enter(7);
SELECT locks, reads - :before AS reads FROM fence;
COMMIT;
SELECT locks FROM fence;

-- what a subtransaction learnt goes with it
BEGIN;
SELECT reads AS before FROM fence \gset
UPDATE orders SET total = 1 WHERE user_id = 7;
SAVEPOINT a;
UPDATE orders SET total = 1 WHERE user_id = 8;
SELECT locks, reads - :before AS reads FROM fence;
ROLLBACK TO a;
SELECT locks FROM fence;
UPDATE orders SET total = 1 WHERE user_id IN (7, 8);
SELECT locks, reads - :before AS reads FROM fence;
COMMIT;
-- or to its parent
BEGIN;
SELECT reads AS before FROM fence \gset
SAVEPOINT a;
SAVEPOINT b;
SAVEPOINT c;
UPDATE orders SET total = 1 WHERE user_id = 7;
RELEASE c;
RELEASE b;
SAVEPOINT b;
ROLLBACK TO b;
UPDATE orders SET total = 1 WHERE user_id = 7;
SELECT locks, reads - :before AS reads FROM fence;
SAVEPOINT d;
UPDATE orders SET total = 1 WHERE user_id = 8;
RELEASE d;
UPDATE orders SET total = 1 WHERE user_id IN (7, 8);
SELECT locks, reads - :before AS reads FROM fence;
ROLLBACK TO a;
SELECT locks FROM fence;
UPDATE orders SET total = 1 WHERE user_id IN (7, 8);
SELECT locks FROM fence;
COMMIT;
-- more users than a few, some of them rolled back
BEGIN;
DO $$
BEGIN
	FOR i IN 1 .. 40 LOOP
		BEGIN
			UPDATE orders SET total = 1 WHERE user_id = i;
			IF i % 2 = 0 THEN RAISE 'even'; END IF;
		EXCEPTION WHEN raise_exception THEN NULL;
		END;
	END LOOP;
END $$;
SELECT locks FROM fence;
UPDATE orders SET total = 1 WHERE user_id <= 40;
SELECT locks FROM fence;
COMMIT;

-- A cursor that was opened outside and fails inside does not take the locks of what it wrote before with it.
CREATE FUNCTION write_for(uid integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	UPDATE orders SET total = 1 WHERE user_id = uid;
	RETURN uid / (9 - uid);
END $$;
BEGIN;
DECLARE writer CURSOR FOR SELECT write_for(u) FROM generate_series(7, 9) u;
FETCH writer;
SAVEPOINT a;
FETCH writer;
FETCH writer;
ROLLBACK TO a;
SELECT locks FROM fence;
COMMIT;

-- A move in the same transaction is seen, and so is that it was rolled back.
BEGIN;
UPDATE orders SET total = 5 WHERE id = 41;
SAVEPOINT a;
SELECT * FROM gray_route(42);
INSERT INTO v2.orders (id, user_id) VALUES (1001, 42);
SAVEPOINT b;
UPDATE orders SET total = 5 WHERE id = 41;
ROLLBACK TO a;
UPDATE orders SET total = 5 WHERE id = 41;
SAVEPOINT c;
INSERT INTO v2.users (id, name) VALUES (42, 'x');
ROLLBACK TO c;
SELECT * FROM gray_route(42);
UPDATE v2.orders SET total = 6 WHERE id = 41;
SAVEPOINT d;
SELECT gray_migrate_back(42);
UPDATE orders SET total = 7 WHERE id = 41;
ROLLBACK TO d;
UPDATE v2.orders SET total = 7 WHERE id = 41;
UPDATE orders SET total = 7 WHERE id = 41;
ROLLBACK;

SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
