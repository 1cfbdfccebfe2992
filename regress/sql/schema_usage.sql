-- Whoever may use a table of production may use its gray table: grants are cloned, and
-- USAGE of the gray schema comes with them.  gray_check tells of grants made later.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_web;
CREATE ROLE "Regress gray; web";
CREATE ROLE regress_gray_readers;
CREATE ROLE regress_gray_reader IN ROLE regress_gray_readers;
CREATE ROLE regress_gray_shop;
CREATE ROLE regress_gray_both IN ROLE regress_gray_shop, regress_gray_readers;
CREATE ROLE regress_gray_late;
CREATE ROLE regress_gray_owner;
RESET client_min_messages;
CREATE FUNCTION usage() RETURNS TABLE (role text) LANGUAGE sql AS $$
	SELECT coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC') FROM pg_namespace, aclexplode(nspacl)
	WHERE nspname = 'v2' AND grantee <> nspowner AND privilege_type = 'USAGE' ORDER BY 1
$$;
CREATE TABLE users (id integer PRIMARY KEY, name text, secret text);
CREATE TABLE posts (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, body text);
CREATE INDEX ON posts (user_id);
CREATE VIEW names AS SELECT name FROM users;

-- by table, by column, by view
GRANT SELECT, INSERT, UPDATE, DELETE ON users, posts TO regress_gray_web;
GRANT USAGE ON SEQUENCE posts_id_seq TO regress_gray_web;
GRANT SELECT (name) ON users TO "Regress gray; web";
GRANT SELECT ON names TO regress_gray_readers;
SELECT gray_create_release('v2');
SELECT * FROM usage();
BEGIN;
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM usage();
SELECT object, hint FROM gray_check() WHERE problem ~ 'gray schema';
INSERT INTO users VALUES (1, 'a');
ALTER TABLE v2.users ADD nickname text;
SELECT gray_add_user(1);
SELECT gray_open();
SELECT gray_migrate(1);
SET LOCAL search_path = v2, public;
SET ROLE regress_gray_web;
UPDATE users SET nickname = 'x' WHERE id = 1;
INSERT INTO posts (user_id) VALUES (1);
SET ROLE "Regress gray; web";
SELECT name FROM users;
SET ROLE regress_gray_reader;
SELECT * FROM names;
RESET ROLE;
SELECT * FROM public.posts;
ROLLBACK;

-- with a table that is cloned later
BEGIN;
REVOKE ALL ON users FROM regress_gray_web, "Regress gray; web";
SELECT gray_clone('users', 'id');
SELECT * FROM usage();
SELECT gray_clone('posts', 'user_id');
SELECT * FROM usage();
ROLLBACK;

-- everybody
BEGIN;
GRANT SELECT ON posts TO PUBLIC;
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM usage();
ROLLBACK;

-- no more than in production: there, only those who see the schema can use a grant
BEGIN;
CREATE SCHEMA shop;
ALTER TABLE users SET SCHEMA shop;
ALTER TABLE posts SET SCHEMA shop;
ALTER VIEW names SET SCHEMA shop;
SELECT count(*) FROM gray_clone_tree('shop.users', 'id');
SELECT * FROM usage();
SELECT object, hint FROM gray_check() WHERE problem ~ 'gray schema';
SELECT gray_drop_release();
SELECT gray_create_release('v2');
GRANT USAGE ON SCHEMA shop TO regress_gray_shop;
SELECT count(*) FROM gray_clone_tree('shop.users', 'id');
SELECT * FROM usage();
SELECT gray_drop_release();
SELECT gray_create_release('v2');
GRANT SELECT ON shop.users TO PUBLIC;
SELECT count(*) FROM gray_clone_tree('shop.users', 'id');
SELECT * FROM usage();
ROLLBACK;

-- what is granted later, on either side, on a table, a partition, a view, a column
CREATE TABLE events (id integer, user_id integer REFERENCES users) PARTITION BY LIST (id);
CREATE TABLE events_1 PARTITION OF events DEFAULT;
CREATE INDEX ON events (user_id);
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_check() WHERE problem ~ 'gray schema';
BEGIN;
GRANT SELECT ON events_1 TO regress_gray_late;
SELECT * FROM gray_check() WHERE problem ~ 'gray schema';
GRANT USAGE ON SCHEMA v2 TO regress_gray_late;
SELECT * FROM gray_check() WHERE problem ~ 'gray schema';
ROLLBACK;
GRANT SELECT (name) ON v2.names TO regress_gray_late;
SELECT object, hint FROM gray_check() WHERE problem ~ 'gray schema';
REVOKE SELECT (name) ON v2.names FROM regress_gray_late;
GRANT SELECT ON posts TO PUBLIC;
SELECT object, hint FROM gray_check() WHERE problem ~ 'gray schema';
-- the next call of gray_clone_tree puts it right
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM usage();
SELECT object, hint FROM gray_check() WHERE problem ~ 'gray schema';

SET client_min_messages = warning;
SELECT gray_drop_release();
DROP TABLE users, posts, events CASCADE;
DROP FUNCTION usage;
DROP ROLE regress_gray_web, "Regress gray; web", regress_gray_readers, regress_gray_reader, regress_gray_shop,
	regress_gray_both, regress_gray_late, regress_gray_owner;
