-- What becomes of parked rows when something changes while their user is at home.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1), gray_migrate(2);
SELECT min(id) AS a, max(id) AS b FROM orders WHERE user_id = 1 \gset

-- Production deletes an order to which rows refer by each kind of ON DELETE.
CREATE TABLE v2.gone (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users,
	order_id integer REFERENCES v2.orders ON DELETE CASCADE);
CREATE TABLE v2.gone_too (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users,
	gone_id integer REFERENCES v2.gone ON DELETE CASCADE);
CREATE TABLE v2.bookmark (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users,
	order_id integer REFERENCES v2.orders ON DELETE SET NULL);
CREATE TABLE v2.standard (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users,
	order_id integer DEFAULT NULL REFERENCES v2.orders ON DELETE SET DEFAULT);
CREATE TABLE v2.waiting (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users,
	order_id integer REFERENCES v2.orders, parent integer REFERENCES v2.waiting);
INSERT INTO v2.gone VALUES (1, 1, :a), (2, 1, :b), (3, 1, NULL);
INSERT INTO v2.gone_too VALUES (1, 1, 1), (2, 1, 2);
INSERT INTO v2.bookmark VALUES (1, 1, :a), (2, 1, :b);
INSERT INTO v2.standard VALUES (1, 1, :a), (2, 1, :b);
INSERT INTO v2.waiting VALUES (1, 1, :a, NULL), (2, 1, :b, NULL), (3, 1, :b, 1);
SELECT gray_migrate_back(1);
DELETE FROM orders WHERE id = :a;
SELECT gray_migrate(1);
SELECT 'gone' AS t, id, order_id = :b AS to_b FROM v2.gone UNION ALL SELECT 'gone_too', id, NULL FROM v2.gone_too
UNION ALL SELECT 'bookmark', id, order_id = :b FROM v2.bookmark
UNION ALL SELECT 'standard', id, order_id = :b FROM v2.standard
UNION ALL SELECT 'waiting', id, order_id = :b FROM v2.waiting ORDER BY 1, 2;
SELECT detail FROM gray.history WHERE kind = 'migrate' AND detail IS NOT NULL;
SELECT gray_table, parked_users, parked_rows FROM gray.own_tables;
-- the waiting ones wait on, whatever the user does
SELECT gray_migrate_back(1), gray_migrate(1);
SELECT id, parked_waits FROM gray.parked_1_8 ORDER BY id;
SELECT gray_discard(1);
SELECT gray_migrate(1);
SELECT id FROM v2.waiting;
ALTER TABLE v2.waiting DROP CONSTRAINT waiting_order_id_fkey;
SELECT gray_migrate_back(1), gray_migrate(1);
SELECT id, order_id IS NULL FROM v2.waiting ORDER BY id;
SELECT gray_migrate_back(1);

-- Columns are renamed, added, dropped, made wider.
CREATE TABLE v2.shape (a integer NOT NULL REFERENCES v2.users, b varchar(10), c text, parked_uid numeric(4,1));
SELECT gray_migrate(1);
INSERT INTO v2.shape VALUES (1, 'b', 'c', 1.5);
SELECT gray_migrate_back(1);
ALTER TABLE v2.shape RENAME a TO owner;
ALTER TABLE v2.shape ALTER b TYPE text, DROP c, ALTER parked_uid TYPE numeric(8,1), ADD d integer NOT NULL DEFAULT 7,
	ADD c integer;
ALTER TABLE v2.shape RENAME TO shapes;
SELECT gray_migrate(1);
TABLE v2.shapes;
UPDATE v2.shapes SET c = 5;
SELECT gray_migrate_back(1), gray_migrate(1);
TABLE v2.shapes;
SELECT gray_migrate_back(1);

-- A type that only the upgrade's author can convert: nothing is lost, and nobody guesses.
ALTER TABLE v2.shapes ALTER parked_uid TYPE integer USING parked_uid * 100;
SELECT gray_migrate(1);
SELECT sqlstate, message, hint FROM gray.incidents;
ALTER TABLE gray.parked_1_9 ALTER parked_uid_2 TYPE integer USING parked_uid_2 * 100;
SELECT gray_reset(1);
SELECT gray_migrate(1);
TABLE v2.shapes;

-- A value that somebody else has taken meanwhile.
CREATE TABLE v2.names (name text PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users);
INSERT INTO v2.names VALUES ('x', 1);
SELECT gray_migrate_back(1);
INSERT INTO v2.names VALUES ('x', 2);
SELECT gray_migrate(1);
SELECT sqlstate, table_name, message, hint FROM gray.incidents;
DELETE FROM v2.names;
SELECT gray_reset(1);
SELECT gray_migrate(1);
TABLE v2.names;

-- A type of the application's own is replaced by another, and dropped, as runners do with enums.
CREATE TYPE v2.mood AS ENUM ('sad', 'ok');
CREATE TYPE v2.pair AS (a double precision, b text);
CREATE DOMAIN v2.feeling AS v2.mood CHECK (value <> 'sad');
CREATE TABLE v2.moods (user_id integer NOT NULL REFERENCES v2.users, mood v2.mood UNIQUE, list v2.mood[], pair v2.pair,
	feeling v2.feeling);
CREATE TABLE v2.why (user_id integer NOT NULL REFERENCES v2.users, mood v2.mood REFERENCES v2.moods (mood));
INSERT INTO v2.moods VALUES (1, 'ok', '{sad,ok,NULL}', '(0.1,"a ""b"",")', 'ok'), (1, 'sad', NULL, NULL, NULL);
INSERT INTO v2.why VALUES (1, 'ok'), (1, NULL);
SELECT gray_migrate_back(1), gray_migrate(1);
SELECT m::text FROM v2.moods m UNION ALL SELECT w::text FROM v2.why w;
SELECT gray_migrate_back(1);
BEGIN;
CREATE TYPE v2.mood_new AS ENUM ('happy', 'ok', 'sad');
ALTER TABLE v2.why DROP CONSTRAINT why_mood_fkey, ALTER mood TYPE v2.mood_new USING mood::text::v2.mood_new;
ALTER TABLE v2.moods DROP feeling, ALTER mood TYPE v2.mood_new USING mood::text::v2.mood_new,
	ALTER list TYPE v2.mood_new[] USING list::text::v2.mood_new[];
DROP DOMAIN v2.feeling;
DROP TYPE v2.mood;
ALTER TYPE v2.mood_new RENAME TO mood;
COMMIT;
SELECT gray_migrate(1);
SELECT m::text FROM v2.moods m UNION ALL SELECT w::text FROM v2.why w;

-- The table is dropped: the rows stay parked.
SELECT gray_migrate_back(1);
SET pg_gray.guard = off;
DROP TABLE v2.names;
RESET pg_gray.guard;
SELECT gray_migrate(1);
SELECT parked_users, parked_rows FROM gray.own_tables WHERE gray_table = 'v2.names';
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT gray_close();
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA v2 CASCADE;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
