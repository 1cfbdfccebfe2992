-- A column that leads to the user must not have a collation that takes different texts for equal: 'Anna' and 'anna'
-- would be one user to a query, and two to the fence.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA folded;
SET search_path = folded, public;
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN login AS text COLLATE ci;
CREATE TABLE accounts (id integer PRIMARY KEY, name text COLLATE ci NOT NULL, nick login NOT NULL UNIQUE);
CREATE TABLE users (id text PRIMARY KEY, note text COLLATE ci);
CREATE TABLE bag (user_id text COLLATE ci NOT NULL REFERENCES users, note text);
CREATE TABLE shops (code text COLLATE ci PRIMARY KEY, user_id text NOT NULL REFERENCES users);
CREATE TABLE items (id integer PRIMARY KEY, shop text COLLATE ci NOT NULL REFERENCES shops);
CREATE TABLE visits (day date, shop text NOT NULL REFERENCES shops, PRIMARY KEY (day, shop)) PARTITION BY RANGE (day);
CREATE TABLE plain (id integer PRIMARY KEY, user_id text NOT NULL REFERENCES users);
INSERT INTO users VALUES ('Anna'), ('anna');
SELECT gray_create_release('v2');
SELECT gray_clone('accounts', 'name');
SELECT gray_clone('accounts', 'nick');
SELECT gray_clone_tree('accounts', 'name');
SELECT gray_clone_tree('accounts', 'name', dry_run => true);
-- all at once, with a way out
SELECT production, owner, hint FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_clone('users', 'id'), gray_clone('plain', 'user_id'), gray_clone('shops', 'user_id');
SELECT gray_clone('bag', 'user_id');
SELECT gray_clone('items', 'shop');
SELECT gray_clone('visits', 'shop');
-- what does not lead to the user may have any collation
SELECT object, problem FROM gray_check() WHERE severity = 'error';
-- an upgrade, or production, that gets one later
ALTER TABLE v2.plain ALTER user_id TYPE text COLLATE ci;
ALTER TABLE plain DROP CONSTRAINT plain_user_id_fkey, ALTER user_id TYPE login;
SELECT * FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA folded CASCADE;
