-- Counting does no harm: where PostgreSQL takes reading all rows for dear, gray_check reads a sample of the table's
-- pages and says so; and where that has no such row, the one that an index finds.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA large;
SET search_path = large, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT regexp_replace(concat_ws(' | ', object, problem), '\d+ ', 'N ', 'g') FROM gray_check()
		WHERE problem !~ 'cohort'
$$;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users, body text, n integer);
CREATE TABLE likes (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	post_id integer REFERENCES posts, body text);
ALTER TABLE posts ALTER body SET STORAGE PLAIN; ALTER TABLE likes ALTER body SET STORAGE PLAIN;
INSERT INTO users SELECT generate_series(1, 100);
INSERT INTO posts SELECT i, nullif(i % 101, 0), repeat('x', 2000), i FROM generate_series(1, 5000) AS i;
INSERT INTO likes SELECT i, i % 100 + 1, i * 7 % 5000 + 1, repeat('y', 2000) FROM generate_series(1, 5000) AS i;
CREATE INDEX ON posts (user_id); CREATE INDEX ON likes (user_id); CREATE INDEX ON likes (post_id);
ALTER TABLE posts ADD CONSTRAINT high CHECK (n > 4000) NOT VALID;
VACUUM ANALYZE posts, likes;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT gray_clone('users', 'id'), gray_clone('posts', 'user_id'), gray_clone('likes', 'user_id');
\pset format unaligned
\pset tuples_only
\echo -- all rows are counted, but expressions are tried on so many pages
SELECT told();
\echo -- dear: a sample
SET seq_page_cost = 1000;
SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
SELECT told();
\echo -- a sample is dear, too, and so is the first row
SET random_page_cost = 1000;
SELECT told();
\echo -- but for an index
RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan;
SELECT told();
RESET ALL;
SET search_path = large, public;
SET client_min_messages = warning;
\echo -- many errors end the trial early
ALTER TABLE v2.posts ALTER body TYPE varchar(1999), DROP CONSTRAINT high;
SELECT told();
SELECT gray_drop_release();
DROP SCHEMA large CASCADE;
