-- What CASCADE reaches outside gray schemas is rolled back; what goes with a gray object by itself is not in the way.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA app;
SET search_path = app, public;
CREATE TABLE plans (id integer PRIMARY KEY, name text);
CREATE TABLE users (id integer PRIMARY KEY, email text, plan_id integer REFERENCES plans);
SELECT gray_create_release('v2');
SELECT production FROM gray_clone_tree('users', 'id');
-- Objects of production that somebody has made of gray ones.
CREATE FUNCTION v2.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION v2.five() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 5';
CREATE TYPE v2.mood AS ENUM ('well');
CREATE SEQUENCE v2.numbers;
CREATE TABLE v2.parent (id integer);
CREATE TABLE v2.spare (id integer PRIMARY KEY, plan_id integer REFERENCES plans);
CREATE VIEW app.report AS SELECT email FROM v2.users;
CREATE TABLE app.notices (id integer PRIMARY KEY, spare_id integer REFERENCES v2.spare, mood v2.mood,
	number integer DEFAULT nextval('v2.numbers'), five integer CHECK (five < v2.five()));
CREATE TABLE app.child () INHERITS (v2.parent);
CREATE TRIGGER touch BEFORE UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION v2.touch();
CREATE POLICY five ON plans USING (id < v2.five());
CREATE RULE five AS ON INSERT TO app.report DO INSTEAD SELECT v2.five();
CREATE INDEX five ON plans (abs(id + v2.five()));

SET search_path = v2, app, public;
DROP TABLE users CASCADE;
DROP TABLE v2.users CASCADE;
ALTER TABLE users DROP email CASCADE;
DROP TABLE spare CASCADE;
DROP TYPE mood CASCADE;
DROP SEQUENCE numbers CASCADE;
DROP TABLE parent CASCADE;
DROP FUNCTION touch() CASCADE;
DROP FUNCTION five() CASCADE;
DROP SCHEMA v2 CASCADE;
DO 'BEGIN DROP TYPE mood CASCADE; END';
-- in words, and for the rule alone
BEGIN;
SET LOCAL pg_gray.guard = off;
ALTER TABLE app.notices DROP CONSTRAINT notices_five_check;
DROP POLICY five ON plans;
DROP INDEX five;
SET LOCAL pg_gray.guard = on;
\set VERBOSITY terse
DROP FUNCTION five() CASCADE;
ROLLBACK;
\set VERBOSITY default
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'v')) AS relations,
	(SELECT count(*) FROM pg_policy WHERE polrelid = 'plans'::regclass) AS policies,
	(SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plans'::regclass AND NOT tgisinternal) AS triggers,
	(SELECT count(*) FROM pg_attribute WHERE attrelid = 'notices'::regclass AND attnum > 0 AND attisdropped) AS dropped;

-- A session of production may.
SET search_path = app, public;
BEGIN;
DROP FUNCTION v2.five() CASCADE;
DROP TABLE v2.spare CASCADE;
ROLLBACK;
-- So may one that says so.
SET search_path = v2, app, public;
BEGIN;
SET LOCAL pg_gray.guard = off;
DROP SCHEMA v2 CASCADE;
SELECT to_regclass('app.report') AS report;
ROLLBACK;

-- The triggers of a foreign key go with it, on production's table too.
SET pg_gray.guard = off;
ALTER TABLE app.notices DROP spare_id;
RESET pg_gray.guard;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plans'::regclass AND tgisinternal;
BEGIN;
DROP TABLE spare;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plans'::regclass AND tgisinternal;
ROLLBACK;
ALTER TABLE spare DROP plan_id;
CREATE VIEW all_users AS TABLE users;
CREATE TEMP VIEW some_users AS SELECT id FROM users;
CREATE TEMP TABLE other (LIKE spare, mood mood);
BEGIN;
SET LOCAL pg_gray.guard = off;
ALTER TABLE app.notices DROP mood;
SET LOCAL pg_gray.guard = on;
DROP TYPE mood CASCADE;
ROLLBACK;
ALTER TABLE spare ALTER id TYPE bigint;
DROP TABLE spare CASCADE;
BEGIN;
SET LOCAL pg_gray.guard = off;
DROP VIEW app.report;
SET LOCAL pg_gray.guard = on;
DROP TABLE users CASCADE;
SELECT to_regclass('all_users') AS one, to_regclass('some_users') AS two;
ROLLBACK;

SET search_path = app, public;
SET client_min_messages = warning;
DROP SCHEMA v2 CASCADE;
SELECT gray_drop_release();
DROP SCHEMA app CASCADE;
