-- A table of version 2 that leads to its users over a column which production does not have: gray_check
-- says so, and users are moved as ever.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
ALTER TABLE v2.users ADD token uuid UNIQUE DEFAULT gen_random_uuid();
CREATE TABLE v2.logins (token uuid NOT NULL REFERENCES v2.users (token));
CREATE TABLE v2.clicks (user_id integer NOT NULL REFERENCES v2.users);
SELECT gray_add_user(1);
SELECT gray_migrate(1);
INSERT INTO v2.clicks VALUES (1);
SELECT object, problem, hint FROM gray_check() WHERE severity = 'error';
SELECT gray_table, owner FROM gray.own_tables;
SELECT gray_migrate_back(1);
SELECT gray_migrate(1);
TABLE v2.clicks;
SELECT gray_migrate_back(1);
-- As told, with a column that holds the uid.
ALTER TABLE v2.logins ADD user_id integer;
SELECT gray_add_table('v2.logins', 'token');
SELECT gray_add_table('v2.logins', 'user_id', 'v2');
SELECT object, problem, hint FROM gray_check() WHERE severity = 'error';
SET client_min_messages = warning;
SELECT gray_close();
SELECT gray_drop_release(force => true);
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
