-- The functions behind our triggers do nothing, and lock nobody, for a trigger that is another's, or on another table.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
CREATE TABLE parts (id integer PRIMARY KEY, user_id integer REFERENCES users) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);

-- what a statement raises, and which of our locks its transaction would hold
CREATE FUNCTION try(definition text, statement text, victim regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
	held text;
BEGIN
	EXECUTE definition;
	BEGIN
		EXECUTE statement;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
		held := format(E'%s %s\n  hint: %s', SQLSTATE, SQLERRM, hint);
	END;
	-- without an error, its locks are still there
	EXECUTE 'DROP TRIGGER ' || split_part(definition, ' ', 3) || ' ON ' || victim;
	RETURN coalesce(held, 'no error') || (
		SELECT coalesce(string_agg(format(E'\n  lock: %s %s', objsubid, mode), ''), '') FROM pg_locks
		WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND objsubid > 7000);
END $$;
CREATE TEMP TABLE own (id integer, user_id integer);
CREATE TEMP TABLE state_1 (uid integer);
\pset tuples_only on
\pset format unaligned
-- a table of one's own
SELECT try($$CREATE TRIGGER x BEFORE TRUNCATE ON own EXECUTE FUNCTION gray.fence_truncate('v2', 'gray')$$,
	'TRUNCATE own', 'own');
SELECT try($$CREATE TRIGGER "00_pg_gray_fence_truncate" BEFORE TRUNCATE ON own
	EXECUTE FUNCTION gray.fence_truncate('v2', 'gray')$$, 'TRUNCATE own', 'own');
SELECT try($$CREATE TRIGGER x AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'gray')$$,
	'INSERT INTO own VALUES (1, 1)', 'own');
SELECT try($$CREATE TRIGGER "00_pg_gray_fence" AFTER INSERT ON own FOR EACH ROW
	EXECUTE FUNCTION gray.fence('v2', 'gray')$$, 'INSERT INTO own VALUES (1, 1)', 'own');
INSERT INTO own VALUES (1, 1);
SELECT try($$CREATE TRIGGER x AFTER DELETE ON own FOR EACH ROW EXECUTE FUNCTION gray.shared('v2')$$,
	'DELETE FROM own', 'own');
SELECT try($$CREATE TRIGGER lock_user BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION gray.lock_user('1')$$,
	'INSERT INTO own VALUES (42)', 'own');
SELECT try('CREATE TRIGGER lock_user BEFORE INSERT ON state_1 FOR EACH ROW EXECUTE FUNCTION gray.lock_user(''1'')',
	'INSERT INTO pg_temp.state_1 VALUES (42)', 'state_1');
SELECT try($$CREATE TRIGGER changed AFTER INSERT ON own EXECUTE FUNCTION gray.registry_changed()$$,
	'INSERT INTO own VALUES (42)', 'own');
-- one beside a table of the release, and its partition
SELECT try($$CREATE TRIGGER "00_pg_gray_fence_truncate" BEFORE TRUNCATE ON parts
	EXECUTE FUNCTION gray.fence_truncate('v2', 'production')$$,
	'TRUNCATE parts', 'parts');
SELECT try($$CREATE TRIGGER "00_pg_gray_fence_truncate" BEFORE TRUNCATE ON parts_1
	EXECUTE FUNCTION gray.fence_truncate('v2', 'production')$$,
	'TRUNCATE parts_1', 'parts_1');
-- a table of the release: another trigger, and another side's
SELECT try($$CREATE TRIGGER x AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'production')$$,
	'INSERT INTO orders (id, user_id) VALUES (9001, 42)', 'orders');
SELECT try($$CREATE TRIGGER x BEFORE TRUNCATE ON items EXECUTE FUNCTION gray.fence_truncate('v2', 'gray')$$,
	'TRUNCATE items', 'items');
DROP TRIGGER "00_pg_gray_fence_truncate" ON items;
SELECT try($$CREATE TRIGGER "00_pg_gray_fence_truncate" BEFORE TRUNCATE ON items
	EXECUTE FUNCTION gray.fence_truncate('v2', 'gray')$$,
	'TRUNCATE items', 'items');
SELECT gray_open();
-- moves fire ours alone, by whatever name
\pset tuples_only off
CREATE FUNCTION speak() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'fired'; END$$;
CREATE TRIGGER "00_pg_gray_shared_1" AFTER INSERT OR DELETE ON v2.users FOR EACH ROW EXECUTE FUNCTION speak();
SELECT gray_add_user(42), gray_migrate(42), gray_migrate_back(42), gray_remove_user(42);
DROP TRIGGER "00_pg_gray_shared_1" ON v2.users;

-- nobody keeps more than a few users by gray_enter, made up or not
SELECT gray_close();
SET pg_gray.max_user_locks = 3;
BEGIN;
SELECT gray_enter(i) FROM generate_series(1000001, 1000003) i;
SAVEPOINT a;
SELECT gray_enter('1000004');
ROLLBACK TO a;
SELECT gray_enter('1000003');
SELECT gray_enter(42);
ROLLBACK;
-- one who writes rows of more has the lock of all users already
SELECT gray_open();
BEGIN;
UPDATE users SET name = name;
SELECT gray_enter(1000004);
SELECT objsubid, mode, count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
	GROUP BY 1, 2 ORDER BY 1;
ROLLBACK;
RESET pg_gray.max_user_locks;
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
