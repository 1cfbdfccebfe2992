-- gray_clone_tree asks everything at once; choices and leave_out answer it, and the call that
-- a dry run shows makes the same again, here or elsewhere.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE SCHEMA asked;
SET search_path = asked, public;
CREATE TABLE plans (id integer PRIMARY KEY);
CREATE TABLE users (id integer PRIMARY KEY, plan integer REFERENCES plans, name text);
CREATE TABLE posts (id integer PRIMARY KEY, author integer NOT NULL REFERENCES users,
	editor integer NOT NULL REFERENCES users);
CREATE TABLE "Likes" (id integer PRIMARY KEY, post integer REFERENCES posts, "By whom" integer REFERENCES users);
-- no column is in the key to drafts alone, and two keys have the same columns
CREATE TABLE drafts (a integer, b integer, user_id integer NOT NULL REFERENCES users, PRIMARY KEY (a, b));
CREATE TABLE archived (a integer, b integer, user_id integer NOT NULL REFERENCES users, PRIMARY KEY (a, b));
CREATE TABLE lines (id integer PRIMARY KEY, a integer, b integer, FOREIGN KEY (a, b) REFERENCES drafts,
	FOREIGN KEY (a, b) REFERENCES archived);
-- nothing but a name, or not even that; of another type; of a domain over it
CREATE TABLE events (id integer PRIMARY KEY, "userId" integer, at date);
CREATE TABLE event_notes (id integer PRIMARY KEY, event integer NOT NULL REFERENCES events);
CREATE TABLE visits (id integer PRIMARY KEY, visitor integer);
CREATE TABLE badges (id integer PRIMARY KEY, user_id text);
CREATE DOMAIN user_number AS integer;
CREATE TABLE wishes (author user_number);
-- a branch, and what is reached another way, too
CREATE TABLE logs (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE log_lines (id integer PRIMARY KEY, log integer NOT NULL REFERENCES logs);
CREATE TABLE log_notes (id integer PRIMARY KEY, line integer NOT NULL REFERENCES log_lines,
	post integer REFERENCES posts);
CREATE TABLE log_files (id integer PRIMARY KEY, line integer NOT NULL REFERENCES log_lines);
-- numbers of their own kind
CREATE TABLE accounts (id integer PRIMARY KEY);
CREATE TABLE payments (id integer PRIMARY KEY, account integer NOT NULL REFERENCES accounts);
-- can't be cloned
CREATE TABLE old (id integer, user_id integer REFERENCES users);
CREATE TABLE old_1 () INHERITS (old);
ALTER TABLE old ADD PRIMARY KEY (id);
CREATE TABLE old_notes (id integer PRIMARY KEY, old integer NOT NULL REFERENCES old, user_id integer REFERENCES users);
CREATE TABLE old_files (id integer PRIMARY KEY, old integer NOT NULL REFERENCES old);
CREATE VIEW liked AS SELECT * FROM "Likes";
SELECT gray_create_release('v2');

-- everything at once
SELECT production, gray, owner FROM gray_clone_tree('users', 'id', dry_run => true);
\x on
SELECT production, hint FROM gray_clone_tree('users', 'id', dry_run => true) WHERE hint IS NOT NULL;
\x off
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT count(*) FROM gray.release_table;

-- the whole call does it
SELECT hint AS call FROM gray_clone_tree('users', 'id', dry_run => true) WHERE owner LIKE 'all of this%' \gset
BEGIN;
:call
ROLLBACK;
-- answers of one's own: by column, by owner path, by a column without a key, and what hangs on that
SELECT '{"posts": "editor", "\"Likes\"": "post -> asked.posts", "lines": "a, b -> asked.archived",
	"asked.events": "userId", "visits": "visitor"}' AS answers \gset
SELECT production, owner FROM gray_clone_tree('users', 'id', dry_run => true, choices => :'answers',
	leave_out => '{old}');
SELECT hint AS call FROM gray_clone_tree('users', 'id', true, :'answers', '{old}') WHERE owner LIKE 'all of this%' \gset
\echo :call
:call
CREATE TABLE made AS SELECT production, uid_attnum, path_attnums, parent_attnums FROM gray.release_table;
-- the call makes the same elsewhere, whatever is in the path, and a dry run of what is cloned gives it, too
SELECT hint AS call_again FROM gray_clone_tree('users', 'id', true, leave_out => '{old}') WHERE owner ~ '^all of' \gset
SELECT gray_drop_release();
SELECT gray_create_release('v2');
SET search_path = public;
:call
SET search_path = asked, public;
SELECT production, uid_attnum, path_attnums, parent_attnums FROM gray.release_table EXCEPT SELECT * FROM made;
SELECT gray_drop_release();
SELECT gray_create_release('v2');
:call_again
SELECT production, uid_attnum, path_attnums, parent_attnums FROM gray.release_table EXCEPT SELECT * FROM made;
SELECT * FROM made EXCEPT SELECT production, uid_attnum, path_attnums, parent_attnums FROM gray.release_table;
SELECT gray_drop_release();
SELECT gray_create_release('v2');

-- a branch stays: told is what goes with it, and what is still reached
BEGIN;
DROP TABLE old CASCADE;
SELECT production, owner FROM gray_clone_tree('users', 'id', true, leave_out => '{log_lines, events, wishes}',
	choices => '{"posts": "author", "\"Likes\"": "post", "lines": "a, b -> asked.drafts"}');
SELECT count(*) FROM gray_clone_tree('users', 'id', leave_out => '{log_lines, events, wishes}',
	choices => '{"posts": "author", "\"Likes\"": "post", "lines": "a, b -> asked.drafts"}');
SELECT conrelid::regclass, confrelid::regclass FROM pg_constraint
	WHERE conrelid = 'v2.log_notes'::regclass AND contype = 'f';
ROLLBACK;

-- owner paths in a circle, made so by choices
CREATE TABLE carts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, last_item integer);
CREATE TABLE items (id integer PRIMARY KEY, cart_id integer REFERENCES carts, user_id integer REFERENCES users);
ALTER TABLE carts ADD FOREIGN KEY (last_item) REFERENCES items;
SELECT * FROM gray_clone_tree('users', 'id', dry_run => true, choices => '{"carts": "last_item", "items": "cart_id"}');
SELECT production, owner FROM gray_clone_tree('users', 'id', dry_run => true, choices => '{"carts": "last_item"}')
	WHERE production IN ('carts'::regclass, 'items'::regclass);
DROP TABLE carts, items CASCADE;

-- what is no answer
CREATE FUNCTION answer(choices text, leave_out text[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE m text; d text; h text;
BEGIN
	PERFORM gray_clone_tree('users', 'id', true, choices::jsonb, leave_out);
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n  ', SQLSTATE || ' ' || m, 'detail: ' || nullif(d, ''), 'hint: ' || nullif(h, ''));
END $$;
\pset format unaligned
\pset tuples_only on
SELECT answer('[]');
SELECT answer('"posts"');
SELECT answer('null');
SELECT answer('{}');
SELECT answer('{"posts": 1}');
SELECT answer('{"posts": null}');
SELECT answer('{"posts": ["author"]}');
SELECT answer('{"posts": {"by": "author"}}');
SELECT answer('{"posts": {"holds_uid": 1}}');
SELECT answer('{"posts": "author", "asked.posts": "editor"}');
SELECT answer('{"no such table": "id"}');
SELECT answer('{"nowhere.posts": "id"}');
SELECT answer('{"Likes": "post"}');
SELECT answer('{"liked": "post"}');
SELECT answer('{"posts": "nobody"}');
SELECT answer('{"posts": "xmin"}');
SELECT answer('{"posts": {"holds_uid": "author"}}');
SELECT answer('{"posts": "id"}');
SELECT answer('{"\"Likes\"": {"holds_uid": "post"}}');
SELECT answer('{"events": "at"}');
SELECT answer('{"badges": "user_id"}');
SELECT answer('{"lines": "a"}');
SELECT answer('{"lines": "a, b -> asked.posts"}');
SELECT answer('{"payments": "account"}');
SELECT answer('{"payments": {"holds_uid": "account"}}');
SELECT answer('{"payments": "account", "accounts": "id"}');
SELECT answer('{"users": "id"}');
SELECT answer('{"users": "plan"}');
SELECT answer('{"posts": "author"}', '{posts}');
SELECT answer(NULL, '{users}');
SELECT answer(NULL, '{no_such_table}');
SELECT answer(NULL, '{liked}');
SELECT answer(NULL, '{NULL}');
SELECT answer(NULL, '{plans}');
SELECT answer(NULL, '{}');
SELECT gray_clone('users', 'id');
SELECT gray_clone('posts', 'author');
SELECT answer('{"posts": "editor"}');
SELECT answer('{"posts": "author"}');
SELECT answer(NULL, '{posts}');
-- tables that were cloned one by one are in the call as they are
SELECT gray_clone('payments', 'account', holds_uid => true);
SELECT gray_clone('events', 'userId');
SELECT hint FROM gray_clone_tree('users', 'id', true, leave_out => ARRAY['old', 'lines', '"Likes"'])
	WHERE owner ~ '^all of';

SET client_min_messages = warning;
SELECT gray_drop_release();
DROP SCHEMA asked CASCADE;
