-- What can't be cloned is refused with a reason and a way out, and nothing is
-- changed.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA refused;
SET search_path = refused, public;
CREATE FUNCTION refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	m text; d text; h text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n  ', SQLSTATE || ' ' || m, 'detail: ' || nullif(d, ''), 'hint: ' || nullif(h, ''));
END $$;
CREATE TABLE users (id integer PRIMARY KEY, name text, number integer UNIQUE, amount numeric, at date);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users);

-- arguments
SELECT refusal($$SELECT gray_clone('users', 'id')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('users', 'id')$$);
SELECT gray_create_release('v2');
SELECT refusal($$SELECT gray_clone('users', 'id', 'v9')$$);
SELECT refusal($$SELECT gray_clone(NULL, 'id')$$);
SELECT refusal($$SELECT gray_clone('no_such_table', 'id')$$);
SELECT refusal($$SELECT gray_clone(4294967290::oid, 'id')$$);
SELECT refusal($$SELECT gray_clone('users', 'no_such_column')$$);
SELECT refusal($$SELECT gray_clone('users', 'xmin')$$);
SELECT refusal($$SELECT gray_clone('users', 'amount')$$);
SELECT refusal($$SELECT gray_clone('users', 'at')$$);
SELECT refusal($$SELECT gray_clone('users')$$);
SELECT refusal($$SELECT gray_clone('orders')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree(NULL, 'id')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('users', NULL)$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('users', 'id', NULL)$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('users', 'no_such_column')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree(4294967290::oid, 'id')$$);

-- kinds of relation
CREATE VIEW a_view AS SELECT * FROM users;
CREATE MATERIALIZED VIEW a_matview AS SELECT * FROM users;
CREATE FOREIGN DATA WRAPPER regress_gray_wrapper;
CREATE SERVER regress_gray_server FOREIGN DATA WRAPPER regress_gray_wrapper;
CREATE FOREIGN TABLE a_foreign_table (id integer) SERVER regress_gray_server;
CREATE TABLE a_partitioned_table (id integer) PARTITION BY RANGE (id);
CREATE TABLE a_partition PARTITION OF a_partitioned_table DEFAULT;
CREATE FOREIGN TABLE a_foreign_partition PARTITION OF a_partitioned_table FOR VALUES FROM (1) TO (2)
	SERVER regress_gray_server;
CREATE TABLE a_parent (id integer);
CREATE TABLE a_child () INHERITS (a_parent);
CREATE TEMPORARY TABLE a_temporary_table (id integer);
CREATE SEQUENCE a_sequence;
CREATE TYPE a_type AS (id integer);
SELECT refusal($$SELECT gray_clone('a_view', 'id')$$);
SELECT refusal($$SELECT gray_clone('a_matview', 'id')$$);
SELECT refusal($$SELECT gray_clone('a_foreign_table', 'id')$$);
SELECT refusal($$SELECT gray_clone('a_partitioned_table', 'id')$$);
SELECT refusal($$SELECT gray_clone('a_partition', 'id')$$);
SELECT refusal($$SELECT gray_clone('a_parent', 'id')$$);
SELECT refusal($$SELECT gray_clone('a_child', 'id')$$);
SELECT regexp_replace(refusal($$SELECT gray_clone('a_temporary_table', 'id')$$), 'pg_temp_\d+', 'pg_temp_N');
SELECT refusal($$SELECT gray_clone('a_sequence', 'last_value')$$);
SELECT refusal($$SELECT gray_clone('users_pkey', 'id')$$);
SELECT refusal($$SELECT gray_clone('a_type', 'id')$$);
SELECT refusal($$SELECT gray_clone('pg_class', 'relname')$$);
SELECT refusal($$SELECT gray_clone('information_schema.sql_features', 'feature_id')$$);
SELECT refusal($$SELECT gray_clone('gray.release', 'release')$$);
CREATE TABLE v2.stray (id integer PRIMARY KEY);
SELECT refusal($$SELECT gray_clone('v2.stray', 'id')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('v2.stray', 'id')$$);

-- the name is taken
CREATE TABLE stray (id integer PRIMARY KEY);
SELECT refusal($$SELECT gray_clone('stray', 'id')$$);
DROP TABLE v2.stray;

-- nothing has happened yet
SELECT count(*) FROM gray.release_table;
SELECT count(*) FROM pg_class WHERE relnamespace = 'v2'::regnamespace;
SELECT uid_type IS NULL FROM gray.release;

-- cloned already, by this release or another
SELECT gray_clone('users', 'id');
SELECT refusal($$SELECT gray_clone('users', 'id')$$);
SELECT gray_create_release('v3');
SELECT refusal($$SELECT gray_clone('users', 'id')$$);
SELECT refusal($$SELECT gray_clone('users', 'id', 'v3')$$);
SELECT refusal($$SELECT gray_clone('v2.users', 'id', 'v3')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('users', 'number', release => 'v2')$$);
SELECT gray_drop_release('v3');

-- another type of uid, another path
CREATE TABLE by_name (id integer PRIMARY KEY, name text, code varchar(10));
CREATE DOMAIN money_domain AS numeric;
CREATE TABLE by_money (id money_domain);
SELECT refusal($$SELECT gray_clone('by_name', 'name')$$);
SELECT refusal($$SELECT gray_clone('by_name', 'code')$$);
SELECT refusal($$SELECT gray_clone('by_money', 'id')$$);
CREATE TABLE messages (id integer PRIMARY KEY, "From" integer REFERENCES users, "To" integer NOT NULL REFERENCES users);
SELECT refusal($$SELECT gray_clone('messages')$$);
CREATE TABLE tied (a integer, b integer, UNIQUE (a, b), UNIQUE (b, a), number integer REFERENCES users (number));
SELECT gray_clone('tied', 'number');
CREATE TABLE tangled (
	x integer, y integer, z integer, FOREIGN KEY (x, y) REFERENCES tied (a, b),
	FOREIGN KEY (x, z) REFERENCES tied (a, b)
);
SELECT refusal($$SELECT gray_clone('tangled')$$);
SELECT refusal($$SELECT gray_clone('tangled', 'x')$$);

-- owners
CREATE ROLE regress_gray_stranger;
GRANT EXECUTE ON FUNCTION gray_clone(regclass, name, name),
	gray_clone_tree(regclass, name, boolean, jsonb, text[], name) TO regress_gray_stranger;
GRANT USAGE ON SCHEMA refused TO regress_gray_stranger;
GRANT ALL ON ALL TABLES IN SCHEMA refused TO regress_gray_stranger;
CREATE TABLE theirs (id integer PRIMARY KEY, user_id integer REFERENCES users);
ALTER TABLE theirs OWNER TO regress_gray_stranger;
SELECT replace(refusal($$SELECT gray_clone('theirs')$$), current_user, 'me');
SELECT replace(refusal($$SELECT * FROM gray_clone_tree('users', 'id')$$), current_user, 'me');
-- at once, whoever holds the table: a stranger may not lock it
BEGIN;
LOCK TABLE orders;
PREPARE TRANSACTION 'regress_gray_lock';
SET lock_timeout = '1s';
SET ROLE regress_gray_stranger;
SELECT regexp_replace(refusal($$SELECT gray_clone('orders')$$), 'as ".*"', 'as "OWNER"');
SELECT regexp_replace(refusal($$SELECT * FROM gray_clone_tree('orders', 'user_id', true)$$), 'as ".*"', 'as "OWNER"');
RESET ROLE;
RESET lock_timeout;
COMMIT PREPARED 'regress_gray_lock';
DROP TABLE theirs, messages;

-- while the release is open, and while somebody is in gray
INSERT INTO users VALUES (42);
SELECT gray_add_user(42);
DROP TABLE tangled;
ALTER TABLE tied ADD PRIMARY KEY (a, b);
SELECT gray_open();
SELECT refusal($$SELECT gray_clone('orders')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('users', 'id')$$);
SELECT gray_migrate(42);
SELECT gray_close();
SELECT refusal($$SELECT gray_clone('orders')$$);
SELECT refusal($$SELECT * FROM gray_clone_tree('users', 'id', true)$$);
SELECT gray_migrate_back(42);
SELECT to_regclass('v2.orders') IS NULL, count(*) FROM gray.release_table;
SELECT gray_clone('orders');

-- the gray schema is gone
SELECT gray_create_release('v3');
DROP SCHEMA v3;
SELECT refusal($$SELECT gray_clone('stray', 'id', 'v3')$$);

SET client_min_messages = warning;
SELECT gray_drop_release('v3');
SELECT gray_close('v2');
SELECT gray_drop_release('v2');
REVOKE EXECUTE ON FUNCTION gray_clone(regclass, name, name),
	gray_clone_tree(regclass, name, boolean, jsonb, text[], name) FROM regress_gray_stranger;
DROP SCHEMA refused CASCADE;
DROP FOREIGN DATA WRAPPER regress_gray_wrapper CASCADE;
DROP TABLE a_temporary_table;
DROP ROLE regress_gray_stranger;
