-- What is kept of a row may be more than one jsonb can hold (256 MB), as long as each value is one that text can.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA heavy;
SET search_path = heavy, public;
-- faster, where PostgreSQL was built with it
DO $$BEGIN SET default_toast_compression = lz4; EXCEPTION WHEN invalid_parameter_value THEN NULL; END$$;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE files (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE parts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users) PARTITION BY LIST (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
INSERT INTO users VALUES (1);
INSERT INTO files VALUES (1, 1), (2, 1);
INSERT INTO parts VALUES (1, 1);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.files ADD a text, ADD b text, ADD c text DEFAULT 'default', ADD d text;
ALTER TABLE v2.parts ADD a text, ADD b text;
SELECT gray_add_user(1);
SELECT gray_open();
SELECT gray_migrate(1);
UPDATE v2.files SET a = repeat(repeat('x', 1024), 140 * 1024),
	b = repeat(repeat('y', 1024), 140 * 1024), c = NULL WHERE id = 1;
UPDATE v2.files SET d = 'small', c = '' WHERE id = 2;
UPDATE v2.parts SET a = 'a', b = 'b';
SELECT gray_migrate_back(1);
SELECT gray_migrate(1);
SELECT id, octet_length(a) AS a, octet_length(b) AS b, c, d FROM v2.files ORDER BY id;
TABLE v2.parts;
SELECT sqlstate, message FROM gray.incidents;
SELECT gray_discard(1);
SET client_min_messages = warning;
SELECT gray_close();
SELECT gray_drop_release('v2', force => true);
DROP SCHEMA heavy CASCADE;
