-- A moved user's frozen rows go along with what version 2 no longer refers to, and the user still comes home.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA reading;
SET search_path = reading, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE articles (id integer PRIMARY KEY);
CREATE TABLE posts (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
	article_id integer UNIQUE REFERENCES articles ON DELETE CASCADE ON UPDATE CASCADE,
	seen integer REFERENCES articles ON DELETE SET NULL, changed integer NOT NULL DEFAULT 0
);
CREATE INDEX ON posts (user_id);
CREATE TABLE lines (id integer PRIMARY KEY, post_id integer NOT NULL REFERENCES posts ON DELETE CASCADE);
CREATE TABLE likes (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	post_id integer REFERENCES posts ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE log (
	user_id integer NOT NULL REFERENCES users,
	article_id integer REFERENCES articles ON DELETE CASCADE, what text
);
CREATE TABLE shelf (
	article_id integer PRIMARY KEY REFERENCES articles ON DELETE CASCADE ON UPDATE CASCADE,
	user_id integer REFERENCES users
);
CREATE TABLE pages (article_id integer REFERENCES shelf ON DELETE CASCADE ON UPDATE CASCADE, page integer,
	PRIMARY KEY (article_id, page));
CREATE TABLE marks (article_id integer, page integer, mark text, FOREIGN KEY (article_id, page) REFERENCES pages
	ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY (article_id, page, mark));
CREATE TABLE hits (
	id integer, user_id integer NOT NULL REFERENCES users,
	article_id integer REFERENCES articles ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY (id, article_id)
) PARTITION BY RANGE (article_id);
CREATE TABLE hits_1 PARTITION OF hits FOR VALUES FROM (0) TO (100);
CREATE TABLE hits_2 (article_id integer NOT NULL, gone integer, user_id integer NOT NULL, id integer NOT NULL);
ALTER TABLE hits_2 DROP gone;
ALTER TABLE hits ATTACH PARTITION hits_2 FOR VALUES FROM (100) TO (1000);
INSERT INTO users SELECT generate_series(1, 9);
INSERT INTO articles SELECT generate_series(1, 30);
INSERT INTO posts SELECT i, i, i, 10 + i FROM generate_series(1, 9) i;
INSERT INTO lines VALUES (3, 3), (4, 4);
INSERT INTO log SELECT i, i + 20, 'read' FROM generate_series(1, 9) i;
SELECT gray_create_release('v2');
SELECT gray FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(u), gray_migrate(u) FROM generate_series(1, 7) u;
CREATE FUNCTION production(uid integer, OUT posts text, OUT lines bigint, OUT log text) LANGUAGE sql AS $$
	SELECT (SELECT string_agg(format('%s: %s, %s', id, article_id, coalesce(seen::text, 'null')), '; ' ORDER BY id)
			FROM reading.posts WHERE user_id = uid),
		(SELECT count(*) FROM reading.lines JOIN reading.posts p ON p.id = post_id WHERE p.user_id = uid),
		(SELECT string_agg(article_id || ' ' || what, '; ' ORDER BY 1) FROM reading.log WHERE user_id = uid) $$;

-- deleted by version 2 with what it refers to, in one go
SET search_path = v2, reading, public;
DELETE FROM articles WHERE id IN (1, 11, 21);
SELECT * FROM production(1);
SELECT count(*) FROM posts WHERE user_id = 1;
SET search_path = reading, public;
-- given up by version 2: version 1 deletes it
DELETE FROM v2.posts WHERE id = 2;
DELETE FROM v2.log WHERE user_id = 2;
DELETE FROM articles WHERE id IN (2, 12, 22);
SELECT * FROM production(2);
-- version 2 refers to something else instead
INSERT INTO articles VALUES (31), (32), (33);
UPDATE v2.posts SET seen = 31 WHERE user_id = 5;
UPDATE v2.log SET article_id = 32, what = 'read again' WHERE user_id = 5;
DELETE FROM articles WHERE id IN (15, 25);
SELECT * FROM production(5);
-- but not a row that others go with: those have twins that nobody wrote
UPDATE v2.posts SET article_id = 33 WHERE id = 3;
DELETE FROM articles WHERE id = 3;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM v2.posts WHERE id = 3;
DELETE FROM articles WHERE id = 3;
SELECT * FROM production(3);
-- triggers of the application may write more than the action does
CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN NEW.changed := OLD.changed + 1; RETURN NEW; END';
UPDATE v2.posts SET seen = NULL WHERE user_id = 4;
BEGIN;
CREATE TRIGGER count_change BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION count_change();
DELETE FROM articles WHERE id = 14;
SELECT seen, changed FROM posts WHERE user_id = 4;
ROLLBACK;

-- keys are followed on both sides, wherever they were changed
UPDATE articles SET id = id + 100 WHERE id IN (4, 5, 8);
SET search_path = v2, reading, public;
UPDATE articles SET id = id + 100 WHERE id IN (104, 6, 9);
SET search_path = reading, public;
SELECT 'production' AS side, id, user_id, article_id FROM posts UNION ALL
	SELECT 'gray', id, user_id, article_id FROM v2.posts ORDER BY 1, 2;
-- one takes the place of another: 105 is there afterwards
BEGIN;
UPDATE articles SET id = id - 1 WHERE id IN (105, 106);
SELECT id, user_id, article_id FROM posts WHERE user_id IN (5, 6) UNION ALL
	SELECT id, user_id, article_id FROM v2.posts WHERE user_id IN (5, 6);
ROLLBACK;

-- also along owner paths
INSERT INTO articles VALUES (41), (42), (43);
INSERT INTO shelf VALUES (41, 8), (42, 9);
INSERT INTO pages VALUES (41, 1), (42, 1);
INSERT INTO marks VALUES (41, 1, 'x'), (42, 1, 'y');
SELECT gray_add_user(8), gray_migrate(8);
UPDATE articles SET id = 141 WHERE id = 41;
SELECT * FROM marks UNION ALL SELECT * FROM v2.marks ORDER BY 1;
UPDATE marks SET mark = 'z' WHERE article_id = 141;
\echo :LAST_ERROR_SQLSTATE
UPDATE v2.shelf SET article_id = 43 WHERE article_id = 141;
DELETE FROM articles WHERE id = 141;
SELECT * FROM marks;
SELECT gray_migrate_back(8);
SELECT * FROM marks;

-- and into other partitions
INSERT INTO articles VALUES (51), (52), (151);
INSERT INTO hits VALUES (1, 8, 51), (2, 8, 52), (3, 9, 51);
SELECT gray_migrate(8);
UPDATE articles SET id = id + 200 WHERE id IN (51, 52);
SELECT tableoid::regclass, id, user_id, article_id FROM hits UNION ALL
	SELECT tableoid::regclass, id, user_id, article_id FROM v2.hits ORDER BY 1, 2;
UPDATE hits SET article_id = 40 WHERE id = 1;
UPDATE hits SET article_id = 151 WHERE id = 1;
INSERT INTO hits VALUES (4, 8, 151);
\echo :LAST_ERROR_SQLSTATE
UPDATE v2.hits SET article_id = 151 WHERE id = 1;
DELETE FROM articles WHERE id = 251;
SELECT gray_migrate_back(8);
SELECT tableoid::regclass, id, user_id, article_id FROM hits ORDER BY 1, 2;

-- an application's own writes are refused as ever, also when they look like an action's
DELETE FROM posts WHERE user_id = 6;
\echo :LAST_ERROR_SQLSTATE
UPDATE posts SET seen = NULL WHERE user_id = 6;
\echo :LAST_ERROR_SQLSTATE
WITH a AS (UPDATE articles SET id = 16 WHERE id = 16) UPDATE posts SET seen = NULL WHERE user_id = 6;
\echo :LAST_ERROR_SQLSTATE
UPDATE v2.posts SET seen = NULL WHERE user_id = 6;
WITH a AS (DELETE FROM articles WHERE id = 16) UPDATE posts SET seen = NULL, changed = 1 WHERE user_id = 6;
\echo :LAST_ERROR_SQLSTATE
WITH a AS (DELETE FROM articles WHERE id = 16) UPDATE posts SET seen = 33 WHERE user_id = 6;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE posts DISABLE TRIGGER ALL;
UPDATE posts SET seen = 99 WHERE user_id = 6;
ALTER TABLE posts ENABLE TRIGGER ALL;
UPDATE posts SET seen = NULL WHERE user_id = 6;
\echo :LAST_ERROR_SQLSTATE

-- another user's row in production takes no frozen rows: 23503, for no replay would help
ALTER TABLE likes DISABLE TRIGGER ALL;
ALTER TABLE v2.likes DISABLE TRIGGER ALL;
INSERT INTO likes VALUES (1, 7, 8);
INSERT INTO v2.likes VALUES (1, 7, 8);
ALTER TABLE likes ENABLE TRIGGER ALL;
ALTER TABLE v2.likes ENABLE TRIGGER ALL;
DELETE FROM posts WHERE id = 8;
UPDATE posts SET id = 80 WHERE id = 8;
UPDATE articles SET id = 8 WHERE id = 108;
DELETE FROM articles WHERE id = 8;
-- while the owner's own is refused as it was
DELETE FROM posts WHERE id = 7;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM users WHERE id = 7;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE likes DISABLE TRIGGER ALL;
ALTER TABLE v2.likes DISABLE TRIGGER ALL;
TRUNCATE likes, v2.likes;
ALTER TABLE likes ENABLE TRIGGER ALL;
ALTER TABLE v2.likes ENABLE TRIGGER ALL;

-- all come home, with what version 2 has
UPDATE posts SET seen = NULL WHERE user_id = 6;
SELECT gray_migrate_back(u) FROM generate_series(1, 7) u;
SELECT u, p.* FROM generate_series(1, 9) u, production(u) p;
SELECT count(*) FROM gray.incidents;

-- gray has no such key: its row still means what goes
ALTER TABLE v2.posts DROP CONSTRAINT posts_article_id_fkey, DROP COLUMN seen;
SELECT gray_migrate(4), gray_migrate(6);
DELETE FROM articles WHERE id = 204;
SET search_path = v2, reading, public;
DELETE FROM articles WHERE id = 204;
UPDATE articles SET id = 4 WHERE id = 204;
SET search_path = reading, public;
-- what version 2 has no column for is production's
DELETE FROM articles WHERE id = 14;
SELECT * FROM production(4);
UPDATE v2.posts SET article_id = NULL WHERE user_id = 6;
DELETE FROM articles WHERE id = 106;
SELECT * FROM production(6);
SELECT gray_migrate_back(4), gray_migrate_back(6);
SELECT u, p.* FROM unnest('{4,6}'::integer[]) u, production(u) p;

SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA reading CASCADE;
