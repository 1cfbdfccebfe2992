-- A column that refers to a table which is not cloned is not taken for the uid: it may hold
-- that table's numbers.  The hint has the calls in order, and the way to say that it is one.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE SCHEMA outside;
SET search_path = outside, public;
-- the uid is accounts.id; users have numbers of their own
CREATE TABLE accounts (id bigint PRIMARY KEY, name text);
CREATE TABLE users (id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts);
CREATE TABLE sessions (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users);
CREATE TABLE clicks (id bigint PRIMARY KEY, session_id bigint NOT NULL REFERENCES sessions);
CREATE TABLE "Odd 'clicks'" (id bigint PRIMARY KEY, "the session" bigint NOT NULL REFERENCES sessions);
CREATE TABLE plans (id bigint PRIMARY KEY, next bigint REFERENCES plans);
CREATE TABLE orders (id bigint PRIMARY KEY, plan bigint NOT NULL REFERENCES plans);
-- two ways from where it leads to: the one that holds for every row
CREATE TABLE teams (id bigint PRIMARY KEY, helper bigint REFERENCES accounts, leader bigint NOT NULL REFERENCES users);
CREATE TABLE goals (id bigint PRIMARY KEY, team_id bigint NOT NULL REFERENCES teams);
-- a key of two columns, one of them the uid's; a partitioned table whose partitions have the key
CREATE TABLE drafts (account bigint NOT NULL REFERENCES accounts, id bigint, PRIMARY KEY (account, id));
CREATE TABLE pages (account bigint, draft bigint, id bigint, PRIMARY KEY (account, id),
	FOREIGN KEY (account, draft) REFERENCES drafts);
CREATE TABLE visits (id bigint, user_id bigint) PARTITION BY LIST (id);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES IN (1);
CREATE TABLE visits_2 PARTITION OF visits DEFAULT;
ALTER TABLE visits_1 ADD FOREIGN KEY (user_id) REFERENCES users;
INSERT INTO accounts VALUES (1, 'ann'), (2, 'bob');
INSERT INTO users VALUES (2, 1), (1, 2);
INSERT INTO sessions VALUES (10, 2), (20, 1);
INSERT INTO clicks VALUES (100, 10), (200, 20);

-- in a release without tables: the referred column is the uid, or this one is
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'account_id');
SELECT gray_clone('sessions', 'user_id');
SELECT gray_clone('accounts', 'id');
-- one step, and several, in order
SELECT gray_clone('sessions', 'user_id');
SELECT gray_clone('"Odd ''clicks''"', 'the session');
SELECT gray_clone('goals', 'team_id');
SELECT gray_clone('visits', 'user_id');
SELECT gray_clone('pages', 'draft');
-- without a column, too
SELECT gray_clone('clicks');
-- nothing leads on from there
SELECT gray_clone('orders');
SELECT gray_clone('orders', 'plan');
SELECT production FROM gray.release_table;

-- typed as it is
SELECT gray_clone('outside.users', 'account_id', 'v2');
SELECT gray_clone('outside.sessions', 'user_id', 'v2');
SELECT gray_clone('outside."Odd ''clicks''"', 'the session', 'v2');
SELECT gray_clone('clicks');
SELECT t.production, t.uid_attnum, p.production AS parent, t.path_attnums
	FROM gray.release_table t LEFT JOIN gray.release_table p ON p.position = t.parent_position ORDER BY t.position;
SELECT gray_add_user(1);
SELECT gray_open();
SELECT * FROM gray_route(1);
SELECT * FROM v2.sessions, v2.clicks;
SELECT gray_close();
SELECT gray_migrate_back(1);
SELECT gray_drop_release();

-- said to be the uid: the other table stays where it is
SELECT gray_create_release('v2');
SELECT gray_clone('sessions', 'user_id', holds_uid => true);
SELECT gray_clone('clicks', 'session_id', true, 'v2');
SELECT gray_clone('clicks', 'session_id', holds_uid => false);
SELECT production, uid_attnum, path_attnums FROM gray.release_table ORDER BY position;
SELECT conrelid::regclass, confrelid::regclass FROM pg_constraint
	WHERE connamespace = 'v2'::regnamespace AND contype = 'f' ORDER BY 1::text;
-- what refers to the same as a uid column of the release does is one, too
SELECT gray_clone('teams', 'leader');
SELECT gray_clone('visits', 'user_id');
SELECT gray_clone('users', NULL, holds_uid => true);
-- and the other table is kept outside
SELECT gray_clone('users', 'id');
SELECT * FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT gray_drop_release();

-- the root of a tree is where uids begin, whatever it refers to
SELECT gray_create_release('v2');
SELECT production, owner FROM gray_clone_tree('sessions', 'user_id');
SELECT gray_clone('teams', 'leader');
SELECT gray_drop_release();

SET client_min_messages = warning;
DROP SCHEMA outside CASCADE;
