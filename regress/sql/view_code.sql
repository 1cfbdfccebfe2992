-- What is cloned calls nobody's function that production's does not call, also where others may create in a schema of
-- the search_path: PostgreSQL prints no operator of a join by USING, and takes the one that suits the types.
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;
CREATE ROLE regress_gray_other;
CREATE SCHEMA code AUTHORIZATION regress_gray_owner;
GRANT USAGE, CREATE ON SCHEMA code TO regress_gray_other;
SET ROLE regress_gray_owner;
SET search_path = pg_catalog;
CREATE TABLE code.users (id integer PRIMARY KEY, email varchar);
CREATE TABLE code.mails (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES code.users, email varchar);
CREATE VIEW code.known AS SELECT u.id FROM code.users u JOIN code.mails m USING (email);
CREATE VIEW code.emails AS SELECT email FROM code.users;
RESET ROLE;
RESET search_path;
CREATE FUNCTION make_operator() RETURNS void LANGUAGE sql AS $$
	CREATE FUNCTION code.equal(varchar, varchar) RETURNS boolean LANGUAGE sql
		RETURN $1::text OPERATOR(pg_catalog.=) $2::text;
	CREATE OPERATOR code.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = code.equal) $$;
SET ROLE regress_gray_other;
SELECT make_operator();
RESET ROLE;
SELECT gray_create_release('v2');
SET client_min_messages = warning;
\echo -- a view that would call it is left out
SELECT production, gray FROM gray_clone_tree('code.users', 'id');
SELECT gray_drop_release();
\echo -- a policy, or a rule, would be of the tables themselves
DROP VIEW code.known;
CREATE POLICY friends ON code.users USING (EXISTS (SELECT FROM code.mails a JOIN code.mails b USING (email)));
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('code.users', 'id');
SELECT gray_drop_release();
DROP POLICY friends ON code.users;
SET ROLE regress_gray_owner;
SET search_path = pg_catalog;
CREATE RULE known AS ON DELETE TO code.mails DO ALSO
	SELECT FROM code.users a JOIN code.users b USING (email);
RESET ROLE;
RESET search_path;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('code.users', 'id');
SELECT gray_drop_release();
\echo -- what the owner of the tables has put there is found
DROP OPERATOR code.= (varchar, varchar);
DROP FUNCTION code.equal;
SET ROLE regress_gray_owner;
SELECT make_operator();
CREATE VIEW code.known AS SELECT u.id FROM code.users u JOIN code.mails m USING (email);
RESET ROLE;
SELECT gray_create_release('v2');
SELECT production, gray FROM gray_clone_tree('code.users', 'id');
SELECT gray_drop_release();
\echo -- nor does the view of a stranger take the name of what version 2 may have in another schema
CREATE SCHEMA library AUTHORIZATION regress_gray_owner;
CREATE TABLE library.settings (id integer);
CREATE SCHEMA other AUTHORIZATION regress_gray_other;
SET ROLE regress_gray_other;
CREATE VIEW other.settings AS SELECT id FROM code.users;
CREATE VIEW other.report AS SELECT id FROM code.users;
GRANT USAGE ON SCHEMA other TO PUBLIC;
GRANT SELECT ON other.report TO PUBLIC;
RESET ROLE;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('code.users', 'id');
SELECT c.oid::regclass, relowner::regrole FROM pg_class c
	WHERE relnamespace = 'v2'::regnamespace AND relkind = 'v' ORDER BY 1;
\echo -- nor does it say who may look into the gray schema
SELECT count(*) FROM pg_namespace, aclexplode(nspacl) a
	WHERE nspname = 'v2' AND a.grantee IN (0, 'regress_gray_other'::regrole);
SELECT gray_drop_release();
DROP SCHEMA code, library, other CASCADE;
DROP FUNCTION make_operator;
DROP ROLE regress_gray_owner, regress_gray_other;
