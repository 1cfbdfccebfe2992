-- Who is tried: a list, a percentage, or both. Who is in a percentage never
-- changes, and is in every larger one.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();

-- the gateway's unit test has the same users: both must agree for ever
CREATE TABLE tried (percent numeric, id integer);
SELECT gray_set_percent(10);
INSERT INTO tried SELECT 10, id FROM users, gray_route(id) WHERE side = 'gray';
SELECT gray_set_percent(33.33);
INSERT INTO tried SELECT 33.33, id FROM users, gray_route(id) WHERE side = 'gray';
SELECT percent, array_agg(id ORDER BY id) FROM tried GROUP BY percent ORDER BY percent;
SELECT id FROM tried WHERE percent = 10 EXCEPT SELECT id FROM tried WHERE percent = 33.33;
SELECT release, percent FROM gray.status;

-- less, and those who are out come home; a listed one stays
SELECT gray_add_user((SELECT min(id) FROM tried));
SELECT gray_set_percent(0);
SELECT id, r.* FROM (SELECT DISTINCT id FROM tried) t, gray_route(id) r ORDER BY id;
SELECT gray_remove_user((SELECT min(id) FROM tried));
SELECT r.* FROM gray_route((SELECT min(id) FROM tried)) r;
-- adding and removing are as often as you like
SELECT gray_add_user(7), gray_add_user('07'), gray_remove_user(8);
SELECT * FROM gray_roster();

-- another release has other users
SELECT gray_close();
SELECT gray_drop_release();
SELECT gray_create_release('v3');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_set_percent(10);
SELECT array_agg(id ORDER BY id) FROM users, gray_route(id) WHERE side = 'gray';
SELECT gray_set_percent(0);
SELECT count(*) FROM users, gray_route(id) WHERE side = 'gray';
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
