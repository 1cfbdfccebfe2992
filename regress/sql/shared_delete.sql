-- A clean-up of shared rows takes no rows of the side that the session does not see along.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE SCHEMA reading;
SET search_path = reading, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE articles (id integer PRIMARY KEY, title text);
CREATE TABLE labels (id integer PRIMARY KEY);
CREATE TABLE user_articles (
	user_id integer NOT NULL REFERENCES users,
	article_id integer NOT NULL REFERENCES articles ON DELETE CASCADE ON UPDATE CASCADE,
	note text, PRIMARY KEY (user_id, article_id)
);
CREATE INDEX ON user_articles (article_id);
CREATE TABLE notes (
	id integer PRIMARY KEY, user_id integer REFERENCES users,
	label integer REFERENCES labels ON DELETE SET NULL ON UPDATE SET NULL,
	mood integer NOT NULL DEFAULT 1 REFERENCES labels ON DELETE SET DEFAULT ON UPDATE CASCADE
);
CREATE INDEX ON notes (user_id);
INSERT INTO users SELECT generate_series(1, 5);
INSERT INTO articles SELECT i, 'article ' || i FROM generate_series(10, 60, 10) i;
INSERT INTO labels SELECT generate_series(1, 9);
INSERT INTO user_articles SELECT i, i * 10, 'of user ' || i FROM generate_series(1, 5) i;
INSERT INTO notes SELECT i, i, i + 1, 1 FROM generate_series(1, 5) i;
INSERT INTO notes VALUES (6, NULL, 7, 8);
SELECT gray_create_release('v2');
SELECT gray FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(1), gray_add_user(2), gray_migrate(1), gray_migrate(2);
CREATE VIEW rows AS SELECT 'production' AS side, user_id, article_id FROM user_articles UNION ALL SELECT 'gray', * FROM
	(SELECT user_id, article_id FROM v2.user_articles) g ORDER BY side, user_id, article_id;
CREATE VIEW note_rows AS SELECT 'production' AS side, * FROM notes UNION ALL SELECT 'gray', * FROM v2.notes
	ORDER BY side, id;

-- version 2 deletes what nobody in gray refers to
SET search_path = v2, reading, public;
DELETE FROM articles a WHERE NOT EXISTS (SELECT FROM user_articles u WHERE u.article_id = a.id);
DELETE FROM labels l WHERE NOT EXISTS (SELECT FROM notes n WHERE l.id IN (n.label, n.mood));
\echo :LAST_ERROR_SQLSTATE
-- a row of nobody lives in production
DELETE FROM labels WHERE id = 8;
UPDATE labels SET id = 70 WHERE id = 7;
-- in other words
DELETE FROM reading.articles WHERE id = 30;
MERGE INTO articles a USING (VALUES (30)) AS s (id) ON a.id = s.id WHEN MATCHED THEN DELETE;
WITH d AS (DELETE FROM articles WHERE id = 30 RETURNING *) INSERT INTO articles SELECT * FROM d;
WITH d AS (DELETE FROM articles WHERE id = 30 RETURNING *) SELECT count(*) FROM d;
PREPARE clean (integer) AS DELETE FROM articles WHERE id = $1;
EXECUTE clean (30);
DO 'BEGIN DELETE FROM articles WHERE id = 30; EXCEPTION WHEN foreign_key_violation THEN RAISE NOTICE ''no''; END';
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM articles;
DELETE FROM articles WHERE id = 30;
ROLLBACK;
-- as PostgreSQL's own, for applications that know the constraint by name
DO $$
DECLARE
	s text; t text; c text;
BEGIN
	DELETE FROM articles WHERE id = 30;
EXCEPTION WHEN foreign_key_violation THEN
	GET STACKED DIAGNOSTICS s = SCHEMA_NAME, t = TABLE_NAME, c = CONSTRAINT_NAME;
	RAISE NOTICE '%|%|%', s, t, c;
END $$;
-- what nobody refers to goes, and what only rows of this side refer to
DELETE FROM articles WHERE id = 60;
DELETE FROM labels WHERE id = 9;
INSERT INTO articles VALUES (61, 'new'), (62, 'new');
INSERT INTO user_articles VALUES (1, 61, 'new'), (1, 62, 'new');
INSERT INTO labels VALUES (11), (12);
UPDATE notes SET label = 11, mood = 12 WHERE id = 1;
BEGIN;
DELETE FROM articles WHERE id = 61;
DELETE FROM labels WHERE id IN (11, 12);
TABLE reading.rows;
TABLE reading.note_rows;
ROLLBACK;
-- a row that refers no more, since this statement or this transaction deleted it, does not count
BEGIN;
WITH u AS (DELETE FROM reading.user_articles WHERE article_id = 30 RETURNING *) DELETE FROM articles WHERE id = 30;
DELETE FROM reading.user_articles WHERE article_id = 40;
DELETE FROM articles WHERE id = 40;
ROLLBACK;

-- version 1 deletes what nobody in production refers to
SET search_path = reading, public;
DELETE FROM articles a WHERE NOT EXISTS (SELECT FROM user_articles u WHERE u.article_id = a.id);
DELETE FROM labels l WHERE NOT EXISTS (SELECT FROM notes n WHERE l.id IN (n.label, n.mood));
UPDATE labels SET id = id + 100 WHERE id = 11;
WITH d AS (DELETE FROM articles WHERE id = 61 RETURNING *) INSERT INTO articles SELECT * FROM d;
DELETE FROM articles WHERE id = 10;
-- its own rows go as they always did
BEGIN;
DELETE FROM articles WHERE id = 30;
DELETE FROM labels WHERE id = 4;
UPDATE labels SET id = 50 WHERE id = 5;
TABLE reading.rows;
TABLE reading.note_rows;
ROLLBACK;

-- who is told may be somebody who can't read the table
CREATE ROLE regress_gray_cleaner;
GRANT USAGE ON SCHEMA reading TO regress_gray_cleaner;
GRANT SELECT (title), DELETE ON articles TO regress_gray_cleaner;
SET ROLE regress_gray_cleaner;
DELETE FROM articles WHERE title = 'article 10';
RESET ROLE;
GRANT SELECT (id) ON articles TO regress_gray_cleaner;
SET ROLE regress_gray_cleaner;
DELETE FROM articles WHERE title = 'article 10';
SET pg_gray.side = 'gray';
DELETE FROM articles WHERE title = 'article 30';
RESET pg_gray.side;
RESET ROLE;
ALTER TABLE articles ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON articles USING (true);
SET ROLE regress_gray_cleaner;
DELETE FROM articles WHERE title = 'article 10';
RESET ROLE;
ALTER TABLE articles DISABLE ROW LEVEL SECURITY;
-- row security hides rows of users from the cleaner, but not from us
ALTER TABLE user_articles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE v2.user_articles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SET ROLE regress_gray_cleaner;
DELETE FROM articles WHERE title = 'article 10';
RESET ROLE;
ALTER TABLE user_articles DISABLE ROW LEVEL SECURITY;
ALTER TABLE v2.user_articles DISABLE ROW LEVEL SECURITY;
DROP OWNED BY regress_gray_cleaner;
DROP ROLE regress_gray_cleaner;

-- a transaction that meets many users locks all of them
SET pg_gray.max_user_locks = 1;
SET pg_gray.side = 'gray';
BEGIN;
DELETE FROM articles WHERE id IN (61, 62);
SAVEPOINT s;
DELETE FROM articles WHERE id IN (10, 20, 30);
ROLLBACK TO s;
DELETE FROM articles WHERE id IN (10, 20);
SELECT objsubid, count(*) FROM pg_locks WHERE locktype = 'advisory' GROUP BY 1 ORDER BY 1;
ROLLBACK;
RESET pg_gray.side;
RESET pg_gray.max_user_locks;

-- closed with users in gray, the triggers stay; when all are home, nothing is in the way
SELECT gray_close();
DELETE FROM articles WHERE id = 61;
SELECT gray_migrate_back(1), gray_migrate_back(2), gray_close();
DELETE FROM articles WHERE id = 61;
SET search_path = v2, reading, public;
DELETE FROM articles WHERE id = 30;
TABLE reading.rows;
TABLE reading.note_rows;
SET search_path = reading, public;
DROP VIEW rows, note_rows;
SELECT gray_drop_release();
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '00_pg_gray%';
SET client_min_messages = warning;
DROP SCHEMA reading CASCADE;
