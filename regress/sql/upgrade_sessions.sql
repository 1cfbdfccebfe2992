-- An upgrade as an application makes it: login sessions, with plain keys, and the devices that they come from.  A user
-- whose sessions are there can't be deleted before them.  The tables' owner runs the migration, who is no superuser.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;
CREATE SCHEMA web AUTHORIZATION regress_gray_owner;
SET search_path = web, public;
SET ROLE regress_gray_owner;
CREATE TABLE accounts (id uuid PRIMARY KEY, name text NOT NULL, last_login timestamptz);
CREATE TABLE invoices (id serial PRIMARY KEY, account_id uuid NOT NULL REFERENCES accounts, cents integer NOT NULL);
INSERT INTO accounts SELECT format('00000000-0000-4000-8000-%s', to_char(i, 'FM000000000000'))::uuid, 'account ' || i
	FROM generate_series(1, 20) i;
INSERT INTO invoices (account_id, cents) SELECT id, 100 FROM accounts, generate_series(1, 2);
RESET ROLE;
CREATE FUNCTION structure() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attnum)
		FROM pg_attribute WHERE attrelid IN ('web.accounts'::regclass, 'web.invoices'::regclass) AND attnum > 0
	UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
		FROM pg_constraint WHERE connamespace = 'web'::regnamespace $$;
SELECT gray_create_release('v2');
SELECT production, gray FROM gray_clone_tree('accounts', 'id');
GRANT CREATE ON SCHEMA v2 TO regress_gray_owner;
CREATE TEMP TABLE structure_before AS SELECT * FROM structure();
CREATE TEMP TABLE rows_before AS SELECT a::text AS r FROM accounts a UNION ALL SELECT i::text FROM invoices i;

-- the migration
SET ROLE regress_gray_owner;
SET search_path = v2, public;
CREATE TABLE devices (id serial PRIMARY KEY, account_id uuid NOT NULL REFERENCES accounts, name varchar(40) NOT NULL,
	UNIQUE (account_id, name));
CREATE TABLE sessions (token text PRIMARY KEY, device_id integer NOT NULL REFERENCES devices, ip inet, data json,
	renewed_from text REFERENCES sessions);
CREATE TABLE session_log (token text NOT NULL REFERENCES sessions, what text NOT NULL);
RESET ROLE;
SET search_path = web, public;

-- production is as before, the review shows the upgrade, and nothing is in the way
SELECT count(*) FROM (TABLE structure_before EXCEPT ALL SELECT * FROM structure()) x;
SELECT count(*) FROM (SELECT * FROM structure() EXCEPT ALL TABLE structure_before) x;
SELECT count(*) FROM (TABLE rows_before
	EXCEPT ALL (SELECT a::text FROM accounts a UNION ALL SELECT i::text FROM invoices i)) x;
SELECT * FROM gray_diff();
SELECT object, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
SELECT gray_table, owner FROM gray.own_tables ORDER BY 1;

-- version 2 works
SELECT id AS one FROM accounts WHERE name = 'account 1' \gset
SELECT id AS two FROM accounts WHERE name = 'account 2' \gset
SELECT gray_add_user(:'one'::uuid), gray_add_user(:'two'::uuid);
SELECT gray_migrate(:'one'::uuid), gray_migrate(:'two'::uuid);
SET ROLE regress_gray_owner;
SET search_path = v2, public;
INSERT INTO devices (account_id, name)
	VALUES (:'one', 'laptop'), (:'one', 'phone'), (:'two', 'laptop'), (:'one', 'lost');
INSERT INTO sessions VALUES ('a', 1, '10.0.0.1', '{"theme":  "dark"}', NULL),
	('b', 1, '10.0.0.2', NULL, 'a'), ('c', 2, '::1', '[]', 'b'),
	('d', 3, NULL, NULL, NULL), ('e', 4, NULL, NULL, NULL);
INSERT INTO session_log VALUES ('a', 'login'), ('a', 'login'), ('c', 'logout'), ('d', 'login');
UPDATE sessions SET renewed_from = 'c' WHERE token = 'a';
DELETE FROM sessions WHERE token = 'e';
DELETE FROM devices WHERE name = 'lost';
UPDATE accounts SET last_login = '2026-01-01 00:00+00' WHERE id = :'one';
INSERT INTO invoices (account_id, cents) VALUES (:'one', 250);
DELETE FROM invoices WHERE id = (SELECT min(id) FROM invoices WHERE account_id = :'two');
\set VERBOSITY terse
DELETE FROM devices WHERE id = 1;
\set VERBOSITY default
RESET ROLE;
SET search_path = web, public;
CREATE VIEW gray_now AS SELECT 'device' AS t, d::text AS r FROM v2.devices d
	UNION ALL SELECT 'session', s::text FROM v2.sessions s
	UNION ALL SELECT 'log', l::text FROM v2.session_log l UNION ALL SELECT 'account', a::text FROM v2.accounts a
	UNION ALL SELECT 'invoice', i::text FROM v2.invoices i;
CREATE TEMP TABLE stay AS TABLE gray_now;
SELECT * FROM stay WHERE t IN ('device', 'session', 'log') ORDER BY 1, 2;

-- home: plain keys keep nobody there; production has what it has a place for, and version 1 works
SELECT gray_migrate_back(:'one'::uuid), gray_migrate_back(:'two'::uuid);
TABLE gray_now;
SELECT gray_table, parked_users, parked_rows FROM gray.own_tables ORDER BY 1;
SELECT name, last_login, sum(cents) FROM accounts a JOIN invoices i ON account_id = a.id WHERE a.id IN (:'one', :'two')
	GROUP BY a.id ORDER BY 1;
SET ROLE regress_gray_owner;
INSERT INTO invoices (account_id, cents) VALUES (:'two', 7);
UPDATE accounts SET name = 'another' WHERE id = :'two';
RESET ROLE;

-- there again: all is there again, with what version 1 did
SELECT gray_migrate(:'one'::uuid), gray_migrate(:'two'::uuid);
SELECT * FROM stay EXCEPT ALL TABLE gray_now ORDER BY 1, 2;
TABLE gray_now EXCEPT ALL SELECT * FROM stay ORDER BY 1, 2;
INSERT INTO v2.devices (account_id, name) VALUES (:'two', 'watch') RETURNING id;

-- a stay that is given up leaves what was put aside before
DELETE FROM v2.session_log;
SELECT gray_discard(:'one'::uuid), gray_discard(:'two'::uuid);
SELECT gray_migrate(:'one'::uuid), gray_migrate(:'two'::uuid);
SELECT * FROM stay WHERE t IN ('device', 'session', 'log') EXCEPT ALL TABLE gray_now;

-- version 1 deletes an account: its sessions can't come back, and are given up with the release
SELECT gray_migrate_back(:'one'::uuid), gray_migrate_back(:'two'::uuid);
DELETE FROM invoices WHERE account_id = :'two';
DELETE FROM accounts WHERE id = :'two';
SELECT gray_migrate(:'one'::uuid), gray_migrate(:'two'::uuid);
SELECT gray_table, parked_users, parked_rows FROM gray.own_tables ORDER BY 1;
SELECT t, count(*) FROM gray_now GROUP BY t ORDER BY t;
SELECT gray_migrate_back(:'one'::uuid), gray_migrate_back(:'two'::uuid);
SELECT gray_close();
SELECT gray_drop_release();
DROP VIEW gray_now;
SELECT gray_drop_release(force => true);
DROP SCHEMA web CASCADE;
DROP OWNED BY regress_gray_owner CASCADE;
DROP ROLE regress_gray_owner;
DROP EXTENSION pg_gray;
