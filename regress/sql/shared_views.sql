-- gray_shared_views: for the time of a migration, views that pass through to production's tables without a twin.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
\pset format aligned
CREATE ROLE regress_gray_v2;
CREATE TABLE plans (id serial PRIMARY KEY, title text NOT NULL DEFAULT 'free',
	half integer GENERATED ALWAYS AS (1) STORED);
CREATE TABLE log (at date NOT NULL, said text) PARTITION BY RANGE (at);
CREATE TABLE log_1 PARTITION OF log DEFAULT;
CREATE VIEW cheap AS SELECT * FROM plans;
CREATE VIEW fresh AS SELECT * FROM users;
CREATE TABLE nothing ();
CREATE TABLE schema_migrations (version text PRIMARY KEY);
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON products TO regress_gray_v2 USING (id < 3);
GRANT SELECT, INSERT ON plans TO regress_gray_v2;
GRANT USAGE ON SEQUENCE plans_id_seq TO regress_gray_v2;
GRANT SELECT ON products, users TO regress_gray_v2;
GRANT USAGE ON SCHEMA shop TO regress_gray_v2;
SET client_min_messages = warning;
SELECT gray_create_release('v2');
-- nothing to share before there is a table
SELECT gray_shared_views(true);
SELECT count(*) FROM gray_clone_tree('users', 'id');
RESET client_min_messages;
CREATE TABLE v2.badges (user_id integer NOT NULL REFERENCES v2.users);
CREATE TABLE badges (id integer);
SELECT gray_shared_views(true);
SELECT view, production FROM gray.shared_view ORDER BY view COLLATE "C";
SELECT c.relname, c.reloptions, c.relowner = n.nspowner AS same_owner, c.relacl FROM pg_class c
	JOIN pg_namespace n ON n.nspname = 'v2'
	WHERE c.relnamespace = 'v2_shared'::regnamespace ORDER BY 1;

-- as version 2's migration
SET ROLE regress_gray_v2;
SET search_path = v2, v2_shared;
INSERT INTO plans DEFAULT VALUES RETURNING id, title;
SELECT id FROM products ORDER BY id;
UPDATE plans SET title = 'dear';
SELECT * FROM log;
RESET ROLE;
SET search_path = shop, public;
SELECT * FROM plans;
-- a view is no table, so a key names the table with its schema
SET search_path = v2, v2_shared;
CREATE TABLE perks (plan integer REFERENCES plans);
CREATE TABLE perks (plan integer REFERENCES shop.plans);
SET search_path = shop, public;

-- they follow what production has when they are made again
CREATE TABLE more (id integer);
SELECT gray_shared_views(true);
SELECT to_regclass('v2_shared.more');
-- while they are there, version 1's own migrations are stopped, and gray_check says so once the release is open
ALTER TABLE plans DROP COLUMN title;
SELECT gray_add_user(42), gray_open();
SELECT * FROM gray_check() WHERE object ~ 'shared';
SELECT * FROM gray_route(42);
SELECT gray_close(), gray_migrate_back(42);
-- they are no views that follow tables into gray, and a table that is cloned has none any more
SELECT gray_clone('more', 'id');
SELECT production, gray FROM gray.release_view ORDER BY 1;
SELECT gray_shared_views(true);
SELECT to_regclass('v2_shared.more');

-- what others have built on a view, or put beside it, is not lost
CREATE VIEW v2.perky AS SELECT id FROM v2_shared.plans;
SELECT gray_shared_views(false);
CREATE OR REPLACE VIEW v2.perky AS SELECT id FROM shop.plans;
CREATE TABLE v2_shared.mine (id integer);
SELECT gray_shared_views(false);
SELECT gray_shared_views(true);
DROP TABLE v2_shared.mine;
SELECT gray_shared_views(true);
DROP SCHEMA v2_shared;
SELECT gray_shared_views(false);
SELECT count(*) FROM pg_namespace WHERE nspname = 'v2_shared';
SELECT gray_shared_views(false);
-- who may
SELECT gray_shared_views(NULL);
SET ROLE regress_gray_v2;
SELECT gray_shared_views(true);
RESET ROLE;
GRANT EXECUTE ON FUNCTION gray_shared_views(boolean, name) TO regress_gray_v2;
SET ROLE regress_gray_v2;
SELECT public.gray_shared_views(true);
RESET ROLE;

-- they go with the release
SELECT gray_shared_views(true);
DROP VIEW v2.perky;
DROP TABLE v2.perks, v2.badges;
SELECT gray_drop_release();
SELECT nspname FROM pg_namespace WHERE nspname ~ '^v2';
SELECT count(*) FROM gray.shared_view;
SET client_min_messages = warning;
SELECT gray_create_release('v2', 'a23456789_123456789_123456789_123456789_123456789_123456');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_shared_views(true);
SELECT gray_drop_release();
SELECT gray_create_release('v2', 'a23456789_123456789_123456789_123456789_123456789_1234567');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_shared_views(true);
SELECT gray_drop_release();
DROP SCHEMA shop CASCADE;
DROP OWNED BY regress_gray_v2;
DROP ROLE regress_gray_v2;
