-- CREATE EXTENSION is safe in a schema where others may create: nothing of theirs is called, then or later,
-- and nothing of the extension refers to it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_attacker;
CREATE SCHEMA lair AUTHORIZATION regress_gray_attacker;
GRANT CREATE ON DATABASE :DBNAME TO regress_gray_attacker;

-- better matches than PostgreSQL's own for any call with arguments of these types
SET ROLE regress_gray_attacker;
DO $$
DECLARE
	types text[] := '{bool,"\"char\"",name,text,varchar,int2,int4,int8,oid,regclass,regnamespace,numeric,timestamptz,
	interval,text[],int2[],oid[]}';
	names text[] := '{now,format,to_regclass,quote_ident,unnest,enum_range,regexp_match,current_database,aclexplode,
	acldefault,'
		'pg_get_userbyid,pg_extension_config_dump,count,sum,max,min,string_agg,coalesce_,position,nullif_,set_config}';
	operators text[] := '{=,<>,<,>,<=,>=,~,!~,||,+,-,*,/,%,@>,&&}';
	a text;
	b text;
	name text;
BEGIN
	CREATE FUNCTION lair.trap() RETURNS text LANGUAGE plpgsql AS
		'BEGIN RAISE EXCEPTION ''the attacker''''s code runs, as superuser: %'', current_user = session_user; END';
	FOREACH name IN ARRAY names LOOP
		EXECUTE format('CREATE FUNCTION lair.%I() RETURNS text LANGUAGE sql AS ''SELECT lair.trap()''', name);
		FOREACH a IN ARRAY types LOOP
			EXECUTE format('CREATE FUNCTION lair.%I(%s) RETURNS text LANGUAGE sql AS ''SELECT lair.trap()''', name, a);
			EXECUTE format('CREATE FUNCTION lair.%I(text, %s) RETURNS text LANGUAGE sql AS ''SELECT lair.trap()''',
				name, a);
		END LOOP;
	END LOOP;
	FOREACH a IN ARRAY types LOOP
		FOREACH b IN ARRAY types LOOP
			EXECUTE format('CREATE FUNCTION lair.op(%s, %s) RETURNS boolean LANGUAGE sql
			AS ''SELECT lair.trap() IS NULL''', a, b);
			FOREACH name IN ARRAY operators LOOP
				EXECUTE format('CREATE OPERATOR lair.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = lair.op)', name, a, b);
			END LOOP;
		END LOOP;
	END LOOP;
END
$$;
CREATE TYPE lair.side AS ENUM ('production');
CREATE DOMAIN lair.integer AS text;
CREATE TABLE lair.release (id text);
RESET ROLE;

BEGIN;
DROP EXTENSION pg_gray;
-- the trap is one
SET search_path = lair;
SAVEPOINT before;
SELECT 1::numeric >= 1;
ROLLBACK TO before;
CREATE EXTENSION pg_gray;
SET search_path = public;
SELECT nspname, count(*) > 0 AS functions FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
	JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'pg_gray' GROUP BY 1 ORDER BY 1;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
	WHERE conrelid = 'gray.release'::regclass AND contype = 'c' ORDER BY conname COLLATE "C";
-- all that its objects, and what belongs to these, refer to, but for PostgreSQL's own
WITH RECURSIVE own (classid, objid) AS (
	SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'pg_gray'
		WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	UNION SELECT d.classid, d.objid FROM own JOIN pg_depend d
		ON d.refclassid = own.classid AND d.refobjid = own.objid WHERE d.deptype IN ('a', 'i', 'P', 'S'))
SELECT DISTINCT pg_describe_object(d.refclassid, d.refobjid, 0) COLLATE "C" AS refers_to
	FROM own JOIN pg_depend d ON d.classid = own.classid AND d.objid = own.objid
	WHERE (d.refclassid, d.refobjid) NOT IN (SELECT classid, objid FROM own) ORDER BY 1;
-- nor is anything of his called later
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, total numeric);
INSERT INTO users VALUES (1, 'a'), (2, 'b');
INSERT INTO orders VALUES (1, 1, 5), (2, 2, 7);
SET search_path = lair, public;
SELECT gray_create_release('v2', 'gray_v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_set_percent(12.5), gray_add_user(1), gray_add_user('2');
SELECT severity, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
SELECT side, state FROM gray_route(1);
UPDATE gray_v2.orders SET total = 6;
SELECT table_name, differing FROM gray_verify(1);
SELECT uid, state, listed FROM gray_roster();
SELECT tables, users_on FROM gray.status;
SELECT pg_catalog.count(*) FROM gray.progress;
SELECT gray_close();
SELECT side, state FROM gray_route(1);
SELECT pg_catalog.count(*) FROM gray.history;
SELECT uid FROM gray.incidents;
SELECT uid FROM gray.kept;
SELECT gray_drop_release();
ROLLBACK;

-- what has one of its names already is neither taken over nor left beside it
\set VERBOSITY terse
BEGIN;
DROP EXTENSION pg_gray;
SET ROLE regress_gray_attacker;
CREATE FUNCTION lair.gray_state(text, name) RETURNS text LANGUAGE sql AS 'SELECT lair.trap()';
RESET ROLE;
SAVEPOINT before;
CREATE EXTENSION pg_gray SCHEMA lair;
ROLLBACK TO before;
DROP FUNCTION lair.gray_state;
SET ROLE regress_gray_attacker;
CREATE FUNCTION lair.gray_open(text) RETURNS text LANGUAGE sql AS 'SELECT lair.trap()';
RESET ROLE;
\set VERBOSITY default
CREATE EXTENSION pg_gray SCHEMA lair;
ROLLBACK;
\set VERBOSITY terse
BEGIN;
DROP EXTENSION pg_gray;
SET ROLE regress_gray_attacker;
CREATE SCHEMA gray;
RESET ROLE;
CREATE EXTENSION pg_gray;
ROLLBACK;

DROP OWNED BY regress_gray_attacker CASCADE;
DROP ROLE regress_gray_attacker;
