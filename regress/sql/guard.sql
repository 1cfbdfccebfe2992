-- A session with version 2's search_path changes nothing outside gray schemas and pg_temp, and is told why.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA app;
CREATE SCHEMA "Lager";
SET search_path = app, public;
CREATE TABLE plans (id integer PRIMARY KEY, name text, state text);
CREATE INDEX plans_name ON plans (name);
CREATE TABLE users (id integer PRIMARY KEY, email text, plan_id integer CONSTRAINT plan REFERENCES plans);
CREATE TABLE "Lager"."Teil" (id integer);
CREATE TABLE events (id integer, day integer) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);
CREATE TABLE events_2 (id integer, day integer);
CREATE SEQUENCE numbers;
CREATE VIEW names AS SELECT name FROM plans;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM plans;
CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION one(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE PROCEDURE act() LANGUAGE sql AS '';
CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer);
CREATE OPERATOR === (leftarg = integer, rightarg = integer, function = int4eq);
CREATE TYPE mood AS ENUM ('well', 'ill');
CREATE TYPE pair AS (a integer, b integer);
CREATE TYPE span AS RANGE (subtype = integer);
CREATE DOMAIN small AS integer CONSTRAINT low CHECK (VALUE < 100);
CREATE COLLATION letters FROM "C";
CREATE CONVERSION here FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY words (template = simple);
CREATE TEXT SEARCH CONFIGURATION text (copy = pg_catalog.simple);
CREATE OPERATOR FAMILY family USING btree;
CREATE OPERATOR CLASS ints FOR TYPE integer USING btree FAMILY family AS OPERATOR 1 <,
	FUNCTION 1 btint4cmp(integer, integer);
CREATE STATISTICS seen ON name, state FROM plans;
CREATE TRIGGER touch BEFORE UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY mine ON plans USING (true);
CREATE RULE quiet AS ON DELETE TO names DO INSTEAD NOTHING;
CREATE CAST (text AS mood) WITH INOUT;
CREATE FOREIGN DATA WRAPPER files;
CREATE SERVER disk FOREIGN DATA WRAPPER files;
CREATE USER MAPPING FOR PUBLIC SERVER disk;
CREATE FOREIGN TABLE far (id integer) SERVER disk;
CREATE ROLE regress_gray_dev;
SELECT lo_create(4711) AS number;
SELECT gray_create_release('v2');
SELECT production, gray FROM gray_clone_tree('users', 'id');
SELECT gray_create_release('v3', 'Version 3');
CREATE TABLE v2.parent (id integer);
CREATE TABLE child () INHERITS (v2.parent);

-- Does a statement and takes it back; 'yes', or who refused it.
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = 'ZZ000';
EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
	RETURN 'yes';
WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TEMP TABLE harmful (id serial, statement text);
CREATE TEMP TABLE harmless (id serial, statement text);
INSERT INTO harmful (statement) VALUES
	('ALTER TABLE plans ADD code text'),
	('ALTER TABLE ONLY plans ADD code text'),
	('ALTER TABLE IF EXISTS app.plans ALTER name SET NOT NULL'),
	('ALTER TABLE plans DROP CONSTRAINT plans_pkey CASCADE'),
	('ALTER TABLE plans ADD user_id integer REFERENCES v2.users'),
	('ALTER TABLE plans ADD owner integer REFERENCES users'),
	('ALTER TABLE plans ENABLE ROW LEVEL SECURITY'),
	('ALTER TABLE plans DISABLE TRIGGER touch'),
	('ALTER TABLE plans SET (fillfactor = 50)'),
	('ALTER TABLE plans REPLICA IDENTITY FULL'),
	('ALTER TABLE plans OWNER TO regress_gray_dev'),
	('ALTER TABLE plans RENAME TO offers'),
	('ALTER TABLE plans RENAME name TO label'),
	('ALTER TABLE plans RENAME CONSTRAINT plans_pkey TO key'),
	('ALTER TABLE plans SET SCHEMA v2'),
	('ALTER TABLE v2.users SET SCHEMA "Lager"'),
	('ALTER TABLE app.users ADD nick text'),
	('ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (2) TO (3)'),
	('ALTER TABLE events DETACH PARTITION events_1'),
	('CREATE TABLE e PARTITION OF events FOR VALUES FROM (5) TO (6)'),
	('CREATE TABLE p (LIKE events_2) PARTITION BY RANGE (day); ALTER TABLE p ATTACH PARTITION events_2 DEFAULT'),
	('CREATE TABLE c () INHERITS (plans)'),
	('CREATE TABLE c (LIKE plans); ALTER TABLE c INHERIT plans'),
	('ALTER TABLE parent ADD a integer'),
	('ALTER TABLE parent RENAME id TO number'),
	('ALTER INDEX plans_name RENAME TO n'),
	('ALTER INDEX plans_name SET (fillfactor = 50)'),
	('ALTER INDEX plans_name DEPENDS ON EXTENSION plpgsql'),
	('ALTER VIEW names RENAME TO n'),
	('ALTER VIEW names ALTER name SET DEFAULT ''x'''),
	('ALTER MATERIALIZED VIEW totals RENAME TO t'),
	('ALTER SEQUENCE numbers RESTART'),
	('ALTER SEQUENCE numbers OWNED BY NONE'),
	('ALTER FOREIGN TABLE far ADD name text'),
	('ALTER TRIGGER touch ON plans RENAME TO t'),
	('ALTER TRIGGER touch ON plans DEPENDS ON EXTENSION plpgsql'),
	('ALTER POLICY mine ON plans USING (false)'),
	('ALTER POLICY mine ON plans RENAME TO yours'),
	('ALTER RULE quiet ON names RENAME TO q'),
	('ALTER FUNCTION one() STABLE'),
	('ALTER FUNCTION one(integer) RENAME TO uno'),
	('ALTER FUNCTION one() OWNER TO regress_gray_dev'),
	('ALTER FUNCTION one() SET SCHEMA v2'),
	('ALTER PROCEDURE act() SECURITY DEFINER'),
	('ALTER ROUTINE act() RENAME TO a'),
	('ALTER AGGREGATE total(integer) RENAME TO t'),
	('ALTER OPERATOR === (integer, integer) SET (RESTRICT = eqsel)'),
	('ALTER OPERATOR FAMILY family USING btree ADD OPERATOR 1 < (bigint, bigint)'),
	('ALTER OPERATOR CLASS ints USING btree RENAME TO i'),
	('ALTER TYPE mood ADD VALUE ''so'''),
	('ALTER TYPE mood RENAME VALUE ''ill'' TO ''bad'''),
	('ALTER TYPE pair ADD ATTRIBUTE c integer'),
	('ALTER TYPE pair RENAME ATTRIBUTE a TO x'),
	('ALTER TYPE span RENAME TO s'),
	('ALTER TYPE mood SET SCHEMA v2'),
	('ALTER DOMAIN small DROP CONSTRAINT low'),
	('ALTER DOMAIN small RENAME CONSTRAINT low TO l'),
	('ALTER DOMAIN small OWNER TO regress_gray_dev'),
	('ALTER COLLATION letters RENAME TO l'),
	('ALTER CONVERSION here RENAME TO h'),
	('ALTER TEXT SEARCH DICTIONARY words (stopwords = english)'),
	('ALTER TEXT SEARCH CONFIGURATION text DROP MAPPING FOR word'),
	('ALTER STATISTICS seen SET STATISTICS 100'),
	('ALTER SCHEMA app RENAME TO a'),
	('ALTER SCHEMA app OWNER TO regress_gray_dev'),
	('ALTER LARGE OBJECT 4711 OWNER TO regress_gray_dev'),
	('ALTER LANGUAGE plpgsql OWNER TO regress_gray_dev'),
	('ALTER SERVER disk OPTIONS (a ''1'')'),
	('ALTER FOREIGN DATA WRAPPER files OPTIONS (a ''1'')'),
	('ALTER USER MAPPING FOR PUBLIC SERVER disk OPTIONS (a ''1'')'),
	('ALTER EXTENSION plpgsql ADD TABLE v2.users'),
	('ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE pg_default'),
	('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_gray_dev'),
	('ALTER DEFAULT PRIVILEGES IN SCHEMA v2, app GRANT SELECT ON TABLES TO regress_gray_dev');
INSERT INTO harmful (statement) VALUES
	('CREATE TABLE app.t (id integer)'),
	('CREATE UNLOGGED TABLE app.t (id integer)'),
	('CREATE TABLE app.t AS SELECT 1 AS a'),
	('CREATE VIEW app.v AS SELECT 1 AS a'),
	('CREATE OR REPLACE VIEW app.names AS SELECT name FROM app.plans'),
	('CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS a'),
	('CREATE SEQUENCE app.s'),
	('CREATE FOREIGN TABLE app.f (id integer) SERVER disk'),
	('CREATE INDEX ON plans (state)'),
	('CREATE UNIQUE INDEX IF NOT EXISTS plans_state ON plans (state)'),
	('CREATE STATISTICS v2.more (ndistinct) ON name, state FROM plans'),
	('CREATE STATISTICS app.more (ndistinct) ON id, email FROM v2.users'),
	('CREATE TRIGGER t AFTER INSERT ON plans FOR EACH ROW EXECUTE FUNCTION touch()'),
	('CREATE OR REPLACE TRIGGER touch AFTER UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION touch()'),
	('CREATE RULE r AS ON DELETE TO plans DO INSTEAD NOTHING'),
	('CREATE POLICY p ON plans USING (true)'),
	('CREATE FUNCTION app.two() RETURNS integer LANGUAGE sql AS ''SELECT 2'''),
	('CREATE OR REPLACE FUNCTION app.one() RETURNS integer LANGUAGE sql AS ''SELECT 2'''),
	('CREATE PROCEDURE app.two() LANGUAGE sql AS '''''),
	('CREATE AGGREGATE app.t(integer) (sfunc = int4pl, stype = integer)'),
	('CREATE OPERATOR app.==== (leftarg = integer, rightarg = integer, function = int4eq)'),
	('CREATE TYPE app.t AS ENUM (''a'')'),
	('CREATE TYPE app.t AS (a integer)'),
	('CREATE TYPE app.t AS RANGE (subtype = integer)'),
	('CREATE TYPE app.t'),
	('CREATE DOMAIN app.t AS integer'),
	('CREATE COLLATION app.t FROM "C"'),
	('CREATE CONVERSION app.t FOR ''LATIN1'' TO ''UTF8'' FROM iso8859_1_to_utf8'),
	('CREATE TEXT SEARCH DICTIONARY app.t (template = simple)'),
	('CREATE TEXT SEARCH CONFIGURATION app.t (parser = "default")'),
	('CREATE OPERATOR FAMILY app.t USING btree'),
	('CREATE OPERATOR CLASS app.t FOR TYPE integer USING btree AS OPERATOR 1 <'),
	('CREATE OPERATOR CLASS v2.t FOR TYPE integer USING btree FAMILY family AS OPERATOR 2 <='),
	('CREATE OPERATOR CLASS v2.t DEFAULT FOR TYPE mood USING btree AS STORAGE mood'),
	('CREATE CAST (mood AS text) WITH INOUT'),
	('CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))'),
	('CREATE EXTENSION amcheck'),
	('CREATE LANGUAGE l HANDLER plpgsql_call_handler'),
	('CREATE ACCESS METHOD heap_2 TYPE TABLE HANDLER heap_tableam_handler'),
	('CREATE FOREIGN DATA WRAPPER w'),
	('CREATE SERVER s FOREIGN DATA WRAPPER files'),
	('CREATE USER MAPPING FOR regress_gray_dev SERVER disk'),
	('CREATE PUBLICATION p FOR ALL TABLES'),
	('CREATE PUBLICATION p FOR TABLE v2.users, plans'),
	('CREATE PUBLICATION p FOR TABLES IN SCHEMA app'),
	('CREATE SUBSCRIPTION s CONNECTION '''' PUBLICATION p WITH (connect = false)'),
	('CREATE SCHEMA s GRANT SELECT ON app.plans TO regress_gray_dev'),
	('CREATE SCHEMA s CREATE TABLE t () INHERITS (app.plans)'),
	('COMMENT ON TABLE plans IS ''x'''),
	('COMMENT ON COLUMN plans.name IS ''x'''),
	('COMMENT ON CONSTRAINT plans_pkey ON plans IS ''x'''),
	('COMMENT ON CONSTRAINT low ON DOMAIN small IS ''x'''),
	('COMMENT ON TRIGGER touch ON plans IS ''x'''),
	('COMMENT ON INDEX plans_name IS ''x'''),
	('COMMENT ON FUNCTION one() IS ''x'''),
	('COMMENT ON TYPE mood IS ''x'''),
	('COMMENT ON OPERATOR CLASS ints USING btree IS ''x'''),
	('COMMENT ON CAST (text AS mood) IS ''x'''),
	('COMMENT ON SCHEMA app IS ''x'''),
	('COMMENT ON EXTENSION plpgsql IS ''x'''),
	('COMMENT ON LARGE OBJECT 4711 IS ''x'''),
	('GRANT SELECT ON plans TO regress_gray_dev'),
	('GRANT SELECT (name) ON plans TO regress_gray_dev'),
	('REVOKE ALL ON TABLE v2.users, plans FROM PUBLIC'),
	('GRANT USAGE ON SEQUENCE numbers TO regress_gray_dev'),
	('GRANT EXECUTE ON FUNCTION one(integer) TO regress_gray_dev'),
	('GRANT USAGE ON TYPE mood TO regress_gray_dev'),
	('GRANT USAGE ON SCHEMA app TO regress_gray_dev'),
	('GRANT SELECT ON ALL TABLES IN SCHEMA v2, app TO regress_gray_dev'),
	('GRANT USAGE ON LANGUAGE plpgsql TO regress_gray_dev'),
	('GRANT SELECT ON LARGE OBJECT 4711 TO regress_gray_dev'),
	('GRANT USAGE ON FOREIGN SERVER disk TO regress_gray_dev');
INSERT INTO harmful (statement) VALUES
	('DROP INDEX plans_name'),
	('DROP INDEX IF EXISTS plans_name'),
	('DROP TABLE events'),
	('DROP TABLE v2.users, events'),
	('DROP TABLE IF EXISTS app.users CASCADE'),
	('DROP VIEW names'),
	('DROP MATERIALIZED VIEW totals'),
	('DROP SEQUENCE numbers'),
	('DROP FOREIGN TABLE far'),
	('DROP FUNCTION one()'),
	('DROP PROCEDURE act'),
	('DROP ROUTINE act()'),
	('DROP AGGREGATE total(integer)'),
	('DROP OPERATOR === (integer, integer)'),
	('DROP OPERATOR FAMILY family USING btree CASCADE'),
	('DROP OPERATOR CLASS ints USING btree'),
	('DROP TYPE pair'),
	('DROP TYPE span'),
	('DROP DOMAIN small'),
	('DROP COLLATION letters'),
	('DROP CONVERSION here'),
	('DROP TEXT SEARCH DICTIONARY words'),
	('DROP TEXT SEARCH CONFIGURATION text'),
	('DROP STATISTICS seen'),
	('DROP TRIGGER touch ON plans'),
	('DROP POLICY mine ON plans'),
	('DROP RULE quiet ON names'),
	('DROP CAST (text AS mood)'),
	('DROP EXTENSION pg_gray CASCADE'),
	('DROP SERVER disk CASCADE'),
	('DROP USER MAPPING FOR PUBLIC SERVER disk'),
	('DROP FOREIGN DATA WRAPPER files CASCADE'),
	('DROP SCHEMA app CASCADE'),
	('DROP SCHEMA v2, "Lager" CASCADE'),
	('DROP OWNED BY regress_gray_dev'),
	('DROP TABLE "Lager"."Teil"'),
	('COMMENT ON TABLE contrib_regression."Lager"."Teil" IS ''x'''),
	('DO ''BEGIN EXECUTE $x$ALTER TABLE plans ADD code text$x$; END''');

INSERT INTO harmless (statement) VALUES
	('ALTER TABLE users ADD nick text'),
	('ALTER TABLE users ADD CONSTRAINT p FOREIGN KEY (plan_id) REFERENCES plans'),
	('ALTER TABLE users ADD plan_2 integer REFERENCES app.plans'),
	('ALTER TABLE users RENAME email TO mail'),
	('ALTER TABLE users RENAME TO people'),
	('ALTER TABLE users SET SCHEMA "Version 3"'),
	('ALTER TABLE users OWNER TO regress_gray_dev'),
	('ALTER TABLE users DROP COLUMN plan_id'),
	('ALTER TABLE ONLY parent ALTER id SET DEFAULT 0'),
	('CREATE TABLE t (id integer REFERENCES plans)'),
	('CREATE TABLE t (LIKE plans INCLUDING ALL)'),
	('CREATE TABLE v2.t (m mood, s small)'),
	('CREATE TABLE "Version 3".t (id integer)'),
	('CREATE TABLE IF NOT EXISTS app.plans (id integer)'),
	('CREATE TABLE plans (id integer); ALTER TABLE plans ADD name text; DROP TABLE plans'),
	('CREATE TABLE t AS TABLE plans'),
	('CREATE TEMP TABLE t (id integer); ALTER TABLE t ADD a text; CREATE INDEX ON t (a); COMMENT ON TABLE t IS ''x'''),
	('CREATE TEMP TABLE plans (id integer); ALTER TABLE plans ADD a text; DROP TABLE plans'),
	('CREATE TABLE pg_temp.t (id integer)'),
	('CREATE TEMP VIEW t AS TABLE plans'),
	('CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS ''SELECT 1'''),
	('CREATE VIEW names AS SELECT name FROM plans'),
	('CREATE OR REPLACE VIEW names AS SELECT name FROM plans'),
	('CREATE MATERIALIZED VIEW totals AS TABLE plans; REFRESH MATERIALIZED VIEW totals; DROP MATERIALIZED VIEW totals'),
	('CREATE SEQUENCE numbers; ALTER SEQUENCE numbers RESTART; DROP SEQUENCE numbers'),
	('CREATE INDEX ON users (email)'),
	('CREATE STATISTICS s ON email, plan_id FROM users; ALTER STATISTICS s SET STATISTICS 10; DROP STATISTICS s'),
	('CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch(); DROP TRIGGER t ON users'),
	('CREATE RULE r AS ON DELETE TO users DO NOTHING; ALTER RULE r ON users RENAME TO s; DROP RULE s ON users'),
	('CREATE POLICY p ON users USING (true); ALTER POLICY p ON users USING (false); DROP POLICY p ON users'),
	('CREATE FUNCTION one() RETURNS void LANGUAGE sql AS ''''; ALTER FUNCTION one() STABLE; DROP FUNCTION one()'),
	('CREATE OR REPLACE FUNCTION one() RETURNS integer LANGUAGE sql AS ''SELECT 2'''),
	('CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer); DROP AGGREGATE total(integer)'),
	('CREATE TYPE mood AS ENUM (''well''); ALTER TYPE mood ADD VALUE ''so''; COMMENT ON TYPE mood IS ''x'''),
	('CREATE TYPE t AS (a integer); ALTER TYPE t ADD ATTRIBUTE b integer; DROP TYPE t'),
	('CREATE DOMAIN t AS integer; ALTER DOMAIN t ADD CONSTRAINT c CHECK (VALUE > 0); DROP DOMAIN t'),
	('CREATE TYPE t AS ENUM (''a''); CREATE CAST (t AS mood) WITH INOUT; DROP TYPE t CASCADE'),
	('CREATE TYPE t AS ENUM (''a''); CREATE CAST (text AS t) WITH INOUT; DROP CAST (text AS t)'),
	('CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq); DROP OPERATOR === (int, int)'),
	('CREATE COLLATION t FROM "C"; CREATE TEXT SEARCH CONFIGURATION t (parser = "default"); DROP COLLATION t'),
	('CREATE OPERATOR CLASS t FOR TYPE integer USING btree AS OPERATOR 1 <'),
	('COMMENT ON TABLE users IS ''x'''),
	('COMMENT ON COLUMN users.email IS ''x'''),
	('COMMENT ON ROLE regress_gray_dev IS ''x'''),
	('GRANT SELECT ON users TO regress_gray_dev'),
	('GRANT SELECT ON ALL TABLES IN SCHEMA v2 TO regress_gray_dev; GRANT USAGE ON SCHEMA v2 TO regress_gray_dev'),
	('ALTER DEFAULT PRIVILEGES IN SCHEMA v2 GRANT SELECT ON TABLES TO regress_gray_dev'),
	('CREATE PUBLICATION p FOR TABLE v2.users'),
	('CREATE PUBLICATION p FOR TABLES IN SCHEMA CURRENT_SCHEMA'),
	('CREATE SCHEMA s'),
	('CREATE SCHEMA s CREATE TABLE t (id integer) CREATE VIEW v AS SELECT id FROM t'),
	('CREATE SCHEMA s CREATE TABLE plans (id integer) GRANT SELECT ON plans TO regress_gray_dev'),
	('ALTER ROLE regress_gray_dev SET pg_gray.guard = off'),
	('CREATE ROLE regress_gray_other'),
	('CREATE EXTENSION IF NOT EXISTS plpgsql'),
	('CREATE SERVER IF NOT EXISTS disk FOREIGN DATA WRAPPER files'),
	('DROP TABLE IF EXISTS missing, app.missing, missing.missing'),
	('DROP FUNCTION IF EXISTS missing(), app.one(text), missing.missing(missing)'),
	('DROP TYPE IF EXISTS missing; DROP EXTENSION IF EXISTS missing; DROP SCHEMA IF EXISTS missing'),
	('DROP TRIGGER IF EXISTS t ON missing; DROP OPERATOR CLASS IF EXISTS missing USING btree'),
	('ALTER TABLE IF EXISTS missing ADD a integer'),
	('DROP TABLE users'),
	('DROP SCHEMA "Version 3"'),
	('TRUNCATE users; TRUNCATE plans CASCADE'),
	('REFRESH MATERIALIZED VIEW totals; ANALYZE plans; LOCK plans; REINDEX TABLE plans'),
	('INSERT INTO plans VALUES (1); LISTEN here; SET CONSTRAINTS ALL DEFERRED'),
	('SELECT gray_clone(''plans'', ''id'', ''v2'')'),
	('SELECT gray_open(''v2''), gray_close(''v2'')'),
	('SELECT gray_drop_release(''v3'')');

-- plpgsql looks for the parts of casts and the like where the session does.
SET search_path = v2, app, public;
CREATE TEMP TABLE result (id integer, guarded text, free text);
INSERT INTO result SELECT id, try(statement) FROM harmful ORDER BY id;
SET pg_gray.guard = off;
UPDATE result r SET free = try(statement) FROM harmful h WHERE h.id = r.id;
RESET pg_gray.guard;
-- A statement in the list that does nothing without the guard would prove nothing.
\pset format unaligned
\pset fieldsep '\n\t'
SELECT statement, guarded || CASE WHEN free <> 'yes' THEN E'\n\twithout the guard: ' || free ELSE '' END
	FROM result JOIN harmful USING (id) ORDER BY id;
SELECT statement, try(statement) FROM harmless ORDER BY id;
\pset format aligned

-- In words.
ALTER TABLE plans ADD code text;
CREATE TABLE app.t (id integer);
DROP FUNCTION one();
CREATE EXTENSION amcheck;
CREATE CAST (mood AS text) WITH INOUT;
SELECT 1 AS a INTO app.t;
IMPORT FOREIGN SCHEMA x FROM SERVER disk INTO app;
SECURITY LABEL ON COLUMN plans.name IS 'x';
CREATE INDEX CONCURRENTLY ON plans (state);
DROP INDEX CONCURRENTLY plans_name;
ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;
PREPARE all_plans AS TABLE plans;
CREATE TABLE app.t AS EXECUTE all_plans;
\d plans

SELECT * INTO t FROM plans;
DROP TABLE t;
CREATE INDEX CONCURRENTLY users_email ON users (email);
DROP INDEX CONCURRENTLY users_email;

-- Whatever comes first in search_path, a gray schema in it says what the session is for.
SET search_path = app, public, v2;
CREATE TABLE t (id integer);
ALTER TABLE users ADD nick text;
SET search_path = app, public, "Version 3";
ALTER TABLE users ADD nick text;
SET search_path = 'app', "V2";
CREATE TABLE t (id integer);
DROP TABLE t;

-- A gray schema that is gone, or closed to the role, is still in the path.  "$user" may be one.
BEGIN;
DROP SCHEMA "Version 3";
SET LOCAL search_path = "Version 3", app;
CREATE TABLE t (id integer);
ROLLBACK;
BEGIN;
GRANT CREATE, USAGE ON SCHEMA app TO regress_gray_dev;
SET LOCAL search_path = v2, app, public;
SET LOCAL ROLE regress_gray_dev;
CREATE TABLE t (id integer);
ROLLBACK;
CREATE ROLE v2;
BEGIN;
GRANT CREATE, USAGE ON SCHEMA app TO v2;
SET LOCAL search_path = "$user", app, public;
SET LOCAL ROLE v2;
CREATE TABLE t (id integer);
ROLLBACK;
DROP ROLE v2;

-- A function with a search_path of its own is judged by that.
SET search_path = app, public;
CREATE FUNCTION maintain() RETURNS void LANGUAGE plpgsql SET search_path = app
	AS 'BEGIN CREATE TABLE t (); DROP TABLE t; END';
CREATE FUNCTION upgrade() RETURNS void LANGUAGE plpgsql SET search_path = v2, app
	AS 'BEGIN ALTER TABLE plans ADD x text; END';
SET search_path = v2, app, public;
SELECT maintain();
SET search_path = app, public;
SELECT upgrade();

-- Off for a session, for a role, and in a session that has not loaded the library.
\c -
SET pg_gray.guard = off;
SET search_path = v2, app, public;
ALTER TABLE plans ADD code text;
SET pg_gray.guard = on;
ALTER TABLE plans DROP code;
\c -
ALTER ROLE regress_gray_dev SET pg_gray.guard = off;
SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'regress_gray_dev'::regrole;

-- Nobody is in the way of a restore, of who has no gray schema in the path, or without a release.
SET search_path = '';
ALTER TABLE app.plans DROP code;
SET search_path = app, public;
ALTER TABLE plans ADD code text;
DROP TABLE child, v2.parent;
SELECT gray_drop_release('v2'), gray_drop_release('v3');
CREATE SCHEMA v2;
SET search_path = v2, app, public;
ALTER TABLE plans DROP code;
DROP SCHEMA v2;

SET client_min_messages = error;
DROP FOREIGN DATA WRAPPER files CASCADE;
DROP SCHEMA app, "Lager" CASCADE;
SELECT lo_unlink(4711);
DROP ROLE regress_gray_dev;
