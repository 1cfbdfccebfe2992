-- What is missing in gray because of DDL or a crash was not deleted by the user: then nothing is deleted at home.
SET pg_gray.guard = off;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA absent;
SET search_path = absent, public;
CREATE TABLE parts (id integer, kind integer, user_id integer NOT NULL, n integer DEFAULT 0, PRIMARY KEY (id, kind))
	PARTITION BY LIST (kind);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
CREATE TABLE "No key" (kind integer, user_id integer NOT NULL, n integer) PARTITION BY LIST (kind);
CREATE TABLE nokey_0 PARTITION OF "No key" FOR VALUES IN (0);
CREATE TABLE nokey_1 PARTITION OF "No key" FOR VALUES IN (1);
CREATE TABLE notes (id integer PRIMARY KEY, user_id integer NOT NULL, note text);
CREATE TABLE marks (user_id integer NOT NULL, mark text);
INSERT INTO parts SELECT u * 10 + n, n % 2, u FROM generate_series(1, 9) u, generate_series(1, 4) n;
INSERT INTO "No key" SELECT n % 2, u, n FROM generate_series(1, 9) u, generate_series(1, 4) n;
INSERT INTO notes SELECT u * 10 + n, u, 'note' FROM generate_series(1, 9) u, generate_series(1, 2) n;
INSERT INTO marks SELECT u, 'mark ' || n FROM generate_series(1, 9) u, generate_series(1, 2) n;
SELECT gray_create_release('a', 'a');
SELECT gray_clone(t, 'user_id') FROM unnest(ARRAY['parts', '"No key"', 'notes', 'marks']::regclass[]) t;
SELECT gray_set_percent(100), gray_open();
-- the whole of a user's rows at home
CREATE FUNCTION at_home(uid integer) RETURNS text LANGUAGE sql AS $$SELECT concat_ws('; ',
	(SELECT string_agg(format('%s/%s=%s', id, kind, n), ' ' ORDER BY id) FROM absent.parts WHERE user_id = uid),
	(SELECT string_agg(format('%s=%s', kind, n), ' ' ORDER BY n, kind) FROM absent."No key" WHERE user_id = uid),
	(SELECT string_agg(id || note, ' ' ORDER BY id) FROM absent.notes WHERE user_id = uid),
	(SELECT string_agg(mark, ' ' ORDER BY mark) FROM absent.marks WHERE user_id = uid))$$;
CREATE VIEW incidents AS
	SELECT uid, sqlstate, table_name, row_key, message, detail, hint FROM gray.incidents ORDER BY uid;
\x on
SELECT gray_migrate(u) FROM generate_series(1, 9) u;

-- detached in gray
ALTER TABLE a.parts DETACH PARTITION a.parts_0;
ALTER TABLE a."No key" DETACH PARTITION a.nokey_1;
SELECT gray_migrate_back(1);
SELECT * FROM incidents;
ALTER TABLE a.parts ATTACH PARTITION a.parts_0 FOR VALUES IN (0);
SELECT gray_reset(1), gray_migrate_back(1);
SELECT * FROM incidents;
SET pg_gray.back_strategy = 'replace';
SELECT gray_reset(1), gray_migrate_back(1);
RESET pg_gray.back_strategy;
ALTER TABLE a."No key" ATTACH PARTITION a.nokey_1 FOR VALUES IN (1);
UPDATE a.parts SET n = 7 WHERE user_id = 1;
DELETE FROM a."No key" WHERE user_id = 1 AND n = 4;
SELECT gray_reset(1), gray_migrate_back(1);
SELECT at_home(1);
-- with none of the user's rows it is not missed, and one that is dropped goes with its rows
DELETE FROM a.parts WHERE user_id = 2 AND kind = 0;
ALTER TABLE a.parts DETACH PARTITION a.parts_0;
SELECT gray_migrate_back(2);
SELECT at_home(2);
DROP TABLE a.parts_0;
CREATE TABLE a.parts_0 PARTITION OF a.parts FOR VALUES IN (0);
SELECT gray_migrate_back(3);
SELECT at_home(3);

-- detached in production: its rows are not made a second time
SELECT gray_migrate(1);
ALTER TABLE parts DETACH PARTITION parts_1;
UPDATE a.parts SET n = 8 WHERE user_id = 1;
SELECT gray_migrate_back(1);
SELECT * FROM incidents;
ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES IN (1);
SELECT gray_reset(1), gray_migrate_back(1);
SELECT at_home(1);

-- attached in production with rows that gray never had: they stay
SELECT gray_migrate(1), gray_migrate(2), gray_migrate(3);
CREATE TABLE late (
	kind integer, n integer DEFAULT 0, user_id integer NOT NULL, id integer NOT NULL,
	CONSTRAINT late_pkey PRIMARY KEY (id, kind)
);
INSERT INTO late SELECT 2, 0, u, 1000 + u FROM generate_series(1, 3) u;
CREATE TABLE late_nokey (kind integer, user_id integer NOT NULL, n integer);
INSERT INTO late_nokey SELECT 2, u, 1000 + u FROM generate_series(1, 3) u;
ALTER TABLE parts ATTACH PARTITION late FOR VALUES IN (2);
ALTER TABLE "No key" ATTACH PARTITION late_nokey FOR VALUES IN (2);
DELETE FROM a.parts WHERE user_id = 1 AND id = 11;
INSERT INTO a."No key" VALUES (0, 1, 99);
SELECT gray_migrate_back(1);
SELECT at_home(1);
DELETE FROM a.parts WHERE user_id = 2 AND id = 21;
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(2);
RESET pg_gray.back_strategy;
SELECT at_home(2);
-- of the user's next stay, gray has them
CREATE TABLE a.nokey_2 PARTITION OF a."No key" FOR VALUES IN (2);
SELECT gray_migrate(1);
DELETE FROM a.parts WHERE kind = 2;
DELETE FROM a."No key" WHERE kind = 2;
SELECT gray_migrate_back(1);
SELECT at_home(1);

-- a gray table that is another now
ALTER TABLE a.notes RENAME TO old_notes;
CREATE TABLE a.notes (LIKE notes INCLUDING ALL);
CREATE TABLE a.new_marks (LIKE marks);
DROP TABLE a.marks;
ALTER TABLE a.new_marks RENAME TO marks;
GRANT ALL ON a.notes, a.marks TO public;
SELECT gray_open();
SELECT gray_migrate_back(4);
DROP TABLE a.old_notes;
SELECT gray_reset(4), gray_migrate_back(4);
INSERT INTO a.notes SELECT * FROM notes WHERE user_id = 4;
SELECT gray_reset(4), gray_migrate_back(4);
SELECT * FROM incidents;
INSERT INTO a.marks SELECT * FROM marks WHERE user_id = 4;
UPDATE a.notes SET note = 'changed' WHERE id = 41;
SELECT gray_reset(4), gray_migrate_back(4);
SELECT at_home(4);
-- who comes to gray from now on deletes what they delete
SELECT gray_migrate(4);
DELETE FROM a.notes WHERE id = 42;
SELECT gray_migrate_back(4);
SELECT at_home(4);

-- one that a crash can empty
SELECT gray_discard(u) FROM generate_series(5, 9) u;
SELECT gray_migrate(u) FROM generate_series(5, 6) u;
ALTER TABLE a.notes SET UNLOGGED;
SELECT gray_open();
SELECT gray_migrate(7);
SELECT gray_state(7);
UPDATE a.notes SET note = 'changed' WHERE user_id = 5;
SELECT gray_migrate_back(5);
SELECT at_home(5);
DELETE FROM a.notes WHERE user_id = 6;
SELECT gray_migrate_back(6);
SELECT * FROM incidents;
SET pg_gray.back_strategy = 'replace';
SELECT gray_reset(6), gray_migrate_back(6);
RESET pg_gray.back_strategy;
INSERT INTO a.notes SELECT * FROM notes WHERE user_id = 6;
SELECT gray_reset(6), gray_migrate_back(6);
SELECT at_home(6);
ALTER TABLE a.notes SET LOGGED;
ALTER TABLE a.nokey_0 SET UNLOGGED;
SELECT gray_migrate(7);
ALTER TABLE nokey_0 SET UNLOGGED;
ALTER TABLE nokey_1 SET UNLOGGED;
ALTER TABLE late_nokey SET UNLOGGED;
SELECT gray_migrate(7);
SELECT gray_migrate_back(7);
SELECT gray_close(), gray_discard(3);
SELECT gray_drop_release();
DROP SCHEMA absent CASCADE;
