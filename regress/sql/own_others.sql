-- Rows of other users that refer to rows which leave gray are put aside under their own users, and
-- come back with the rows that they refer to.  Nothing is deleted, whatever ON DELETE says.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(i) FROM generate_series(1, 3) i;
CREATE TABLE v2.comments (id integer PRIMARY KEY, user_id integer NOT NULL,
	order_id integer REFERENCES v2.orders ON DELETE CASCADE, parent integer REFERENCES v2.comments ON DELETE CASCADE);
CREATE TABLE v2.likes (user_id integer NOT NULL, comment_id integer NOT NULL REFERENCES v2.comments ON DELETE CASCADE,
	PRIMARY KEY (user_id, comment_id));
CREATE TABLE v2.parts (comment_id integer NOT NULL REFERENCES v2.comments ON DELETE CASCADE, body text);
SELECT gray_add_table('v2.comments', 'user_id'), gray_add_table('v2.likes', 'user_id');
SELECT gray_table, owner FROM gray.own_tables;
SELECT gray_migrate(i) FROM generate_series(1, 3) i;
SELECT min(id) AS o FROM orders WHERE user_id = 1 \gset
-- 1's order has a comment of 2, with a part and an answer of 3 and a like of each
INSERT INTO v2.comments VALUES (1, 2, :o, NULL), (2, 3, NULL, 1), (3, 3, NULL, NULL), (4, 1, :o, NULL);
INSERT INTO v2.likes VALUES (1, 1), (2, 1), (3, 1), (3, 2), (2, 3), (2, 4);
INSERT INTO v2.parts VALUES (1, 'of 2'), (2, 'of 3'), (3, 'of 3');
CREATE VIEW everything AS SELECT 'comments' AS t, c::text AS r FROM v2.comments c
	UNION ALL SELECT 'likes', l::text FROM v2.likes l UNION ALL SELECT 'parts', p::text FROM v2.parts p;
CREATE TABLE before AS TABLE everything;
SELECT gray_migrate_back(1);
SELECT * FROM everything ORDER BY 1, 2;
SELECT gray_table, parked_users, parked_rows FROM gray.own_tables;
SELECT gray_migrate(1);
TABLE before EXCEPT ALL TABLE everything;
TABLE everything EXCEPT ALL TABLE before;
-- they wait also when their own user goes home and comes again meanwhile
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT gray_migrate(2);
SELECT * FROM everything ORDER BY 1, 2;
SELECT gray_migrate(1);
TABLE before EXCEPT ALL TABLE everything;
TABLE everything EXCEPT ALL TABLE before;
-- all go home, and come in any order
SELECT gray_migrate_back(i) FROM generate_series(1, 3) i;
TABLE everything;
SELECT gray_migrate(i) FROM unnest(ARRAY[3, 2, 1]) i;
TABLE before EXCEPT ALL TABLE everything;
TABLE everything EXCEPT ALL TABLE before;
-- given up: what was put aside during the stay is what the last way home left, and nothing is there twice
SELECT gray_migrate_back(1);
SELECT gray_discard(2);
SELECT gray_migrate(2), gray_migrate(1);
TABLE before EXCEPT ALL TABLE everything;
TABLE everything EXCEPT ALL TABLE before;
-- discard of the one to whom others refer
SELECT gray_discard(1);
SELECT count(*) FROM everything;
SELECT gray_migrate(1);
TABLE before EXCEPT ALL TABLE everything;
TABLE everything EXCEPT ALL TABLE before;

-- A row of nobody can't be put aside.
CREATE TABLE v2.logs (user_id integer, comment_id integer REFERENCES v2.comments ON DELETE CASCADE);
SELECT gray_add_table('v2.logs', 'user_id');
INSERT INTO v2.logs VALUES (NULL, 1);
SELECT gray_migrate_back(2);
SELECT sqlstate, message, detail FROM gray.incidents;
DELETE FROM v2.logs;
SELECT gray_reset(2);
SELECT gray_migrate_back(2);

-- Nor does an action reach a table whose rows are nobody's, as long as no one has said whose they are.
CREATE TABLE v2.unclear (user_id integer REFERENCES v2.users ON DELETE CASCADE);
INSERT INTO v2.unclear VALUES (3);
SELECT gray_migrate_back(3);
SELECT sqlstate, message FROM gray.incidents;
TABLE v2.unclear;
SELECT gray_add_table('v2.unclear', 'user_id');
SELECT gray_reset(3);
SELECT gray_migrate_back(3);
SELECT gray_migrate(3);
TABLE v2.unclear;
SELECT gray_migrate_back(i) FROM generate_series(1, 3) i;
SELECT gray_close();
DROP VIEW everything;
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
