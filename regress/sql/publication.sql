-- A subscriber stops at the first row of a table that it does not have.  So no release is
-- made beside a publication that would send its tables, and none is opened.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_gray;
\set SHOW_CONTEXT never
CREATE SCHEMA "my shop";
CREATE TABLE "my shop".users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES "my shop".users);

-- before: all tables, and schemas
CREATE PUBLICATION "every thing" FOR ALL TABLES WITH (publish = 'insert, update', publish_via_partition_root);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray.release;
SELECT count(*) FROM pg_namespace WHERE nspname = 'v2';
-- done as the hint says
CREATE PUBLICATION "every thing_of_production" FOR TABLES IN SCHEMA "my shop", public
	WITH (publish = 'insert, update', publish_via_partition_root = true);
DROP PUBLICATION "every thing";
CREATE SCHEMA v2;
CREATE PUBLICATION of_schemas FOR TABLES IN SCHEMA public, v2, gray;
SELECT gray_create_release('v2');
ALTER PUBLICATION of_schemas DROP TABLES IN SCHEMA gray;
SELECT gray_create_release('v2');
SELECT gray_create_release('v3', 'v2');
ALTER PUBLICATION of_schemas DROP TABLES IN SCHEMA v2;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('"my shop".users', 'id');
SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname LIKE 'every%' ORDER BY 1, 2;

-- later
\x on
SELECT * FROM gray_check() WHERE severity = 'error';
CREATE PUBLICATION everything FOR ALL TABLES;
ALTER PUBLICATION of_schemas ADD TABLES IN SCHEMA v2, gray;
SELECT * FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
DROP PUBLICATION everything;
SELECT gray_open();
ALTER PUBLICATION of_schemas DROP TABLES IN SCHEMA v2, gray;
SELECT * FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
\x off

-- tables named one by one are as their owner wants them
ALTER PUBLICATION of_schemas ADD TABLE v2.users;
SELECT * FROM gray_check() WHERE severity = 'error';

SELECT gray_close();
SELECT gray_drop_release();
DROP PUBLICATION of_schemas, "every thing_of_production";
DROP SCHEMA v2, "my shop" CASCADE;
DROP TABLE posts;
