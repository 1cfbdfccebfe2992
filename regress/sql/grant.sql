-- gray_grant gives a gateway, an operator, a monitor and an application exactly what each needs; and whoever makes,
-- changes or drops what hangs on tables has to be able to act as their owner, whatever else was granted.
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;
CREATE ROLE regress_gray_member IN ROLE regress_gray_owner;
CREATE ROLE regress_gray_gateway;
CREATE ROLE regress_gray_operator;
CREATE ROLE regress_gray_monitor;
CREATE ROLE regress_gray_app;
CREATE ROLE regress_gray_hand;
CREATE ROLE "regress_gray_ Nobody's";
CREATE SCHEMA granted AUTHORIZATION regress_gray_owner;
SET ROLE regress_gray_owner;
CREATE TABLE granted.users (id integer PRIMARY KEY, email text);
CREATE TABLE granted.orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES granted.users);
INSERT INTO granted.users VALUES (1, 'a'), (2, 'b');
RESET ROLE;
-- does it work, or is it refused?  What it does is rolled back.
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
	EXECUTE statement;
	RAISE SQLSTATE 'OK000';
EXCEPTION WHEN SQLSTATE 'OK000' THEN RETURN 'done';
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
		RETURN concat(SQLSTATE, ' ', SQLERRM, E'\n    ' || replace(nullif(hint, ''), session_user::text, 'SUPERUSER'));
END $$;
CREATE FUNCTION attempts(VARIADIC statements text[]) RETURNS SETOF text LANGUAGE sql AS
	'SELECT format(''%s: %s'', s, attempt(s)) FROM unnest(statements) s';
GRANT EXECUTE ON FUNCTION attempt(text), attempts(text[]) TO PUBLIC;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('granted.users', 'id');
SELECT gray_add_user(1);

\echo -- wrong arguments
SELECT attempts($$SELECT gray_grant('regress_gray_nowhere', 'gateway')$$,
	$$SELECT gray_grant('regress_gray_app', 'boss')$$, $$SELECT gray_grant(NULL, 'gateway')$$,
	$$SELECT gray_grant('regress_gray_app', NULL)$$,
	$$SELECT gray_revoke('Regress Nowhere', 'gateway')$$, $$SELECT gray_grant('public', 'gateway')$$);
\echo -- twice does no harm
SELECT gray_grant('regress_gray_gateway', 'gateway'), gray_grant('regress_gray_gateway', 'gateway');
SELECT gray_grant('regress_gray_operator', 'operator');
SELECT gray_grant('regress_gray_monitor', 'monitor');
SELECT gray_grant('regress_gray_app', 'application');
GRANT EXECUTE ON FUNCTION gray_route(text, name), gray_roster(name) TO regress_gray_hand;

\echo -- an operator opens and closes without owning the tables, and does not change them
SET ROLE regress_gray_operator;
SELECT gray_open();
SELECT side, state FROM gray_route('1');
SELECT attempts('SELECT gray_close()', 'SELECT gray_open()', 'SELECT gray_set_percent(1)',
	'SELECT gray_set_stuck_side(''production'')',
	'SELECT gray_add_user(2)', 'SELECT gray_remove_user(1)', 'SELECT gray_state(1)', 'SELECT gray_migrate_back(1)',
	'SELECT gray_discard(1)', 'SELECT FROM gray_verify(1)', 'SELECT FROM gray_check()', 'SELECT FROM gray_diff()',
	'SELECT FROM gray_unique()', 'SELECT FROM gray_roster()', 'SELECT FROM gray.status', 'SELECT FROM gray.kept',
	'SELECT gray_drop_release()', 'SELECT gray_map(''v2.users'', ''email'', ''1'')', 'SELECT gray_enter(1)',
	'SELECT gray_grant(''regress_gray_app'', ''operator'')', 'SELECT FROM gray.state_1',
	'SELECT gray_set_owner(''regress_gray_app'')');
\echo -- a monitor reads the views
SET ROLE regress_gray_monitor;
SELECT release, users_on FROM gray.status;
SELECT attempts('SELECT FROM gray.incidents', 'SELECT FROM gray.history', 'SELECT FROM gray.progress',
	'SELECT FROM gray.kept',
	'SELECT FROM gray_roster()', 'SELECT gray_route(1)');
\echo -- a gateway routes
SET ROLE regress_gray_gateway;
SELECT release, is_open FROM gray.release;
SELECT attempts('SELECT FROM gray_roster()', 'SELECT FROM gray_route(''1'')', 'SELECT gray_migrate_back(1)',
	'SELECT gray_close()',
	'SELECT FROM gray.status');
\echo -- so does one to whom that was granted by hand before the release was opened
SET ROLE regress_gray_hand;
SELECT release, is_open FROM gray.release;
\echo -- an application enters
SET ROLE regress_gray_app;
SET pg_gray.side = 'gray';
SELECT attempts('SELECT gray_enter(1)', 'SELECT gray_set_fence(''skip'')', 'SELECT gray_route(1)',
	'SELECT gray_state(1)', 'SELECT FROM gray.release');
RESET pg_gray.side;
\echo -- EXECUTE alone is not enough
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "regress_gray_ Nobody's";
GRANT USAGE ON SCHEMA granted, v2 TO "regress_gray_ Nobody's";
SET ROLE "regress_gray_ Nobody's";
SELECT attempts('SELECT gray_drop_release()', 'SELECT gray_drop_release(''v2'', true)', 'SELECT gray_open()',
	'SELECT gray_close()',
	'SELECT gray_clone(''granted.users'', ''id'')', 'SELECT FROM gray_clone_tree(''granted.users'', ''id'', true)',
	'SELECT gray_map(''v2.users'', ''email'', ''1'')', 'SELECT gray_set_unique(''granted.users_pkey'', true)',
	'SELECT gray_set_reference(''granted.orders'', ''orders_user_id_fkey'', ''either side'')',
	'SELECT gray_grant(''regress_gray_app'', ''operator'')', 'SELECT gray_revoke(''regress_gray_app'', ''operator'')',
	'SELECT gray_set_owner(''regress_gray_app'')', 'SELECT gray_create_release(''v3'')');
\echo -- a member of the owner is
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO regress_gray_member;
SET ROLE regress_gray_member;
SELECT attempts('SELECT gray_open()', 'SELECT gray_close()',
	'SELECT gray_map(''v2.users'', ''email'', ''''''x'''''')',
	'SELECT gray_grant(''regress_gray_app'', ''operator'')');
RESET ROLE;
SELECT gray_migrate_back(1), gray_close();
SET ROLE regress_gray_member;
SELECT attempt('SELECT gray_drop_release()');
RESET ROLE;

\echo -- what was given is taken; of two kinds, the other one is left
CREATE FUNCTION held(role regrole) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT proname::text FROM pg_proc, aclexplode(proacl) a WHERE a.grantee = role
		AND (proname LIKE 'gray\_%' OR pronamespace = 'gray'::regnamespace)
	UNION SELECT relname::text FROM pg_class, aclexplode(relacl) a WHERE a.grantee = role
	AND relnamespace = 'gray'::regnamespace ORDER BY 1 $$;
SELECT gray_revoke('regress_gray_gateway', 'gateway'), gray_revoke('regress_gray_app', 'application');
SELECT held('regress_gray_gateway'), held('regress_gray_app');
SELECT gray_revoke('regress_gray_operator', 'monitor'), gray_revoke('regress_gray_operator', 'gateway');
SELECT string_agg(h, ' ') FROM held('regress_gray_operator') h;
SELECT gray_grant('regress_gray_operator', 'application'), gray_revoke('regress_gray_operator', 'operator');
SELECT string_agg(h, ' ') FROM held('regress_gray_operator') h;
SELECT gray_grant('regress_gray_monitor', 'gateway'), gray_revoke('regress_gray_monitor', 'monitor');
SELECT string_agg(h, ' ') FROM held('regress_gray_monitor') h;

SELECT gray_drop_release();
\echo -- in a schema of its own
BEGIN;
DROP EXTENSION pg_gray CASCADE;
CREATE SCHEMA own;
CREATE EXTENSION pg_gray SCHEMA own;
SELECT own.gray_grant('regress_gray_app', 'application');
SELECT has_schema_privilege('regress_gray_app', 'own', 'USAGE');
SELECT own.gray_grant('regress_gray_app', 'monitor'), own.gray_revoke('regress_gray_app', 'monitor');
SELECT has_schema_privilege('regress_gray_app', 'own', 'USAGE');
SELECT own.gray_revoke('regress_gray_app', 'application');
SELECT has_schema_privilege('regress_gray_app', 'own', 'USAGE');
ROLLBACK;
DROP SCHEMA granted CASCADE;
DROP FUNCTION held, attempts, attempt;
DROP OWNED BY regress_gray_hand, regress_gray_owner, regress_gray_member, regress_gray_gateway, regress_gray_operator,
	regress_gray_monitor, regress_gray_app,
	"regress_gray_ Nobody's";
DROP ROLE regress_gray_hand, regress_gray_member, regress_gray_owner, regress_gray_gateway, regress_gray_operator,
	regress_gray_monitor, regress_gray_app,
	"regress_gray_ Nobody's";
