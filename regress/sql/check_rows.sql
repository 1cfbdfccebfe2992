-- Rows that would be missing in version 2, that would not get there or not home, and users who can't be moved
-- alone: gray_check counts them, and names one.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA rows;
SET search_path = rows, public;
-- what gray_check says about rows, in one line each
CREATE FUNCTION told(which text DEFAULT '') RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check()
		WHERE object <> 'v2' AND problem ~ which
$$;
\pset format unaligned
\pset tuples_only

-- rows of nobody: a nullable step of an owner path, a row that is a user's by another column
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE photos (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE videos (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE captions (id integer PRIMARY KEY, photo_id integer REFERENCES photos ON DELETE SET NULL,
	video_id integer REFERENCES videos, CHECK (num_nonnulls(photo_id, video_id) <= 1));
CREATE TABLE words (id integer PRIMARY KEY, caption_id integer NOT NULL REFERENCES captions);
CREATE INDEX ON photos (user_id); CREATE INDEX ON videos (user_id); CREATE INDEX ON captions (photo_id);
CREATE INDEX ON words (caption_id);
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('photos', 'user_id'), gray_clone('videos', 'user_id'),
	gray_clone('captions', 'photo_id'), gray_clone('words');
\echo -- none of them yet
SELECT told();
INSERT INTO users VALUES (1), (2);
INSERT INTO photos VALUES (1, 1); INSERT INTO videos VALUES (1, 1);
INSERT INTO captions VALUES (1, 1, NULL), (2, NULL, 1), (3, NULL, 1), (4, NULL, NULL);
INSERT INTO words VALUES (1, 1), (2, 2), (3, 4);
\echo -- some
SELECT told();
\echo -- none is possible
BEGIN; DELETE FROM words; DELETE FROM captions; ALTER TABLE captions ALTER photo_id SET NOT NULL; SELECT told();
ROLLBACK;
\echo -- by its domain
BEGIN; DELETE FROM words; DELETE FROM captions; CREATE DOMAIN filled AS integer NOT NULL;
ALTER TABLE captions DROP CONSTRAINT captions_photo_id_fkey, ALTER photo_id TYPE filled; SELECT told(); ROLLBACK;
SELECT gray_drop_release();
DROP TABLE users, photos, videos, captions, words;

-- a column beside that holds a uid, too: it refers to where the root's uid refers
CREATE TABLE members (id integer PRIMARY KEY);
CREATE TABLE projects (id integer PRIMARY KEY, owner integer NOT NULL REFERENCES members);
CREATE TABLE tasks (id integer PRIMARY KEY, created_by integer NOT NULL REFERENCES members,
	project integer REFERENCES projects ON DELETE CASCADE);
CREATE INDEX ON projects (owner); CREATE INDEX ON tasks (project);
INSERT INTO members VALUES (1); INSERT INTO projects VALUES (1, 1); INSERT INTO tasks VALUES (1, 1, 1), (2, 1, NULL);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('projects', 'owner');
SELECT told();
SELECT gray_drop_release();
DROP TABLE members, projects, tasks;

-- rows that refer to another user's
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users, answers integer REFERENCES posts);
CREATE TABLE likes (user_id integer NOT NULL REFERENCES users, post_id integer NOT NULL REFERENCES posts,
	PRIMARY KEY (user_id, post_id));
CREATE TABLE drafts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, post_id integer);
ALTER TABLE posts ADD UNIQUE (user_id, id);
ALTER TABLE drafts ADD FOREIGN KEY (user_id, post_id) REFERENCES posts (user_id, id);
CREATE INDEX ON drafts (user_id);
INSERT INTO users SELECT generate_series(1, 4);
INSERT INTO posts VALUES (1, 1, NULL), (2, 1, 1), (3, 2, 1), (4, NULL, NULL);
INSERT INTO likes VALUES (1, 1), (1, 3), (2, 1), (3, 1), (3, 2), (4, 4);
INSERT INTO drafts VALUES (1, 1, 1), (2, 2, 3);
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('posts', 'user_id'), gray_clone('likes', 'user_id'),
	gray_clone('drafts', 'user_id');
\echo -- crossing
SELECT told('another user');
\echo -- who can be moved is told rightly
SELECT gray_set_percent(100), gray_open();
SET client_min_messages = error;
SELECT u, gray_migrate(u) FROM generate_series(1, 4) AS u;
SET client_min_messages = warning;
SELECT gray_migrate_back(u) FROM generate_series(1, 4) AS u;
SELECT gray_close();
\echo -- without the keys of gray
ALTER TABLE v2.posts DROP CONSTRAINT posts_answers_fkey; ALTER TABLE v2.likes DROP CONSTRAINT likes_post_id_fkey;
SELECT told('another user');
SELECT gray_drop_release();
DROP TABLE users, posts, likes, drafts;
DROP SCHEMA rows CASCADE;
