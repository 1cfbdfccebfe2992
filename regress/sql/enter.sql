-- gray_enter keeps a user on the session's side, reads included.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_enter(42);
SELECT gray_open();
SELECT gray_add_user(42);

BEGIN;
SELECT gray_enter(42), gray_enter('7');
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 7001 AND mode = 'ShareLock';
COMMIT;
SET search_path = v2, shop, public;
SELECT gray_enter(42);

SELECT * FROM gray_route(42);
SELECT gray_enter('042');
SELECT gray_enter(7);
SET search_path = shop, public;
SELECT gray_enter(42);
SELECT gray_enter(7);

-- an application may call it, and learns no more than that; others nothing
CREATE ROLE regress_gray_app;
GRANT USAGE ON SCHEMA shop, v2 TO regress_gray_app;
SET ROLE regress_gray_app;
SELECT gray_enter(42);
RESET ROLE;
SELECT gray_grant('regress_gray_app', 'application');
SET ROLE regress_gray_app;
SELECT gray_enter(7);
SELECT gray_enter(42);
SELECT gray_state(42);
RESET ROLE;
SELECT gray_revoke('regress_gray_app', 'application');
REVOKE USAGE ON SCHEMA shop, v2 FROM regress_gray_app;
DROP ROLE regress_gray_app;

SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
