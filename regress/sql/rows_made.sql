-- Rows of a table that only version 2 has, made of production's rows: what each side did between
-- two stays decides what the next stay shows.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA made;
SET search_path = made, public;
CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE phones (user_id integer NOT NULL REFERENCES users, n integer, number text, kind text,
	PRIMARY KEY (user_id, n));
INSERT INTO users VALUES (1, 'Ann  Lee'), (2, 'Bob');
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
CREATE TABLE v2.contacts (user_id integer REFERENCES v2.users ON DELETE CASCADE, n integer, number varchar(12),
	kind text, label text DEFAULT 'none', PRIMARY KEY (user_id, n));
CREATE TABLE v2.loose (user_id integer NOT NULL REFERENCES v2.users);
SELECT gray_open();

-- what a query must be
SELECT gray_rows('v2.users', 'SELECT 1');
SELECT gray_rows('v2.loose', 'SELECT id AS user_id FROM made.users WHERE id = $1');
SELECT gray_rows('v2.contacts', 'SELECT user_id, n, number AS phone FROM made.phones WHERE user_id = $1');
SELECT gray_rows('v2.contacts', 'SELECT user_id, number FROM made.phones WHERE user_id = $1');
SELECT gray_rows('v2.contacts', 'SELECT user_id, n, ARRAY[1] AS n FROM made.phones WHERE user_id = $1');
SELECT gray_rows('v2.contacts', 'DELETE FROM made.phones');
SELECT gray_rows('v2.contacts', 'SELECT user_id, n FROM phones WHERE user_id = $1');
SELECT gray_rows('v2.contacts', 'SELECT user_id, n, number, kind FROM made.phones WHERE user_id = $1 -- the user''s');
CREATE ROLE regress_rows_other;
CREATE TABLE others (user_id integer, n integer);
ALTER TABLE others OWNER TO regress_rows_other;
SELECT gray_rows('v2.contacts', 'SELECT user_id, n FROM made.others WHERE user_id = $1');
DROP TABLE others;
DROP ROLE regress_rows_other;
SELECT position, key_columns, columns FROM gray.made_rows;

-- a row for each case
INSERT INTO phones SELECT 1, n, n || '00', 'home' FROM generate_series(1, 9) n;
INSERT INTO phones VALUES (2, 1, '1', 'home');
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1), gray_migrate(2);
TABLE v2.contacts ORDER BY 1, 2;
SELECT gray_rows('v2.contacts', NULL);
UPDATE v2.contacts SET number = 'gray', label = 'gray' WHERE user_id = 1 AND n IN (2, 4, 6);
DELETE FROM v2.contacts WHERE user_id = 1 AND n IN (7, 8, 9);
INSERT INTO v2.contacts VALUES (1, 10, 'gray', 'gray', 'gray'), (1, 11, 'gray', 'gray', 'gray');
SELECT gray_migrate_back(1);
TABLE v2.contacts;
UPDATE phones SET kind = 'v1' WHERE user_id = 1 AND n IN (3, 4, 8);
DELETE FROM phones WHERE user_id = 1 AND n IN (5, 6, 9);
INSERT INTO phones VALUES (1, 11, 'v1', NULL), (1, 12, 'v1', 'v1');
SELECT gray_migrate(1);
TABLE v2.contacts ORDER BY 1, 2;

-- and again, when nobody did anything
CREATE TABLE before AS TABLE v2.contacts;
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT gray_migrate(1), gray_migrate(2);
TABLE before EXCEPT TABLE v2.contacts;
TABLE v2.contacts EXCEPT TABLE before;

-- a row that the migration changes, and the user does not
SELECT gray_migrate_back(2);
UPDATE phones SET kind = 'mobile' WHERE user_id = 2;
SELECT gray_migrate(2);
SELECT gray_migrate_back(2);
SELECT gray_migrate(2);
SELECT * FROM v2.contacts WHERE user_id = 2;
DROP TABLE before;
CREATE TABLE before AS TABLE v2.contacts;

-- given up: as at the last way home
UPDATE v2.contacts SET number = 'given up';
DELETE FROM v2.contacts WHERE n = 1;
SELECT gray_discard(1), gray_discard(2);
SELECT gray_migrate(1), gray_migrate(2);
TABLE before EXCEPT TABLE v2.contacts;
TABLE v2.contacts EXCEPT TABLE before;
SELECT gray_migrate_back(1), gray_migrate_back(2);

-- a row that does not fit, and a column that is gone: the user stays at home
UPDATE phones SET number = '0123456789012' WHERE user_id = 2;
SELECT gray_migrate(2);
UPDATE phones SET number = '1' WHERE user_id = 2;
SELECT gray_reset(2);
ALTER TABLE v2.contacts RENAME kind TO sort;
ALTER TABLE phones RENAME number TO digits;
SELECT * FROM gray_check() WHERE severity = 'error' AND object LIKE 'v2.contacts%';
ALTER TABLE phones RENAME digits TO number;
SELECT gray_migrate(2);
SELECT gray_reset(2);
SELECT gray_rows('v2.contacts', 'SELECT user_id, n, number, kind AS sort FROM made.phones WHERE user_id = $1');
SELECT gray_migrate(2);
SELECT * FROM v2.contacts;

-- a lossy split: who did nothing is not written at home
SELECT gray_migrate_back(2);
CREATE TABLE v2.people (id integer PRIMARY KEY REFERENCES v2.users ON DELETE CASCADE, first text, last text);
CREATE FUNCTION v2.people_of(uid integer, OUT id integer, OUT first text, OUT last text) LANGUAGE sql STABLE AS
	$$ SELECT u.id, split_part(u.name, ' ', 1), ltrim(substr(u.name, strpos(u.name || ' ', ' '))) FROM made.users u
		WHERE u.id = uid $$;
SELECT gray_rows('v2.people', 'SELECT * FROM v2.people_of($1)');
CREATE FUNCTION v2.bring_people(uid integer) RETURNS void LANGUAGE sql AS $$
	UPDATE made.users u SET name = concat_ws(' ', p.first, nullif(p.last, ''))
		FROM v2.people p, v2.people_of(uid) m
		WHERE p.id = uid AND u.id = uid AND (p.first, p.last) IS DISTINCT FROM (m.first, m.last) $$;
SELECT gray_hook('after_home', 'v2.bring_people(integer)');
SELECT gray_migrate(1), gray_migrate(2);
TABLE v2.people ORDER BY id;
UPDATE v2.people SET last = 'Roy' WHERE id = 2;
SELECT gray_migrate_back(1), gray_migrate_back(2);
TABLE users ORDER BY id;

SELECT gray_close();
SELECT gray_drop_release(force => true);
SELECT count(*) FROM gray.made_base;
SET client_min_messages = warning;
DROP SCHEMA v2, made CASCADE;
DROP EXTENSION pg_gray;
