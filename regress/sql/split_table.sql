-- An upgrade that splits a table, and one that merges two tables: hooks and gray_map bring the rows
-- to version 2 and home.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;

-- users (id, name, bio) becomes users (id, name) and profiles (user_id, bio, theme).
CREATE SCHEMA split;
SET search_path = split, public;
CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, bio text);
INSERT INTO users VALUES (1, 'Ann', 'I am Ann'), (2, 'Bob', 'I am Bob');
SELECT gray_create_release('v2');
SELECT production FROM gray_clone_tree('users', 'id');

CREATE TABLE v2.profiles (user_id integer PRIMARY KEY REFERENCES v2.users ON DELETE CASCADE, bio text,
	theme text NOT NULL DEFAULT 'light');
ALTER TABLE v2.users DROP COLUMN bio;
CREATE FUNCTION v2.split_user(uid integer) RETURNS void LANGUAGE sql AS $$
	INSERT INTO v2.profiles (user_id, bio) SELECT id, bio FROM split.users WHERE id = uid
		ON CONFLICT (user_id) DO UPDATE SET bio = excluded.bio
$$;
CREATE FUNCTION v2.join_user(uid integer) RETURNS void LANGUAGE sql AS $$
	UPDATE split.users u SET bio = p.bio FROM v2.profiles p
		WHERE p.user_id = u.id AND u.id = uid AND u.bio IS DISTINCT FROM p.bio
$$;
SELECT gray_hook('after_migrate', 'v2.split_user(integer)');
SELECT gray_hook('after_home', 'v2.join_user(integer)');
SELECT gray_open();

SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1), gray_migrate(2);
SELECT * FROM v2.users JOIN v2.profiles ON user_id = id ORDER BY id;
SELECT ctid, xmin FROM users WHERE id = 2 \gset before_
UPDATE v2.profiles SET bio = 'I am still Ann', theme = 'dark' WHERE user_id = 1;
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT * FROM users ORDER BY id;
SELECT ctid = :'before_ctid' AND xmin = :'before_xmin' AS unwritten FROM users WHERE id = 2;
SELECT * FROM v2.profiles;

-- version 1 goes on: its value is what the next stay shows, with gray's own theme
UPDATE users SET bio = 'written by version 1' WHERE id = 1;
SELECT gray_migrate(1);
SELECT * FROM v2.profiles;
SELECT gray_migrate_back(1);
SELECT * FROM users ORDER BY id;
SELECT gray_close();
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA v2, split CASCADE;
RESET client_min_messages;

-- users (id, name) and profiles (user_id, bio) become users (id, name, bio).
CREATE SCHEMA merged;
SET search_path = merged, public;
CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE profiles (user_id integer PRIMARY KEY REFERENCES users, bio text);
INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO profiles VALUES (1, 'I am Ann');
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
ALTER TABLE v2.users ADD COLUMN bio text;
CREATE FUNCTION v2.bio_of(uid integer) RETURNS text STABLE LANGUAGE sql AS
	'SELECT bio FROM merged.profiles WHERE user_id = uid';
SELECT gray_map('v2.users', 'bio', up => 'v2.bio_of(id)');
CREATE FUNCTION v2.bring_bio(uid integer) RETURNS void LANGUAGE sql AS $$
	INSERT INTO merged.profiles SELECT id, bio FROM v2.users WHERE id = uid AND bio IS NOT NULL
		ON CONFLICT (user_id) DO UPDATE SET bio = excluded.bio WHERE profiles.bio IS DISTINCT FROM excluded.bio;
	UPDATE merged.profiles p SET bio = NULL FROM v2.users u
		WHERE u.id = uid AND p.user_id = uid AND u.bio IS NULL AND p.bio IS NOT NULL
$$;
SELECT gray_hook('after_home', 'v2.bring_bio(integer)');
SELECT gray_open();
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1), gray_migrate(2);
SELECT * FROM v2.users ORDER BY id;
UPDATE v2.users SET bio = 'I am Bob' WHERE id = 2;
UPDATE v2.users SET bio = NULL WHERE id = 1;
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT * FROM profiles ORDER BY user_id;

-- version 1 goes on
UPDATE profiles SET bio = 'written by version 1' WHERE user_id = 2;
SELECT gray_migrate(2);
SELECT * FROM v2.users;
SELECT gray_migrate_back(2);
SELECT * FROM profiles ORDER BY user_id;
SELECT gray_close();
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS v2 CASCADE;
DROP SCHEMA merged CASCADE;
DROP EXTENSION pg_gray;
