-- What decides over other people's data, or holds up their moves, is no setting of everybody's: pg_gray.back_strategy
-- and pg_gray.max_user_locks are for superusers, and for those to whom one has granted them.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE ROLE regress_gray_gateway;
GRANT EXECUTE ON FUNCTION gray_route(text, name) TO regress_gray_gateway;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.users DROP COLUMN email;
SELECT gray_add_user(1), gray_add_user(2), gray_open();
SELECT gray_route(1), gray_route(2);
SELECT gray_remove_user(1), gray_remove_user(2);
SELECT name, context FROM pg_settings WHERE name LIKE 'pg\_gray.%' ORDER BY name COLLATE "C";

SET ROLE regress_gray_gateway;
SET pg_gray.back_strategy = 'replace';
SET pg_gray.max_user_locks = 0;
SELECT set_config('pg_gray.max_user_locks', '0', true);
ALTER ROLE regress_gray_gateway SET pg_gray.back_strategy = 'replace';
CREATE FUNCTION pg_temp.replace() RETURNS text LANGUAGE sql SET pg_gray.back_strategy = 'replace'
	AS 'SELECT public.gray_route(''1'')::text';
SHOW pg_gray.back_strategy;
SHOW pg_gray.max_user_locks;

-- nor when it is said before the session has the library, which then forgets it
\c -
SET ROLE regress_gray_gateway;
SET pg_gray.back_strategy = 'replace';
SET pg_gray.max_user_locks = 0;
BEGIN;
SET LOCAL pg_gray.back_strategy = 'replace';
SELECT gray_route('1');
SHOW pg_gray.back_strategy;
SHOW pg_gray.max_user_locks;
COMMIT;
\c -
SET ROLE regress_gray_gateway;
ALTER ROLE regress_gray_gateway SET pg_gray.back_strategy = 'replace';
CREATE FUNCTION pg_temp.replace() RETURNS text LANGUAGE sql SET pg_gray.back_strategy = 'replace'
	AS 'SELECT public.gray_route(''2'')::text';
RESET ROLE;
SELECT id, email FROM shop.users WHERE id <= 2 ORDER BY id;

-- granted
GRANT SET ON PARAMETER pg_gray.back_strategy TO regress_gray_gateway;
SET ROLE regress_gray_gateway;
SET pg_gray.back_strategy = 'replace';
SHOW pg_gray.back_strategy;
SET pg_gray.max_user_locks = 0;
RESET pg_gray.back_strategy;
RESET ROLE;
REVOKE SET ON PARAMETER pg_gray.back_strategy FROM regress_gray_gateway;

SELECT gray_close();
SELECT uid, gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on' ORDER BY uid;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS v2 CASCADE;
DROP SCHEMA shop CASCADE;
DROP OWNED BY regress_gray_gateway;
DROP ROLE regress_gray_gateway;
