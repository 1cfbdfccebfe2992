-- Columns that are compared may have collations of their own: a foreign key's two ends, on the way to the user or not,
-- and a key that an upgrade has given another one.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA mixed;
SET search_path = mixed, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE kinds (name text COLLATE "C" PRIMARY KEY); -- stays outside
CREATE TABLE shops (code text COLLATE "C" PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE items (
	code text PRIMARY KEY, shop text COLLATE "POSIX" NOT NULL REFERENCES shops,
	kind text COLLATE "POSIX" REFERENCES kinds, next text COLLATE "C" REFERENCES items
);
CREATE TABLE bag (shop text COLLATE "POSIX" NOT NULL REFERENCES shops, n integer); -- without a key
CREATE INDEX ON shops (user_id);
CREATE INDEX ON items (shop);
CREATE INDEX ON bag (shop);
INSERT INTO users VALUES (1);
INSERT INTO kinds VALUES ('small'), ('large');
INSERT INTO shops VALUES ('a', 1), ('B', 1);
INSERT INTO items VALUES ('x', 'a', 'small', NULL), ('Y', 'B', 'large', 'x'), ('z', 'a', NULL, 'Y');
INSERT INTO bag VALUES ('a', 1), ('B', 2);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.items ALTER code TYPE text COLLATE "C", ADD seen text;
SELECT gray_add_user(1);
SELECT gray_open();
SELECT gray_migrate(1);
SELECT * FROM v2.items ORDER BY code;
UPDATE v2.items SET kind = 'large', seen = 'yes' WHERE code = 'x';
UPDATE v2.items SET next = 'z' WHERE code = 'Y';
INSERT INTO v2.items VALUES ('new', 'B', 'small', 'z');
UPDATE v2.bag SET n = 3 WHERE n = 2;
SELECT sum(differing) FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT * FROM items ORDER BY code;
SELECT * FROM bag ORDER BY n;
-- what was kept is found by the key again
SELECT gray_migrate(1);
SELECT code, seen FROM v2.items ORDER BY code;
DELETE FROM v2.items WHERE code = 'new';
SELECT gray_migrate_back(1);
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate(1);
DELETE FROM v2.bag;
SELECT gray_migrate_back(1);
RESET pg_gray.back_strategy;
SELECT * FROM items ORDER BY code;
SELECT kind, state, sqlstate, message FROM gray.history ORDER BY started;
SELECT gray_close();
SELECT gray_drop_release('v2', force => true);
SET client_min_messages = warning;
DROP SCHEMA mixed CASCADE;
