-- Tables that only version 2 has: a user's rows are put aside on the way home, and are there again
-- at the next stay, bit for bit.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();

-- A migration: a chain, a self key, an identity, a table without a key, a uid column without a key.
CREATE TABLE v2.badges (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	user_id integer NOT NULL REFERENCES v2.users ON DELETE CASCADE, parent bigint REFERENCES v2.badges,
	price double precision, label text, size integer GENERATED ALWAYS AS (length(label)) STORED);
CREATE TABLE v2.ribbons (badge_id bigint NOT NULL REFERENCES v2.badges, colour text);
CREATE TABLE v2.notes (order_id bigint NOT NULL REFERENCES v2.orders ON DELETE CASCADE, body json);
CREATE TABLE v2.colours (name text PRIMARY KEY);
CREATE TABLE v2.events (owner integer, what text);
INSERT INTO v2.colours VALUES ('red');
SELECT gray_add_table('v2.events', 'owner');
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1), gray_migrate(2);
SELECT * FROM gray.own_tables;

INSERT INTO v2.badges (user_id, parent, price, label)
	VALUES (1, NULL, '-0', 'first'), (1, 1, 0.1, NULL), (2, NULL, 1, 'two');
UPDATE v2.badges SET parent = 2 WHERE id = 1;
INSERT INTO v2.ribbons VALUES (1, 'red'), (1, 'red'), (2, NULL), (3, 'blue');
INSERT INTO v2.notes SELECT min(id), '{"a":  1}' FROM orders WHERE user_id = 1;
INSERT INTO v2.events VALUES (1, 'login'), (2, 'login'), (NULL, 'start');
CREATE VIEW everything AS
	SELECT 'badges' AS t, b::text AS r FROM v2.badges b UNION ALL SELECT 'ribbons', r::text FROM v2.ribbons r
	UNION ALL SELECT 'notes', n::text FROM v2.notes n UNION ALL SELECT 'events', e::text FROM v2.events e;
CREATE TABLE before AS SELECT * FROM everything;
TABLE before;
SELECT gray_migrate_back(1);
TABLE everything;
SELECT * FROM gray.own_tables;
SELECT gray_migrate(1);
TABLE before EXCEPT ALL TABLE everything;
TABLE everything EXCEPT ALL TABLE before;

-- untouched: the parked rows are left alone; touched: they are replaced
SELECT xmin AS before FROM gray.parked_1_4 LIMIT 1 \gset
SELECT gray_migrate_back(1);
SELECT xmin = :before AS same FROM gray.parked_1_4;
SELECT gray_migrate(1);
UPDATE v2.badges SET label = 'changed' WHERE id = 1;
SELECT gray_migrate_back(1);
SELECT gray_migrate(1);
SELECT * FROM v2.badges ORDER BY id;
SELECT count(*) FROM v2.ribbons;

-- given up: what was parked at the last way home is there again
DELETE FROM v2.ribbons WHERE badge_id = 2;
UPDATE v2.badges SET label = 'given up' WHERE id = 1;
INSERT INTO v2.events VALUES (1, 'given up');
SELECT gray_discard(1);
TABLE everything;
SELECT gray_migrate(1);
SELECT label FROM v2.badges WHERE id = 1;
SELECT count(*) FROM v2.ribbons WHERE badge_id = 2;
SELECT * FROM v2.events;

-- the fence
BEGIN;
SELECT gray_migrate_back(2);
\set VERBOSITY sqlstate
INSERT INTO v2.events VALUES (2, 'late');
ROLLBACK;
\set VERBOSITY default

-- a release that keeps rows is not dropped by accident
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT gray_close();
DELETE FROM v2.events;
SELECT gray_drop_release();
DROP VIEW everything;
SELECT gray_drop_release(force => true);
SELECT relname FROM pg_class WHERE relname LIKE 'parked%' OR relnamespace = 'v2'::regnamespace ORDER BY 1;
DROP SCHEMA v2 CASCADE;
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
