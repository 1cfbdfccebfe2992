-- Uids that a client has chosen so that PostgreSQL's hash of them is the same don't share a lock.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA chosen;
SET search_path = chosen, public;
CREATE TABLE users (name text PRIMARY KEY);
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'name');
CREATE TABLE alike (name text PRIMARY KEY);
INSERT INTO alike VALUES ('one user who signs up fi-'), ('v+EEF/W-*B8)k7;lQ}QB$B4/-');
SELECT count(DISTINCT hashtextextended(name, id)) FROM alike, gray.release;
BEGIN;
SELECT count(gray_enter(name)) FROM alike;
SELECT count(DISTINCT (classid, objid)) FROM pg_locks
	WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND objsubid = 7001;
-- Everybody sees the locks: nor can whose they are be found by trying, with what SQL tells of the cluster.
SELECT count(*) FROM alike, pg_control_system() c, gray.release r,
	LATERAL (SELECT mod(r.id + 5305509591434766563 + mod(c.system_identifier * 2::numeric ^ 54, 2::numeric ^ 64)
		+ c.system_identifier / 128, 2::numeric ^ 64)) AS m (sum),
	LATERAL (VALUES (c.system_identifier #
		(CASE WHEN sum >= 2::numeric ^ 63 THEN sum - 2::numeric ^ 64 ELSE sum END)::bigint),
		(c.system_identifier), (r.id), (0)) AS s (seed)
	JOIN pg_locks l ON pid = pg_backend_pid() AND locktype = 'advisory' AND objsubid = 7001
	WHERE (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(name, seed);
COMMIT;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA chosen CASCADE;
