-- In another cluster, where a dump was restored, the transaction ids that migrations
-- recorded mean nothing: rows are compared, even where an id happens to be theirs.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
INSERT INTO users VALUES (1, 'one'), (2, 'two');
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_set_percent(100), gray_open();
SELECT gray_migrate(i) FROM generate_series(1, 2) i;
UPDATE v2.users SET name = 'changed';
UPDATE gray.stay_1 SET xid = (SELECT xmin::text::xid8 FROM v2.users LIMIT 1);
UPDATE gray.release SET place = '1/1';
SELECT gray_migrate_back(1);
SELECT uid, xid FROM gray.stay_1;
SELECT gray_migrate_back(2);
SELECT * FROM users ORDER BY id;
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA shop CASCADE;
