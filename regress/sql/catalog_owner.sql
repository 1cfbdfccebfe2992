-- The catalog can belong to a role that is no superuser: it runs the whole life of a release, for tables of roles
-- that it is a member of, and of no others.
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;
CREATE ROLE regress_gray_app;
CREATE ROLE regress_gray_gateway;
CREATE ROLE regress_gray_catalog;
SELECT gray_set_owner('regress_gray_catalog');
GRANT CREATE ON DATABASE :DBNAME TO regress_gray_catalog;
CREATE SCHEMA owned AUTHORIZATION regress_gray_app;
GRANT USAGE ON SCHEMA owned TO regress_gray_catalog;
SET ROLE regress_gray_app;
SET search_path = owned, public;
CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE, number serial);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
	total integer);
CREATE VIEW emails AS SELECT email FROM users;
INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO orders VALUES (1, 1, 10), (2, 2, 20), (3, 3, 30);
RESET ROLE;
-- nothing of the catalog is the superuser's, but the schema, the functions in C, and who the owner is
SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'gray'::regnamespace AND relkind IN ('r', 'v', 'S')
	AND relowner <> 'regress_gray_catalog'::regrole;
SELECT nspowner = session_user::regrole FROM pg_namespace WHERE nspname = 'gray';

SET ROLE regress_gray_catalog;
SELECT gray_create_release('v2');
\echo -- tables of a role that it is no member of
\set VERBOSITY terse
SELECT count(*) FROM gray_clone_tree('users', 'id');
RESET ROLE;
SELECT count(*) FROM gray_clone_tree('users', 'id');
\set VERBOSITY default
GRANT regress_gray_app TO regress_gray_catalog;
\echo -- the whole life
SET ROLE regress_gray_catalog;
SELECT production, gray FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.orders ADD COLUMN gift text;
SELECT gray_map('v2.orders', 'gift', up => '''gift '' || id');
SELECT table_name, object, difference FROM gray_diff();
SELECT severity, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_grant('regress_gray_gateway', 'gateway');
SELECT gray_add_user(1), gray_add_user(2), gray_add_user(3), gray_open();
SET ROLE regress_gray_gateway;
SELECT * FROM gray_roster() ORDER BY uid;
SELECT * FROM gray_route('1');
SELECT * FROM gray_route('2');
SET ROLE regress_gray_catalog;
SELECT * FROM gray_verify(1);
SET ROLE regress_gray_app;
UPDATE v2.orders SET total = total + 1, gift = 'kept' WHERE id = 1;
UPDATE orders SET total = 0 WHERE id = 1;
INSERT INTO users VALUES (4, 'd');
SET ROLE regress_gray_catalog;
SELECT gray_discard(2);
SELECT gray_remove_user(1), gray_remove_user(2);
SET ROLE regress_gray_gateway;
SELECT * FROM gray_route('1');
SET ROLE regress_gray_app;
SELECT id, total FROM orders ORDER BY id;
\echo -- an incident
ALTER TABLE v2.orders ADD CHECK (total < 30);
SET ROLE regress_gray_gateway;
SET client_min_messages = error;
SELECT * FROM gray_route('3');
SET client_min_messages = warning;
SET ROLE regress_gray_catalog;
SELECT uid, state, sqlstate FROM gray.incidents;
SELECT users_failed, users_kept FROM gray.status;
SELECT uid, value FROM gray.kept;
SELECT gray_reset(3), gray_remove_user(3), gray_set_percent(1), gray_set_unique('owned.users_email_key', false);
\echo -- members of the tables' owner, who write the catalog, can't have moves run as anybody else
SET ROLE regress_gray_catalog;
SELECT gray_set_percent(0), gray_close();
RESET ROLE;
BEGIN;
ALTER TABLE owned.users OWNER TO regress_gray_owner;
ALTER TABLE owned.orders OWNER TO regress_gray_owner;
ALTER TABLE v2.users OWNER TO regress_gray_owner;
ALTER TABLE v2.orders OWNER TO regress_gray_owner;
GRANT USAGE ON SCHEMA owned TO regress_gray_owner;
SAVEPOINT before;
SELECT object, problem, hint FROM gray_check() WHERE object ~ 'regress';
ROLLBACK TO before;
SELECT gray_open();
ROLLBACK TO before;
UPDATE gray.release SET is_open = true;
SELECT gray_add_user(2);
\set VERBOSITY terse
SELECT gray_migrate(2);
ROLLBACK;
SET ROLE regress_gray_catalog;
SELECT gray_drop_release(force => true);
SELECT to_regclass('v2.users'), to_regnamespace('v2');
\echo -- who writes the catalog does not come to the tables and schemas of others so
RESET ROLE;
CREATE SCHEMA others AUTHORIZATION regress_gray_owner;
CREATE SCHEMA others_too AUTHORIZATION regress_gray_owner;
GRANT USAGE ON SCHEMA others, others_too TO PUBLIC;
SET ROLE regress_gray_owner;
CREATE TABLE others.secrets (id integer PRIMARY KEY, secret text);
CREATE TABLE others_too.secrets (id integer PRIMARY KEY, secret text);
SET ROLE regress_gray_catalog;
SELECT gray_create_release('v2');
SELECT gray_clone('owned.users', 'id');
UPDATE gray.release_table SET production = 'others.secrets', gray = 'others_too.secrets';
\set VERBOSITY terse
SELECT object, problem FROM gray_check() WHERE object ~ 'regress';
SELECT FROM gray_verify(1);
SELECT gray_map('others_too.secrets', 'secret', 'secret');
SELECT gray_drop_release();
DELETE FROM gray.release_table;
UPDATE gray.release SET gray_schema = 'others', schema_created = true;
SELECT gray_drop_release();
SELECT gray_clone('owned.users', 'id');
RESET ROLE;
DROP TABLE others.secrets;
SET ROLE regress_gray_catalog;
SELECT gray_drop_release();
UPDATE gray.release SET gray_schema = 'v2';
RESET ROLE;
SELECT gray_drop_release();
SELECT nspname FROM pg_namespace WHERE nspname IN ('others', 'others_too', 'v2') ORDER BY 1;
DROP SCHEMA others, others_too, v2 CASCADE;
\echo -- a schema that a superuser makes for it is its own
SELECT gray_create_release('v2');
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'v2';
SELECT gray_drop_release();
SET ROLE regress_gray_catalog;
\echo -- handed over by superusers alone, and back
SELECT gray_set_owner('regress_gray_catalog');
UPDATE gray.catalog_owner SET role = 'x';
RESET ROLE;
SELECT gray_set_owner('regress_gray_nobody');
SELECT gray_set_owner(NULL);
\echo -- what its owner has put into the catalog runs as nobody else, unless that was said
SET ROLE regress_gray_catalog;
CREATE FUNCTION gray.mine() RETURNS name LANGUAGE sql SECURITY DEFINER RETURN current_user;
CREATE FUNCTION gray.trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'as %', current_user; END $$;
CREATE TRIGGER trap BEFORE INSERT ON gray.release EXECUTE FUNCTION gray.trap();
ALTER SCHEMA gray RENAME TO gray_hidden;
RESET ROLE;
\set VERBOSITY default
SELECT gray_set_owner('regress_gray_owner');
\set VERBOSITY sqlstate
SELECT gray_set_owner(session_user);
\set VERBOSITY terse
SET ROLE regress_gray_catalog;
DROP FUNCTION gray.trap CASCADE;
RESET ROLE;
DO $$ BEGIN EXECUTE format('GRANT %I TO regress_gray_catalog', session_user); END $$;
SELECT gray_set_owner(session_user);
DO $$ BEGIN EXECUTE format('REVOKE %I FROM regress_gray_catalog', session_user); END $$;
SELECT proowner::regrole FROM pg_proc WHERE proname = 'mine' AND pronamespace = 'gray'::regnamespace;
SELECT count(*) FROM pg_proc, aclexplode(proacl) a WHERE a.grantee = 'regress_gray_catalog'::regrole
	AND pronamespace = 'gray'::regnamespace AND proname <> 'mine';
SELECT has_schema_privilege('regress_gray_catalog', 'gray', 'CREATE');

DROP SCHEMA owned CASCADE;
SELECT gray_revoke('regress_gray_gateway', 'gateway');
DROP OWNED BY regress_gray_catalog, regress_gray_app, regress_gray_owner, regress_gray_gateway;
DROP ROLE regress_gray_catalog, regress_gray_app, regress_gray_owner, regress_gray_gateway;
