-- Functions of the application that moves call: after_migrate fills tables that only version 2 has,
-- after_home writes production.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
CREATE TABLE v2.totals (user_id integer PRIMARY KEY REFERENCES v2.users ON DELETE CASCADE, orders bigint, note text);
CREATE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO v2.totals SELECT uid, count(*), 'made as ' || current_setting('search_path')
		FROM v2.orders WHERE user_id = uid
		ON CONFLICT (user_id) DO UPDATE SET orders = excluded.orders;
END $$;
CREATE FUNCTION v2.bring_note(uid text) RETURNS void LANGUAGE sql AS
	$$ UPDATE shop.users SET name = substr(t.note, 4) FROM v2.totals t
		WHERE t.user_id = id AND id = uid::integer AND note LIKE 'my %' $$;

-- what a hook must be
SELECT gray_hook('before_migrate', 'v2.count_orders(integer)');
SELECT gray_hook('after_migrate', 'pg_catalog.now()');
SELECT gray_hook('after_migrate', 'pg_catalog.pg_sleep(double precision)');
SELECT gray_hook('after_migrate', 'pg_catalog.pg_sleep_until(timestamptz)');
SELECT gray_hook('after_migrate', 'pg_catalog.abs(integer)');
SELECT gray_hook(NULL, NULL);
SELECT gray_hook('after_migrate', 'v2.count_orders(integer)');
SELECT gray_hook('after_home', 'v2.bring_note(text)');
SELECT event, function FROM gray.hook ORDER BY 1;
SELECT gray_open();
SELECT gray_add_user(1), gray_add_user(2);

-- there and back
SELECT gray_migrate(1), gray_migrate(2);
SELECT * FROM v2.totals ORDER BY 1;
UPDATE v2.totals SET note = 'my own name' WHERE user_id = 1;
SELECT gray_migrate_back(1);
SELECT id, name FROM users WHERE id < 4 ORDER BY id;

-- parked rows come back before the hook; what the hook writes then is not lost
INSERT INTO orders (user_id, total) VALUES (1, 5);
SELECT gray_migrate(1);
SELECT * FROM v2.totals ORDER BY 1;
SELECT gray_migrate_back(1);
SELECT gray_hook('after_migrate', NULL);
SELECT gray_migrate(1);
SELECT * FROM v2.totals WHERE user_id = 1;
SELECT gray_migrate_back(1);
SELECT gray_hook('after_migrate', 'v2.count_orders(integer)');

-- an error of a hook is the move's: nothing is left in gray, and the user stays at home
CREATE OR REPLACE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO v2.totals VALUES (uid, 0, 'half') ON CONFLICT (user_id) DO UPDATE SET note = 'half';
	RAISE 'no totals today' USING ERRCODE = 'UE001', TABLE = 'totals', SCHEMA = 'v2';
END $$;
SELECT gray_migrate(1);
SELECT sqlstate, table_name, message, row_key FROM gray.incidents WHERE uid = '1';
SELECT count(*) FROM v2.users WHERE id = 1;
SELECT count(*) FROM v2.totals WHERE user_id = 1;
CREATE OR REPLACE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE sql AS '';
SELECT gray_reset(1);
SELECT gray_migrate(1);
SELECT note FROM v2.totals WHERE user_id = 1;

-- and on the way home: the user is stuck, and production as it was
CREATE OR REPLACE FUNCTION v2.bring_note(uid text) RETURNS void LANGUAGE plpgsql AS
	$$ BEGIN UPDATE shop.users SET name = 'half' WHERE id = uid::integer; PERFORM 1 / 0; END $$;
SELECT gray_migrate_back(1);
SELECT sqlstate, table_name, message, row_key FROM gray.incidents WHERE uid = '1';
SELECT name FROM users WHERE id = 1;
SELECT count(*) FROM v2.users WHERE id = 1;
CREATE OR REPLACE FUNCTION v2.bring_note(uid text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
SELECT gray_reset(1);
SELECT gray_migrate_back(1);

-- a hook does not write twins
CREATE OR REPLACE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE sql AS
	'UPDATE v2.users SET name = name WHERE id = uid';
SELECT gray_migrate(1);
SELECT gray_reset(1);
CREATE OR REPLACE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE sql AS
	'UPDATE shop.users SET name = name WHERE id = 3';
SELECT gray_migrate(1);
SELECT gray_reset(1);
CREATE OR REPLACE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE sql AS 'TRUNCATE v2.orders CASCADE';
SET client_min_messages = warning;
SELECT gray_migrate(1);
RESET client_min_messages;
SELECT gray_reset(1);
DROP FUNCTION v2.count_orders(integer);
CREATE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE plpgsql AS
	'BEGIN PERFORM public.gray_migrate_back(2); END';
SELECT gray_migrate(1);
SELECT gray_reset(1);
CREATE OR REPLACE FUNCTION v2.count_orders(uid integer) RETURNS void LANGUAGE sql AS '';
SELECT gray_migrate(1);
CREATE OR REPLACE FUNCTION v2.bring_note(uid text) RETURNS void LANGUAGE sql AS
	'DELETE FROM v2.users WHERE id = uid::integer';
SELECT gray_migrate_back(1);
SELECT gray_reset(1);
UPDATE v2.users SET name = 'by the user' WHERE id = 1;
CREATE OR REPLACE FUNCTION v2.bring_note(uid text) RETURNS void LANGUAGE sql AS
	'UPDATE shop.users SET name = name || $$ and the hook$$, email = email WHERE id = uid::integer';
SELECT gray_migrate_back(1);
SELECT id, name FROM users WHERE id < 4 ORDER BY id;

-- a hook that is gone stops no user: nobody fails, but who is in gray is stuck
ALTER FUNCTION v2.bring_note RENAME TO bring;
DROP FUNCTION v2.count_orders;
SELECT * FROM gray_check() WHERE severity = 'error';
SELECT gray_migrate(1);
SELECT uid, state FROM gray.state_1 ORDER BY uid;
SELECT gray_migrate_back(2);
SELECT gray_reset(2);
SELECT gray_hook('after_home', 'v2.bring(text)');
SELECT gray_migrate_back(2);
SELECT gray_hook('after_migrate', NULL), gray_hook('after_home', NULL);
SELECT count(*) FROM gray.hook;

-- deferred constraints are immediate for a hook
CREATE TABLE v2.firsts (id integer PRIMARY KEY REFERENCES v2.users DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION v2.first(uid integer) RETURNS void LANGUAGE sql AS 'INSERT INTO v2.firsts VALUES (uid)';
SELECT gray_hook('after_migrate', 'v2.first(integer)');
SELECT gray_migrate(1);
SELECT * FROM v2.firsts;
SELECT gray_migrate_back(1);
CREATE TABLE loose (id integer REFERENCES users DEFERRABLE INITIALLY DEFERRED);
BEGIN;
INSERT INTO loose VALUES (3);
SELECT gray_migrate(1);
ROLLBACK;

-- users who can come home only together: the hook is called for each of them
CREATE FUNCTION v2.tell_orders(uid integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE shop.users SET name = 'user ' || uid || ' came home' WHERE id = uid;
	RAISE NOTICE 'user % has orders % in production', uid,
		(SELECT array_agg(id ORDER BY id) FROM shop.orders WHERE user_id = uid);
END $$;
SELECT gray_hook('after_home', 'v2.tell_orders(integer)');
SELECT gray_add_user(4), gray_add_user(5);
SELECT gray_migrate(4), gray_migrate(5);
UPDATE v2.orders o SET user_id = 9 - user_id FROM (SELECT min(id) AS id FROM v2.orders WHERE user_id IN (4, 5)
	GROUP BY user_id) AS first WHERE first.id = o.id;
SELECT gray_migrate_back(5);
SELECT id, name, gray_state(id) FROM users WHERE id IN (4, 5) ORDER BY id;
SELECT * FROM v2.firsts;
SELECT gray_hook('after_home', NULL);

-- what reads a table is no mapping, but a hook
CREATE FUNCTION v2.note_of(uid integer) RETURNS text STABLE LANGUAGE sql AS
	'SELECT note FROM v2.totals WHERE user_id = uid';
SELECT gray_map('v2.users', 'name', up => 'name', down => 'coalesce(v2.note_of(id), name)');
SELECT * FROM gray_check() WHERE problem LIKE '%down%';
SELECT gray_map('v2.users', 'name');

-- only the tables' owner gives a hook, and nobody else's function
CREATE ROLE regress_hooks_stranger;
GRANT EXECUTE ON FUNCTION gray_hook TO regress_hooks_stranger;
SET ROLE regress_hooks_stranger;
SELECT gray_hook('after_home', NULL);
RESET ROLE;
CREATE ROLE regress_hooks_owner;
GRANT USAGE ON SCHEMA shop, v2 TO regress_hooks_owner;
SELECT format('ALTER TABLE %s OWNER TO regress_hooks_owner', oid::regclass)
	FROM pg_class WHERE relkind = 'r'
		AND relnamespace IN ('v2'::regnamespace, 'shop'::regnamespace, 'public'::regnamespace)
		ORDER BY oid::regclass::text \gexec
SELECT gray_hook('after_home', 'v2.first(integer)');
ALTER FUNCTION v2.first OWNER TO regress_hooks_stranger;
SELECT gray_hook('after_home', 'v2.first(integer)');
SELECT gray_migrate(2);
SELECT * FROM gray_check() WHERE problem LIKE '%hook%';
ALTER FUNCTION v2.first OWNER TO CURRENT_USER;
SELECT gray_migrate(2);
SELECT * FROM v2.firsts;

SELECT gray_hook('after_home', NULL);
SELECT gray_migrate_back(2);
SELECT gray_close();
SELECT gray_drop_release(force => true);
SELECT count(*) FROM gray.hook;
SET client_min_messages = warning;
DROP SCHEMA v2 CASCADE;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
DROP ROLE regress_hooks_owner, regress_hooks_stranger;
