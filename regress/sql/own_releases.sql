-- Two releases in one database have own tables of the same names, and a user each of the same uid.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TABLE members (id integer PRIMARY KEY, name text);
CREATE TABLE visits (id integer PRIMARY KEY, member_id integer NOT NULL REFERENCES members);
INSERT INTO members SELECT i, 'member ' || i FROM generate_series(1, 10) i;
INSERT INTO visits SELECT i, i FROM generate_series(1, 10) i;
SELECT gray_create_release('v2'), gray_create_release('club', 'club_gray');
SELECT count(*) FROM gray_clone_tree('users', 'id', release => 'v2');
SELECT count(*) FROM gray_clone_tree('members', 'id', release => 'club');
CREATE TABLE v2.badges (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users, label text);
CREATE TABLE club_gray.badges (id integer PRIMARY KEY, member_id integer NOT NULL REFERENCES club_gray.members,
	visit integer REFERENCES club_gray.visits ON DELETE CASCADE, label text);
CREATE TABLE club_gray.colours (name text PRIMARY KEY);
SELECT gray_open('v2'), gray_open('club');
SELECT gray_add_user(7, 'v2'), gray_add_user(7, 'club');
SELECT gray_migrate(7, 'v2'), gray_migrate(7, 'club');
INSERT INTO v2.badges VALUES (1, 7, 'of the shop');
INSERT INTO club_gray.badges VALUES (1, 7, 7, 'of the club');
SELECT * FROM gray.own_tables;
SELECT gray_migrate_back(7, 'club');
SELECT * FROM gray.own_tables;
TABLE v2.badges;
TABLE club_gray.badges;
SELECT gray_migrate_back(7, 'v2'), gray_migrate(7, 'club');
TABLE club_gray.badges;
SELECT gray_migrate(7, 'v2');
TABLE v2.badges;

-- A key from one release's gray tables to the other's is a key from outside.
CREATE TABLE v2.both (user_id integer NOT NULL REFERENCES v2.users,
	member_id integer NOT NULL REFERENCES club_gray.members);
SELECT severity, object, problem FROM gray_check('club') WHERE severity = 'error';

DROP TABLE v2.both;
SELECT gray_migrate_back(7, 'v2'), gray_migrate_back(7, 'club');
SELECT gray_close('v2'), gray_close('club');
SELECT gray_drop_release('v2');
SELECT gray_drop_release('v2', force => true);
SELECT * FROM gray.own_tables;
SELECT gray_drop_release('club', force => true);
DROP TABLE club_gray.colours;
DROP SCHEMA club_gray;
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
