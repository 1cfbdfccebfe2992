-- TRUNCATE ... CASCADE of a shared table takes no live rows of the side that the session does not see along.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA cut;
SET search_path = cut, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE articles (id integer PRIMARY KEY);
CREATE TABLE shelves (id integer PRIMARY KEY, article_id integer REFERENCES articles);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	article_id integer REFERENCES articles);
CREATE TABLE lines (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	post_id integer REFERENCES posts);
CREATE TABLE marks (id integer, user_id integer NOT NULL REFERENCES users, shelf_id integer REFERENCES shelves,
	PRIMARY KEY (id, user_id)) PARTITION BY HASH (user_id);
CREATE TABLE marks_1 PARTITION OF marks FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE marks_2 PARTITION OF marks FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO users SELECT generate_series(1, 4);
INSERT INTO articles SELECT generate_series(1, 9);
INSERT INTO shelves SELECT i, i FROM generate_series(1, 9) i;
INSERT INTO posts SELECT i, i, i FROM generate_series(1, 4) i;
INSERT INTO lines SELECT i, i, i FROM generate_series(1, 4) i;
INSERT INTO marks SELECT i, i, i FROM generate_series(1, 4) i;
SELECT gray_create_release('v2');
SELECT gray FROM gray_clone_tree('users', 'id');
SELECT gray_add_user(1), gray_open();
CREATE FUNCTION counts() RETURNS text LANGUAGE sql AS $$
	SELECT format('production %s %s %s, gray %s %s %s',
		(SELECT count(*) FROM cut.posts), (SELECT count(*) FROM cut.lines), (SELECT count(*) FROM cut.marks),
		(SELECT count(*) FROM v2.posts), (SELECT count(*) FROM v2.lines), (SELECT count(*) FROM v2.marks)) $$;

-- nobody is in gray: the rows are production's
SET search_path = v2, cut, public;
TRUNCATE articles;
TRUNCATE articles CASCADE;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE shelves CASCADE;
TRUNCATE articles, shelves, cut.posts, v2.posts, cut.lines, v2.lines, cut.marks, v2.marks;
BEGIN; SET LOCAL pg_gray.side = 'production'; TRUNCATE articles CASCADE; SELECT cut.counts(); ROLLBACK;
SET search_path = cut, public;
BEGIN; TRUNCATE articles CASCADE; SELECT counts(); ROLLBACK;

-- somebody is: neither side may
SELECT gray_migrate(1);
TRUNCATE articles CASCADE;
\echo :LAST_ERROR_SQLSTATE
SET search_path = v2, cut, public;
TRUNCATE articles CASCADE;
\echo :LAST_ERROR_SQLSTATE
SET search_path = cut, public;
-- a table of the release itself is guarded as ever, with what refers to it
TRUNCATE posts CASCADE;
\echo :LAST_ERROR_SQLSTATE
BEGIN; TRUNCATE v2.posts CASCADE; SELECT counts(); ROLLBACK;

-- gray alone refers to it
ALTER TABLE posts DROP CONSTRAINT posts_article_id_fkey;
ALTER TABLE marks DROP CONSTRAINT marks_shelf_id_fkey;
TRUNCATE articles CASCADE;
TRUNCATE shelves CASCADE;
BEGIN; SET LOCAL pg_gray.side = 'gray'; TRUNCATE articles CASCADE; SELECT counts(); ROLLBACK;
-- over a table without rows
DELETE FROM v2.lines;
DELETE FROM v2.posts;
DELETE FROM v2.marks;
INSERT INTO v2.lines VALUES (9, 1, NULL);
TRUNCATE articles CASCADE;
DELETE FROM v2.lines;
BEGIN; TRUNCATE articles CASCADE; SELECT counts(); ROLLBACK;

SELECT gray_close(), gray_migrate_back(1), gray_drop_release();
DROP SCHEMA cut CASCADE;
