-- Least privilege: the gateway's role can route and read the roster, no more.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
-- The tables belong to a role that may refer to products, but not read them.
CREATE ROLE regress_gray_owner;
GRANT USAGE ON SCHEMA shop TO regress_gray_owner;
GRANT REFERENCES ON products TO regress_gray_owner;
ALTER TABLE users OWNER TO regress_gray_owner;
ALTER TABLE orders OWNER TO regress_gray_owner;
ALTER TABLE items OWNER TO regress_gray_owner;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(42);
CREATE ROLE regress_gray_gateway;
SELECT gray_grant('regress_gray_gateway', 'gateway');

SET ROLE regress_gray_gateway;
SELECT release, uid_type, is_open, percent, stuck_side FROM gray.release;
SELECT * FROM gray_roster('v2');
SELECT * FROM gray_changes('1:1:', 'v2');
SELECT * FROM gray_route('42', 'v2');
SELECT gray_state(42);
SELECT gray_migrate_back('42');
SELECT gray_close();
SELECT gray_add_user('7');
SELECT count(*) FROM shop.orders;
SELECT count(*) FROM gray.state_1;
SELECT count(*) FROM gray.incidents;
SELECT count(*) FROM gray.attempts(true);
SELECT count(*) FROM gray.attempts(false);
SELECT count(*) FROM gray.counts();
SELECT count(*) FROM gray.kept_values();
UPDATE gray.release SET percent = 100;
RESET ROLE;

-- functions for everyone
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_gray'
	WHERE has_function_privilege('public', p.oid, 'execute') ORDER BY p.oid::regprocedure::text COLLATE "C";
-- every one has its comment
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_gray'
	WHERE obj_description(p.oid, 'pg_proc') IS NULL;

-- an owner of other tables can't have them cloned by somebody else
CREATE ROLE regress_gray_other;
GRANT EXECUTE ON FUNCTION gray_create_release(name, name), gray_clone(regclass, name, name) TO regress_gray_other;
CREATE TABLE notes (id integer PRIMARY KEY, user_id integer REFERENCES users);
ALTER TABLE notes OWNER TO regress_gray_owner;
GRANT USAGE ON SCHEMA shop TO regress_gray_other;
SELECT gray_close();
SELECT uid, gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on';
SET ROLE regress_gray_other;
\set SHOW_CONTEXT never
SELECT gray_create_release('v3', 'shop');
SELECT gray_clone('shop.notes', release => 'v2');
RESET ROLE;

SELECT gray_open();
-- a move runs as the owner of the tables, with a pinned search_path
CREATE FUNCTION who() RETURNS text LANGUAGE sql AS $$ SELECT current_user || ' ' || current_setting('search_path') $$;
CREATE FUNCTION tell() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', shop.who(); RETURN true; END';
ALTER TABLE v2.users ADD CONSTRAINT tell CHECK (tell());
-- row security does not hide rows from a move
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
SELECT gray_add_user(7);
SELECT * FROM gray_route(7);
SELECT * FROM gray_verify(7);

REVOKE USAGE ON SCHEMA shop FROM regress_gray_other;
REVOKE EXECUTE ON FUNCTION gray_create_release(name, name), gray_clone(regclass, name, name) FROM regress_gray_other;
SELECT gray_revoke('regress_gray_gateway', 'gateway');
DROP ROLE regress_gray_gateway, regress_gray_other;
SELECT gray_close();
SELECT uid, gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on' ORDER BY uid;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP OWNED BY regress_gray_owner;
DROP ROLE regress_gray_owner;
