-- A fence that does not stand while users may be in gray is an error, and so is one that a crash or a
-- subscription passes by.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA fenced;
SET search_path = fenced, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check() WHERE problem !~ 'cohort'
$$;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE events (id integer, kind text, user_id integer NOT NULL REFERENCES users, PRIMARY KEY (id,
	kind)) PARTITION BY LIST (kind);
CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('a');
CREATE INDEX ON orders (user_id); CREATE INDEX ON events (user_id);
INSERT INTO users VALUES (1); INSERT INTO orders VALUES (1, 1); INSERT INTO events VALUES (1, 'a', 1);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\pset format unaligned
\pset tuples_only
\echo -- before it is put up, there is nothing to tell
SELECT told();
SELECT gray_add_user(1), gray_open(), gray_migrate(1);
SELECT told();

\echo -- disabled, on either side, on a partition alone; gray_open mends what it can
BEGIN; ALTER TABLE orders DISABLE TRIGGER USER; SELECT told(); SELECT gray_open(); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders DISABLE TRIGGER ALL; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE events DISABLE TRIGGER USER; SELECT told(); SELECT gray_open(); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE ONLY events_a DISABLE TRIGGER "00_pg_gray_fence"; SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE orders ENABLE REPLICA TRIGGER "00_pg_gray_fence"; SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE orders ENABLE ALWAYS TRIGGER "00_pg_gray_fence"; SELECT told(); ROLLBACK;
\echo -- dropped, and another one in its place
BEGIN; DROP TRIGGER "00_pg_gray_fence" ON orders; SELECT told(); SELECT gray_open(); SELECT told();
DROP TRIGGER "00_pg_gray_fence" ON orders;
CREATE TRIGGER "00_pg_gray_fence" AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION nothing(); SELECT told();
SELECT gray_open(); ROLLBACK;
BEGIN; DROP TRIGGER "00_pg_gray_fence" ON orders;
CREATE TRIGGER "00_pg_gray_fence" AFTER INSERT OR UPDATE OR DELETE ON orders
	FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION gray.fence('v2', 'production'); SELECT told();
	ROLLBACK;
\echo -- the privilege TRIGGER suffices to replace ours: by one of less, and nobody is moved; of gray;
\echo -- of another function
BEGIN; INSERT INTO users VALUES (2); CREATE OR REPLACE TRIGGER "00_pg_gray_fence" AFTER INSERT ON orders
	FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'production');
ALTER TABLE orders ENABLE ALWAYS TRIGGER "00_pg_gray_fence"; SELECT told();
SELECT gray_add_user(2); SELECT gray_migrate(2); ROLLBACK;
BEGIN; CREATE OR REPLACE TRIGGER "00_pg_gray_fence" AFTER INSERT OR UPDATE OR DELETE ON orders
	FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'gray');
ALTER TABLE orders ENABLE ALWAYS TRIGGER "00_pg_gray_fence"; SELECT told(); ROLLBACK;
BEGIN; CREATE OR REPLACE TRIGGER "00_pg_gray_fence" AFTER INSERT OR UPDATE OR DELETE ON orders
	FOR EACH ROW EXECUTE FUNCTION gray.shared('v2', 'production');
ALTER TABLE orders ENABLE ALWAYS TRIGGER "00_pg_gray_fence"; SELECT told(); ROLLBACK;
BEGIN; DROP TRIGGER "00_pg_gray_fence_truncate" ON orders; SELECT told(); ROLLBACK;
\echo -- another table of the name
BEGIN; CREATE TABLE orders_new (LIKE orders INCLUDING ALL); ALTER TABLE orders RENAME TO orders_old;
ALTER TABLE orders_new RENAME TO orders;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users; SELECT told(); SELECT gray_open(); SELECT told();
ROLLBACK;
\echo -- a row level fence comes with a partition
BEGIN; CREATE TABLE events_b PARTITION OF events FOR VALUES IN ('b');
CREATE TABLE v2.events_b PARTITION OF v2.events FOR VALUES IN ('b');
SELECT told(); ROLLBACK;

\echo -- once closed, as long as somebody is in gray
SELECT gray_close();
BEGIN; ALTER TABLE orders DISABLE TRIGGER USER; SELECT told(); ROLLBACK;
SELECT gray_migrate_back(1), gray_close();
SELECT told();

\echo -- what a crash empties
BEGIN; ALTER TABLE v2.orders SET UNLOGGED; SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE v2.events_a SET UNLOGGED; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE orders SET UNLOGGED; ALTER TABLE v2.orders SET UNLOGGED; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE orders SET UNLOGGED; SELECT told(); ROLLBACK;

\echo -- what a subscription writes
CREATE SUBSCRIPTION pg_gray_subscription CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false,
	slot_name = NONE);
INSERT INTO pg_subscription_rel SELECT s.oid, 'orders'::regclass, 'r', NULL FROM pg_subscription s
	WHERE subname = 'pg_gray_subscription';
INSERT INTO pg_subscription_rel SELECT s.oid, 'events_a'::regclass, 'r', NULL FROM pg_subscription s
	WHERE subname = 'pg_gray_subscription';
SELECT told();
SELECT gray_open();
DROP SUBSCRIPTION pg_gray_subscription;
SELECT told();
\echo -- a role that writes as a replica does
CREATE ROLE fence_replica;
BEGIN; ALTER ROLE fence_replica SET session_replication_role = replica; SELECT told(); ROLLBACK;
BEGIN; ALTER ROLE fence_replica IN DATABASE :DBNAME SET session_replication_role = replica; SELECT told(); ROLLBACK;
DROP ROLE fence_replica;
SELECT gray_drop_release();
DROP SCHEMA fenced CASCADE;
