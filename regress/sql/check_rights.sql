-- What the owner of the tables may not do is found before a move fails at it: gray_check shows it as an error, and
-- gray_open refuses.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE rights_owner;
CREATE ROLE rights_other;
CREATE SCHEMA rights AUTHORIZATION rights_owner;
CREATE SCHEMA types AUTHORIZATION rights_owner;
GRANT USAGE, CREATE ON SCHEMA rights, types TO rights_other;
SET search_path = rights, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check() WHERE problem !~ 'cohort'
$$;
SET ROLE rights_owner;
CREATE DOMAIN types.code AS text;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE ledger (code types.code PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE events (id integer, kind text, user_id integer NOT NULL REFERENCES users, PRIMARY KEY (id,
	kind)) PARTITION BY LIST (kind);
CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('a');
CREATE INDEX ON ledger (user_id); CREATE INDEX ON events (user_id);
RESET ROLE;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\pset format unaligned
\pset tuples_only
SELECT told();

\echo -- an owner is denied what is theirs, on either side
BEGIN; REVOKE UPDATE, DELETE, TRUNCATE ON ledger FROM rights_owner; SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; REVOKE SELECT ON v2.ledger FROM rights_owner; SELECT told(); ROLLBACK;
BEGIN; REVOKE ALL ON v2.events_a FROM rights_owner; SELECT told(); ROLLBACK;
BEGIN; REVOKE TRIGGER ON users FROM rights_owner; SELECT told(); SAVEPOINT a; SELECT gray_open(); ROLLBACK TO a;
GRANT TRIGGER ON users TO rights_owner; SELECT gray_open(); REVOKE TRIGGER ON users FROM rights_owner;
SELECT told(); ROLLBACK;
BEGIN; REVOKE REFERENCES, TRUNCATE ON ledger FROM rights_owner; SELECT told(); ROLLBACK;

\echo -- schemas of tables and types, sequences of defaults
BEGIN; ALTER SCHEMA rights OWNER TO rights_other; REVOKE USAGE ON SCHEMA rights FROM rights_owner; SELECT told();
ROLLBACK;
BEGIN; ALTER SCHEMA types OWNER TO rights_other; REVOKE USAGE ON SCHEMA types FROM rights_owner; SELECT told();
ROLLBACK;
BEGIN; REVOKE USAGE ON SCHEMA v2 FROM rights_owner; SELECT told(); ROLLBACK;
CREATE SEQUENCE numbers;
ALTER TABLE v2.ledger ADD number bigint DEFAULT nextval('numbers');
SELECT told();
GRANT USAGE ON SEQUENCE numbers TO rights_owner;
SELECT told();

\echo -- another owner, of one table on one side, or of a partition, or of all
BEGIN; ALTER TABLE ledger OWNER TO rights_other; SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE v2.users OWNER TO rights_other; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE users OWNER TO rights_other; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE events_a OWNER TO rights_other; SELECT told(); ROLLBACK;
SELECT gray_open();
BEGIN; GRANT USAGE ON SCHEMA v2 TO rights_other; GRANT USAGE ON SEQUENCE numbers TO rights_other;
REASSIGN OWNED BY rights_owner TO rights_other; SELECT told(); SELECT gray_open(); SELECT told(); ROLLBACK;
\echo -- a member of the role is not the owner, and a superuser needs no rights
BEGIN; GRANT rights_owner TO rights_other; ALTER TABLE ledger OWNER TO rights_other; SELECT told(); ROLLBACK;
BEGIN; ALTER ROLE rights_owner SUPERUSER; REVOKE ALL ON ledger, v2.ledger FROM rights_owner; SELECT told(); ROLLBACK;
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA rights, types CASCADE;
DROP ROLE rights_owner, rights_other;
