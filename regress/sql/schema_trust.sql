-- Nobody but who can act as the owner of the tables may put functions, operators or types into the gray schema:
-- there version 2, and what is cloned, look for them first.
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;
CREATE ROLE regress_gray_member IN ROLE regress_gray_owner;
CREATE ROLE "regress_gray_ Stranger";
CREATE ROLE regress_gray_maker;
GRANT CREATE ON DATABASE :DBNAME TO "regress_gray_ Stranger", regress_gray_maker;
CREATE SCHEMA trust;
GRANT USAGE ON SCHEMA trust TO regress_gray_maker;
GRANT ALL ON SCHEMA trust TO regress_gray_owner, "regress_gray_ Stranger";
SET search_path = trust, public;
SET ROLE regress_gray_owner;
CREATE FUNCTION trust.valid(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE TABLE users (id integer PRIMARY KEY, email text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users, note text CHECK (valid(note)));
GRANT SELECT ON users TO "regress_gray_ Stranger";
SET ROLE "regress_gray_ Stranger";
CREATE VIEW emails AS SELECT id, email FROM users;
RESET ROLE;
CREATE FUNCTION told() RETURNS SETOF text LANGUAGE sql AS
	$$SELECT severity || ' | ' || object || ' | ' || problem || ' | ' || replace(hint, session_user::text,
	'SUPERUSER') FROM gray_check() WHERE problem ~ 'called as'$$;
CREATE FUNCTION attempt(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
	EXECUTE statement; RETURN NEXT 'done';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN NEXT concat(SQLSTATE, ' ', SQLERRM); RETURN NEXT concat('hint: ', replace(hint, session_user::text,
	'SUPERUSER'));
END $$;
-- who may create in v2, besides its owner
CREATE FUNCTION creators() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END FROM pg_namespace, aclexplode(nspacl) a
	WHERE nspname = 'v2' AND privilege_type = 'CREATE' AND a.grantee <> nspowner ORDER BY 1 $$;

\echo -- one that somebody else made, or may create in, or has made something in
SET ROLE "regress_gray_ Stranger";
CREATE SCHEMA v2;
RESET ROLE;
SELECT attempt($$SELECT gray_create_release('v2')$$);
GRANT EXECUTE ON FUNCTION gray_create_release(name, name) TO regress_gray_maker;
SET ROLE regress_gray_maker;
SELECT attempt($$SELECT gray_create_release('v2')$$);
RESET ROLE;
ALTER SCHEMA v2 OWNER TO CURRENT_USER;
GRANT CREATE ON SCHEMA v2 TO PUBLIC;
SELECT attempt($$SELECT gray_create_release('v2')$$);
REVOKE CREATE ON SCHEMA v2 FROM PUBLIC;
GRANT CREATE ON SCHEMA v2 TO "regress_gray_ Stranger";
SELECT attempt($$SELECT gray_create_release('v2')$$);
SET ROLE "regress_gray_ Stranger";
CREATE TYPE v2.mood AS ENUM ('good');
CREATE DOMAIN v2.word AS text;
CREATE FUNCTION v2.valid(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR v2.>= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.text_ge);
CREATE COLLATION v2.german FROM "C";
RESET ROLE;
REVOKE CREATE ON SCHEMA v2 FROM "regress_gray_ Stranger";
SELECT attempt($$SELECT gray_create_release('v2')$$);
DROP COLLATION v2.german;
SELECT attempt($$SELECT gray_create_release('v2')$$);
DROP FUNCTION v2.valid;
SELECT attempt($$SELECT gray_create_release('v2')$$);
DROP OPERATOR v2.>= (text, text);
SELECT attempt($$SELECT gray_create_release('v2')$$);
DROP TYPE v2.mood;
SELECT attempt($$SELECT gray_create_release('v2')$$);
ALTER DOMAIN v2.word OWNER TO CURRENT_USER;
SELECT attempt($$SELECT gray_create_release('v2')$$);

\echo -- a view of the stranger is cloned, and gives no lasting right to create; nor does a table
SELECT production, gray FROM gray_clone_tree('users', 'id');
SELECT creators();
SELECT relowner::regrole FROM pg_class WHERE oid = 'v2.emails'::regclass;
SET ROLE "regress_gray_ Stranger";
SELECT attempt('CREATE FUNCTION v2.valid(text) RETURNS boolean LANGUAGE sql AS ''SELECT true''');
SELECT * FROM v2.emails;
\echo -- nor when it is not made
CREATE VIEW trust.notes AS SELECT o.id, u.email FROM users u JOIN trust.told() o (id) ON true;
RESET ROLE;
SELECT gray_drop_release();
CREATE TABLE v2.emails (id integer);
SELECT gray_create_release('v2');
\set VERBOSITY terse
SELECT gray_clone('users', 'id');
SELECT gray_clone('orders', 'user_id');
\set VERBOSITY default
SELECT creators();

\echo -- who gets that right later is told of, and gray_open refuses; the owner, and a member of it, may have it
GRANT CREATE ON SCHEMA v2 TO regress_gray_owner, regress_gray_member;
SELECT told();
GRANT CREATE ON SCHEMA v2 TO "regress_gray_ Stranger", PUBLIC;
SELECT told();
SELECT attempt('SELECT gray_open()');
SET ROLE regress_gray_maker;
CREATE FUNCTION v2.valid(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
RESET ROLE;
REVOKE CREATE ON SCHEMA v2 FROM "regress_gray_ Stranger", PUBLIC;
SELECT told();
CREATE TABLE tags (id integer PRIMARY KEY, user_id integer REFERENCES users, note text CHECK (valid(note)));
ALTER TABLE tags OWNER TO regress_gray_owner;
SELECT attempt($$SELECT gray_clone('tags', 'user_id')$$);
DROP FUNCTION v2.valid;
ALTER SCHEMA v2 OWNER TO regress_gray_maker;
SELECT told();
SELECT attempt('SELECT gray_open()');
ALTER SCHEMA v2 OWNER TO regress_gray_member;
SELECT told();
SELECT attempt('SELECT gray_open()');
ALTER SCHEMA v2 OWNER TO CURRENT_USER;
\echo -- nor should anybody in that of the functions
GRANT CREATE ON SCHEMA public TO "regress_gray_ Stranger";
SELECT severity, object, problem, hint FROM gray_check() WHERE object = 'public';
REVOKE CREATE ON SCHEMA public FROM "regress_gray_ Stranger";

SELECT gray_close(), gray_drop_release();
REVOKE EXECUTE ON FUNCTION gray_create_release(name, name) FROM regress_gray_maker;
DROP SCHEMA v2, trust CASCADE;
DROP OWNED BY "regress_gray_ Stranger", regress_gray_maker, regress_gray_owner;
DROP ROLE regress_gray_member, regress_gray_owner, "regress_gray_ Stranger", regress_gray_maker;
