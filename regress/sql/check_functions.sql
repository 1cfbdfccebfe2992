-- Functions that do not find their tables under a move's search_path are found by calling them for a row that there
-- is, without an effect; where there is none, by what their text names.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA calls;
SET search_path = calls, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check()
		WHERE problem !~ 'cohort|first$|its body names users'
$$;
CREATE TABLE limits (n integer);
INSERT INTO limits VALUES (1000);
CREATE TABLE traces (n integer);
CREATE FUNCTION bare(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN $1 < (SELECT max(n) FROM limits);
END$$;
CREATE FUNCTION bare_sql(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + max(n) FROM limits';
CREATE FUNCTION qualified(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
	AS 'BEGIN RETURN $1 < (SELECT max(n) FROM calls.limits); END';
CREATE FUNCTION pinned(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = calls, pg_temp
	AS 'BEGIN RETURN $1 < (SELECT max(n) FROM limits); END';
CREATE FUNCTION calls_other(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
	AS 'BEGIN RETURN bare($1) AND length(''n'') = 1; END';
CREATE FUNCTION writes(integer) RETURNS boolean LANGUAGE plpgsql
	AS 'BEGIN INSERT INTO calls.traces VALUES ($1); RETURN true; END';
CREATE FUNCTION angry(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE FUNCTION number() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT max(n) FROM limits); END';
CREATE SEQUENCE numbers;
CREATE DOMAIN small AS integer CHECK (bare(VALUE));
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, n integer, m integer);
CREATE INDEX ON orders (user_id);
INSERT INTO users VALUES (1);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\pset format unaligned
\pset tuples_only

\echo -- no row: guessed
BEGIN; ALTER TABLE v2.orders ADD CHECK (calls_other(n)); SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD CHECK (qualified(n)), ADD CHECK (pinned(n)); SELECT told(); ROLLBACK;

INSERT INTO orders VALUES (1, 1, 5, 5);
\echo -- a row: called
BEGIN; ALTER TABLE v2.orders ADD CONSTRAINT c CHECK (bare(n)); SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE orders ADD CONSTRAINT c CHECK (bare(n)); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD CONSTRAINT c CHECK (calls_other(n)); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD twice integer GENERATED ALWAYS AS (bare_sql(n)) STORED; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD extra integer DEFAULT number(); SELECT told(); ROLLBACK;
BEGIN; CREATE INDEX i ON v2.orders (bare_sql(n)); SELECT told(); ROLLBACK;
BEGIN; CREATE INDEX i ON v2.orders (n) WHERE bare(n); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER m TYPE small; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD extra small DEFAULT 7; SELECT told(); ROLLBACK;
BEGIN; SELECT gray_map('v2.orders', 'm', up => 'calls.bare_sql(m)'); ROLLBACK;
BEGIN; SELECT gray_map('v2.orders', 'm', up => 'CASE WHEN calls.bare(m) THEN m END'); SELECT told(); ROLLBACK;
BEGIN; SELECT gray_map('v2.orders', 'm', down => 'CASE WHEN calls.bare(m) THEN m END'); SELECT told(); ROLLBACK;
\echo -- and these do not fail by their names
BEGIN; ALTER TABLE v2.orders ADD CHECK (qualified(n)), ADD CHECK (pinned(n)), ADD CHECK (length(n::text) > 0);
SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD extra integer DEFAULT nextval('numbers'); SELECT told();
SELECT is_called FROM numbers; ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD CHECK (writes(n)); SELECT told(); SELECT count(*) FROM traces; ROLLBACK;
\echo -- a constraint that refuses is another finding, and so is a right that is missing
BEGIN; ALTER TABLE v2.orders ADD CONSTRAINT c CHECK (angry(n)); SELECT told(); ROLLBACK;
CREATE ROLE calls_owner;
GRANT ALL ON SCHEMA calls TO calls_owner;
GRANT USAGE ON SCHEMA v2 TO calls_owner;
BEGIN; ALTER TABLE users OWNER TO calls_owner; ALTER TABLE orders OWNER TO calls_owner;
ALTER TABLE v2.users OWNER TO calls_owner; ALTER TABLE v2.orders OWNER TO calls_owner;
ALTER TABLE v2.orders ADD CONSTRAINT c CHECK (qualified(n)); REVOKE EXECUTE ON FUNCTION qualified FROM PUBLIC;
SELECT told(); ROLLBACK;
\echo -- gray rows will do where production has none
SELECT gray_add_user(1), gray_open(), gray_migrate(1);
ALTER TABLE orders DISABLE TRIGGER "00_pg_gray_fence"; DELETE FROM orders;
ALTER TABLE orders ENABLE ALWAYS TRIGGER "00_pg_gray_fence";
BEGIN; ALTER TABLE v2.orders ADD CONSTRAINT c CHECK (bare(n)); SELECT told(); ROLLBACK;
SELECT gray_discard(1), gray_close();
SELECT gray_drop_release();
DROP SCHEMA calls CASCADE;
DROP ROLE calls_owner;
