-- Bad input gets a clear error, and changes nothing.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
\pset tuples_only on
CREATE FUNCTION sqlstate_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN format(E'%s  %s\n  hint: %s', SQLSTATE, SQLERRM, hint);
END $$;
\pset format unaligned
-- releases
SELECT sqlstate_of($$SELECT gray_open()$$);
SELECT sqlstate_of($$SELECT gray_create_release(NULL)$$);
SELECT sqlstate_of($$SELECT gray_create_release('two words')$$);
SELECT sqlstate_of($$SELECT gray_create_release('gray')$$);
SELECT sqlstate_of($$SELECT gray_create_release('v2', 'pg_catalog')$$);
SELECT gray_create_release('v2');
SELECT sqlstate_of($$SELECT gray_create_release('v2')$$);
SELECT sqlstate_of($$SELECT gray_create_release('v3', 'v2')$$);
SELECT sqlstate_of($$SELECT gray_open()$$);
SELECT sqlstate_of($$SELECT gray_add_user(1)$$);
SELECT sqlstate_of($$SELECT gray_open('v9')$$);
SELECT gray_create_release('v3');
SELECT sqlstate_of($$SELECT gray_open()$$);
SELECT gray_drop_release('v3');
SELECT count(*) FROM gray_clone_tree('users', 'id');
-- uids
SELECT sqlstate_of($$SELECT gray_route('abc')$$);
SELECT sqlstate_of($$SELECT gray_route('')$$);
SELECT sqlstate_of($$SELECT gray_route(99999999999)$$);
SELECT sqlstate_of($$SELECT gray_route(NULL)$$);
SELECT sqlstate_of($$SELECT gray_route(NULL::integer)$$);
SELECT sqlstate_of($$SELECT gray_add_user('1.5')$$);
SELECT sqlstate_of($$SELECT gray_enter('4 2')$$);
SELECT sqlstate_of(format('SELECT gray_route(%L)', repeat('0', 998) || '42'));
SELECT sqlstate_of(format('SELECT gray_route(%L)', repeat('0', 999) || '42'));
SELECT sqlstate_of(format('SELECT gray_route(%L)', repeat('9', 10000000)));
-- cohort
SELECT sqlstate_of($$SELECT gray_set_percent(101)$$);
SELECT sqlstate_of($$SELECT gray_set_percent(-1)$$);
SELECT sqlstate_of($$SELECT gray_set_percent('NaN')$$);
SELECT sqlstate_of($$SELECT gray_set_percent(NULL)$$);
SELECT sqlstate_of($$SELECT gray_set_stuck_side(NULL)$$);
-- moves
SELECT sqlstate_of($$SELECT gray_migrate(42)$$);
SELECT gray_open();
SELECT sqlstate_of($$SELECT gray_migrate(42)$$);
SELECT sqlstate_of($$SELECT gray_reset(42)$$);
SELECT sqlstate_of($$SELECT gray_discard(42)$$);
SELECT gray_migrate_back(42);
SELECT gray_add_user(42);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT sqlstate_of($$SELECT gray_route(42)$$);
COMMIT;
BEGIN READ ONLY;
SELECT sqlstate_of($$SELECT gray_route(42)$$);
COMMIT;
-- the functions behind triggers
CREATE TABLE stray (id integer);
CREATE TRIGGER a AFTER INSERT ON stray FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'production');
SELECT sqlstate_of($$INSERT INTO stray VALUES (1)$$);
DROP TRIGGER a ON stray;
CREATE TRIGGER a BEFORE INSERT ON stray FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'production');
SELECT sqlstate_of($$INSERT INTO stray VALUES (1)$$);
-- nothing has happened
SELECT * FROM gray_roster();
SELECT count(*) FROM gray.history;
SELECT gray_close();
-- rows in gray that are nobody's are not thrown away
ALTER TABLE v2.users DISABLE TRIGGER USER;
INSERT INTO v2.users (name) VALUES ('stray');
ALTER TABLE v2.users ENABLE TRIGGER USER;
SELECT sqlstate_of($$SELECT gray_drop_release()$$);
TRUNCATE v2.users, v2.orders, v2.items;
CREATE VIEW v2.kept AS SELECT 1 AS one;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA v2 CASCADE;
DROP SCHEMA shop CASCADE;
