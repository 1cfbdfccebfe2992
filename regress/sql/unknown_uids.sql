-- A uid without a row in any table of the release is nobody's: it leaves nothing behind, and asking costs little.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_set_percent(100), gray_open();
CREATE VIEW traces AS SELECT
	(SELECT count(*) FROM gray_roster()) AS roster, (SELECT count(*) FROM gray.history) AS attempts,
	(SELECT sum(users_on + users_failed + users_stuck) FROM gray.status) AS states;
-- how often the look for a user reads which table, by an index and as a whole
CREATE FUNCTION looked(uid bigint, OUT relname name, OUT by_index bigint, OUT whole bigint) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gray_route(uid);
	CREATE TEMP TABLE before AS SELECT * FROM pg_stat_xact_user_tables;
	PERFORM gray_route(uid);
	RETURN QUERY SELECT a.relname, a.idx_scan - b.idx_scan, a.seq_scan - b.seq_scan
		FROM pg_stat_xact_user_tables a JOIN before b USING (relid)
		WHERE a.schemaname = 'shop' AND (a.seq_scan > b.seq_scan OR a.idx_scan > b.idx_scan) ORDER BY 1;
	DROP TABLE before;
END $$;

-- only the user table is looked at: all else leads to it
SELECT * FROM gray_route(1001);
SELECT * FROM gray_route('1002');
SELECT * FROM looked(1002);
SELECT gray_migrate(1003), gray_migrate_back(1003), gray_state(1003);
SELECT * FROM gray_verify(1003);
SELECT gray_discard(1003);
SELECT gray_reset(1003);
-- a person may list a user who is still to sign up
SELECT gray_add_user(1005);
SELECT * FROM gray_route(1005);
SELECT * FROM gray_roster();
SELECT gray_remove_user(1005);
TABLE traces;
SELECT pg_relation_size(format('gray.state_%s', id)) AS size FROM gray.release;
-- with the first row they are somebody
INSERT INTO users (id, name) VALUES (1005, 'signed up');
SELECT * FROM gray_route(1005);
TABLE traces;
-- who was moved once is known for good, and is not looked for
SELECT gray_set_percent(0);
SELECT * FROM gray_route(1005);
DELETE FROM users WHERE id = 1005;
SELECT gray_set_percent(100);
SELECT * FROM gray_route(1005);
SELECT gray_migrate_back(1005);

-- keys that don't hold for all rows, and tables with a uid of their own
ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;
ALTER TABLE v2.orders DROP CONSTRAINT orders_user_id_fkey;
INSERT INTO orders (id, user_id) VALUES (2001, 1011);
SELECT * FROM gray_route(1011);
SELECT * FROM gray_route(1012);
SELECT * FROM looked(1012);
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID;
INSERT INTO users (id, name) VALUES (1013, 'x');
ALTER TABLE orders DISABLE TRIGGER ALL;
INSERT INTO orders (id, user_id) VALUES (2002, 1014), (2003, NULL);
ALTER TABLE orders ENABLE TRIGGER ALL;
ALTER TABLE orders ENABLE ALWAYS TRIGGER "00_pg_gray_fence", ENABLE ALWAYS TRIGGER "00_pg_gray_fence_truncate";
SELECT uid, r.* FROM generate_series(1013, 1016) uid, gray_route(uid) r;
SELECT gray_close();
SELECT count(gray_discard(uid)) AS discarded FROM gray_roster();
SELECT gray_drop_release();

-- a tree of tables: partitioned, without a key, with a uid of another type, and keys that go round
CREATE TABLE accounts (uid bigint PRIMARY KEY, twin bigint UNIQUE);
CREATE TABLE profiles (uid bigint PRIMARY KEY REFERENCES accounts);
ALTER TABLE accounts ADD FOREIGN KEY (uid) REFERENCES profiles DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE events (uid integer, day integer) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20);
CREATE TABLE notes (owner bigint, note text);
CREATE INDEX ON events (uid);
CREATE INDEX ON notes (owner);
BEGIN;
INSERT INTO accounts VALUES (1);
INSERT INTO profiles VALUES (1);
COMMIT;
INSERT INTO events VALUES (2, 15);
INSERT INTO notes VALUES (3, 'x'), (NULL, 'x'), (5000000000, 'x');
SELECT gray_create_release('v2');
SELECT gray_clone('accounts', 'uid', holds_uid => true);
SELECT gray_clone('profiles', 'uid', holds_uid => true);
SELECT gray_clone('events', 'uid'), gray_clone('notes', 'owner');
SELECT gray_set_percent(100), gray_open();
SELECT uid, r.* FROM unnest('{1,2,3,4,5000000000,5000000001}'::bigint[]) uid, gray_route(uid) r;
SELECT * FROM looked(5000000001);
-- what the session knows of the tables is what they are
ALTER TABLE events DETACH PARTITION events_1;
INSERT INTO events_2 VALUES (6, 16);
ALTER TABLE notes RENAME TO remarks;
INSERT INTO remarks VALUES (7, 'x');
SELECT uid, r.* FROM generate_series(6, 8) uid, gray_route(uid) r;
SELECT * FROM gray_roster() ORDER BY uid;
ALTER TABLE remarks DROP COLUMN owner;
SELECT * FROM gray_route(9);
SELECT gray_close();
SELECT count(gray_discard(uid)) AS discarded FROM gray_roster() WHERE state = 'on';
TRUNCATE v2.notes;
SELECT gray_drop_release();

-- where the look fails, the move does too, and says why
CREATE ROLE regress_gray_owner;
GRANT ALL ON SCHEMA shop TO regress_gray_owner;
CREATE TABLE mine (id integer PRIMARY KEY);
INSERT INTO mine VALUES (1);
ALTER TABLE mine OWNER TO regress_gray_owner;
SELECT gray_create_release('v2');
SELECT gray_clone('mine', 'id');
SELECT gray_set_percent(100), gray_open();
SELECT * FROM gray_route(2);
REVOKE SELECT ON mine FROM regress_gray_owner;
SELECT * FROM gray_route(1);
SELECT gray_reset(1);
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP ROLE regress_gray_owner;
