-- Which unique indexes of production are unique across both sides, and the switch.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA many;
SET search_path = many, public;
\set VERBOSITY default
\pset format unaligned
\pset tuples_only on
CREATE DOMAIN mail AS text;
CREATE COLLATION many.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE users (
	id integer PRIMARY KEY, email mail, nick varchar(20), number integer, price integer, phone text, tags text[],
	kind text, state text, serial serial, loose text COLLATE many.loose, old text
);
CREATE TABLE items (id uuid PRIMARY KEY, user_id integer REFERENCES users, line integer, code text);
CREATE TABLE parts (item_id uuid REFERENCES items, line integer, code text, PRIMARY KEY (item_id, line));
CREATE INDEX ON items (user_id);
CREATE UNIQUE INDEX u_email ON users (email);
CREATE UNIQUE INDEX u_nick ON users (lower(nick)) WHERE kind = 'open' AND old IS NULL;
CREATE UNIQUE INDEX u_number ON users (number);
CREATE UNIQUE INDEX u_price ON users (price);
CREATE UNIQUE INDEX u_pair ON users (phone, state) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX u_tags ON users (tags) INCLUDE (old);
CREATE UNIQUE INDEX u_serial ON users (serial);
CREATE UNIQUE INDEX u_loose ON users (loose);
CREATE UNIQUE INDEX u_old ON users (old);
CREATE UNIQUE INDEX u_code ON items (user_id, code);
CREATE INDEX not_unique ON users (phone);
ALTER TABLE items ADD CONSTRAINT u_line UNIQUE (line) DEFERRABLE INITIALLY DEFERRED;
INSERT INTO users SELECT i, 'e' || i, 'n' || i, i, i, 'p' || i, ARRAY['t' || i], 'open', 's', i, 'l' || i
	FROM generate_series(1, 9) i;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_unique();

-- the upgrade: renamed, re-typed, dropped, and without its index
ALTER TABLE v2.users RENAME nick TO nickname;
ALTER TABLE v2.users ALTER nickname TYPE varchar(30);
ALTER TABLE v2.users ALTER number TYPE bigint, ALTER price TYPE numeric;
ALTER INDEX v2.u_number RENAME TO u_numero;
DROP INDEX v2.u_email, v2.u_tags, v2.u_loose;
CREATE INDEX u_mail ON v2.users (email, number);
CREATE UNIQUE INDEX u_tags ON v2.users (tags) WHERE phone IS NULL;
CREATE UNIQUE INDEX u_loose ON v2.users (loose COLLATE "C");
CREATE FUNCTION whole(users) RETURNS text IMMUTABLE LANGUAGE sql RETURN $1.id || 'x';
CREATE UNIQUE INDEX u_row ON users (whole(users));
SELECT gray_add_user(1), gray_add_user(2);
SELECT * FROM gray_unique();
SELECT object, problem, hint FROM gray_check() WHERE object LIKE 'many.u\_%';
BEGIN;
ALTER TABLE v2.users DROP old CASCADE;
SELECT * FROM gray_unique() WHERE production_index IN ('many.u_nick', 'many.u_old');
ROLLBACK;
BEGIN;
ALTER TABLE v2.users ALTER nickname TYPE text;
SELECT * FROM gray_unique() WHERE production_index = 'many.u_nick';
ROLLBACK;

SELECT gray_open();
SELECT state FROM gray_route(1);
SELECT state FROM gray_route(2);
-- expressions and predicates
UPDATE v2.users SET nickname = 'Taken' WHERE id = 1;
UPDATE users SET nick = 'TAKEN' WHERE id = 3;
UPDATE users SET nick = 'TAKEN', kind = 'closed' WHERE id = 3;
UPDATE users SET kind = 'open' WHERE id = 3;
UPDATE v2.users SET nickname = 'N4' WHERE id = 1;
UPDATE users SET kind = 'closed' WHERE id = 4;
UPDATE v2.users SET nickname = 'N4' WHERE id = 1;
UPDATE v2.users SET nickname = 'N5', kind = 'closed' WHERE id = 1;
UPDATE v2.users SET kind = 'open' WHERE id = 1;
-- types that compare, without a cast that could fail
UPDATE v2.users SET number = 1000 WHERE id = 1;
UPDATE users SET number = 1000 WHERE id = 3;
UPDATE v2.users SET number = 3 WHERE id = 1;
UPDATE v2.users SET number = 3000000000 WHERE id = 1;
-- several columns, and nulls
UPDATE v2.users SET phone = NULL, state = NULL WHERE id = 1;
UPDATE users SET phone = NULL WHERE id = 3;
UPDATE users SET state = NULL WHERE id = 3;
UPDATE v2.users SET state = 's', phone = 'p4' WHERE id = 1;
UPDATE v2.users SET state = 't', phone = 'p4' WHERE id = 1;
-- by an index that has more columns, and is not unique: v1's name for it
UPDATE v2.users SET email = 'mine' WHERE id = 1;
UPDATE users SET email = 'mine' WHERE id = 3;
UPDATE v2.users SET email = 'e4' WHERE id = 1;
-- by another name, by which version 2 knows it
UPDATE v2.users SET number = 5 WHERE id = 1;
-- only in gray
UPDATE v2.users SET tags = '{t4}' WHERE id = 1;
UPDATE v2.users SET tags = '{new}' WHERE id = 1;
UPDATE users SET tags = '{new}' WHERE id = 4;
-- what is not checked
UPDATE v2.users SET price = 4 WHERE id = 1;
UPDATE v2.users SET serial = 4 WHERE id = 1;
UPDATE v2.users SET price = 1, serial = 1, tags = '{t1}', email = 'e1' WHERE id = 1;
-- a deferrable one is checked at once
INSERT INTO v2.items VALUES ('00000000-0000-0000-0000-000000000001', 1, 1, 'c');
BEGIN;
INSERT INTO items VALUES ('00000000-0000-0000-0000-000000000002', 3, 1, 'c');
ROLLBACK;
INSERT INTO items VALUES ('00000000-0000-0000-0000-000000000001', 3, 2, 'c');
INSERT INTO items VALUES ('00000000-0000-0000-0000-000000000002', 3, 2, 'c');
INSERT INTO v2.parts VALUES ('00000000-0000-0000-0000-000000000001', 1, 'c');
INSERT INTO parts VALUES ('00000000-0000-0000-0000-000000000002', 1, 'c');

-- the switch is heard by sessions that have written already
SELECT gray_set_unique('u_serial', true);
SELECT * FROM gray_unique() WHERE production_index = 'many.u_serial';
UPDATE v2.users SET serial = 4 WHERE id = 1;
SELECT gray_set_unique('u_email', false, 'v2');
SELECT * FROM gray_unique() WHERE production_index = 'many.u_email';
UPDATE v2.users SET email = 'e4' WHERE id = 1;
SELECT gray_set_unique('u_email', true);
UPDATE v2.users SET email = 'e5' WHERE id = 1;
SELECT gray_set_unique('u_email', false);
SELECT gray_set_unique('u_email', NULL);
SELECT gray_set_unique('u_serial', NULL);
SELECT production_index, is_checked FROM gray.unique_choice;
UPDATE v2.users SET email = 'e5' WHERE id = 1;
UPDATE v2.users SET serial = 4 WHERE id = 1;
UPDATE v2.users SET serial = 1, email = 'e1' WHERE id = 1;
-- and so is an index that is made, or dropped
DROP INDEX v2.u_mail;
UPDATE v2.users SET email = 'here' WHERE id = 1;
UPDATE users SET email = 'here' WHERE id = 4;
UPDATE users SET email = 'e4' WHERE id = 4;
CREATE INDEX u_mail ON v2.users (email);
UPDATE users SET email = 'here' WHERE id = 4;
CREATE UNIQUE INDEX u_phone ON users (phone, kind);
UPDATE v2.users SET phone = 'p6', kind = 'open', state = 'x', nickname = 'x' WHERE id = 1;

-- in vain
SELECT gray_set_unique('u_code', true);
SELECT gray_set_unique('u_price', true);
SELECT gray_set_unique('u_row', true);
SELECT gray_set_unique('not_unique', true);
SELECT gray_set_unique('v2.u_mail', false);
SELECT gray_set_unique('users', true);
SELECT gray_set_unique(0::regclass, true);
SELECT gray_set_unique(NULL, true);
SELECT gray_set_unique('u_email', true, 'v9');
SELECT * FROM gray_unique('v9');
SELECT count(*) FROM gray.unique_choice;
-- a warning that was heard is not repeated
SELECT gray_set_unique('u_price', false);
SELECT object FROM gray_check() WHERE object LIKE 'many.u\_%';

-- nobody else may call it; with the release its choices go
CREATE ROLE unique_nobody;
SET ROLE unique_nobody;
SELECT gray_set_unique(0, true);
SELECT gray_unique();
RESET ROLE;
SELECT count(*) FROM gray.unique_choice;
SELECT gray_discard(1), gray_discard(2);
SELECT gray_close();
SELECT gray_drop_release();
SELECT count(*) FROM gray.unique_choice;
SET client_min_messages = warning;
DROP SCHEMA many CASCADE;
DROP ROLE unique_nobody;
