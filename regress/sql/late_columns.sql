-- Columns that get or lose their twin while users are in gray, the ordinary end of a release: every row is compared
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA late;
SET search_path = late, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE docs (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, amount numeric(10,2), title text,
	note text, rest text);
CREATE TABLE lines (user_id integer NOT NULL REFERENCES users, n integer, rest text);
CREATE TABLE days (id integer, user_id integer NOT NULL REFERENCES users, n integer, PRIMARY KEY (id, user_id))
	PARTITION BY LIST (user_id);
CREATE TABLE days_all PARTITION OF days DEFAULT;
INSERT INTO users VALUES (1, 'Ann Lee'), (2, 'Bob Ray'), (3, 'Cyd Fox');
INSERT INTO docs SELECT u * 10 + n, u, 1.25, 'title ' || n, 'note', 'rest'
	FROM generate_series(1, 3) u, generate_series(1, 3) n;
INSERT INTO lines SELECT u, n, 'rest' FROM generate_series(1, 3) u, generate_series(1, 2) n;
INSERT INTO days SELECT n, u, n FROM generate_series(1, 3) u, generate_series(1, 2) n;
SELECT gray_create_release('l', 'l');
SELECT gray_clone_tree('users', 'id');
-- version 2's columns
ALTER TABLE l.users ADD first text;
SELECT gray_map('l.users', 'first', up => $$split_part(name, ' ', 1)$$);
ALTER TABLE l.docs ADD gift text DEFAULT '', ADD mood text DEFAULT 'fine', ADD tag varchar(20);
ALTER TABLE l.lines ADD gift text;
ALTER TABLE l.days ADD gift text DEFAULT 'none';
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(1, 3) u;

-- an earlier stay, of which something is kept; and one that goes on
SELECT gray_migrate(u) FROM generate_series(1, 3) u;
UPDATE l.docs SET gift = 'first stay', tag = 'first stay' WHERE id % 10 = 1;
SELECT gray_migrate_back(u) FROM generate_series(1, 3) u;
SELECT gray_migrate(u) FROM generate_series(1, 3) u;
UPDATE l.docs SET gift = 'second stay' WHERE id % 10 = 2;
UPDATE l.docs SET amount = amount + 1 WHERE id % 10 = 3;
UPDATE l.users SET first = 'Annie' WHERE id = 1;
UPDATE l.lines SET gift = 'g' WHERE n = 1;
UPDATE l.days SET gift = 'g' WHERE n = 1;

-- production follows
ALTER TABLE users ADD first text;
ALTER TABLE docs ADD gift text DEFAULT '', ADD mood text NOT NULL DEFAULT 'new', ADD tag varchar(30),
	ALTER amount TYPE integer, ALTER title TYPE varchar(6) USING left(title, 6), DROP note, DROP rest;
ALTER TABLE docs ADD rest text;
ALTER TABLE lines ADD gift text;
ALTER TABLE days ADD gift text;
SELECT table_name, differing FROM gray_verify(1);
SELECT * FROM l.docs WHERE user_id = 1 ORDER BY id;
SELECT gray_close();
SELECT gray_migrate_back(1), gray_migrate_back(3);
SELECT * FROM users ORDER BY id;
SELECT id, amount, title, gift, mood, tag, rest FROM docs WHERE user_id <> 2 ORDER BY id;
SELECT * FROM lines WHERE user_id = 1 ORDER BY n;
SELECT * FROM days WHERE user_id = 1 ORDER BY n;
-- whoever has all rows replaced wants them as they are
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(2);
RESET pg_gray.back_strategy;
SELECT gray_reset(2), gray_migrate_back(2);
SELECT id, amount, title, gift, mood, tag, rest FROM docs WHERE user_id = 2 ORDER BY id;
-- what production still can't hold waits for the next stay
SELECT key, c.name, value, home FROM gray.kept_1 k JOIN gray.kept_column c USING (position)
	WHERE c.id = column_id AND uid = 1
	ORDER BY key, c.name;
SELECT gray_open();
SELECT gray_migrate(1);
SELECT * FROM l.docs WHERE user_id = 1 ORDER BY id;
SELECT table_name, differing FROM gray_verify(1) WHERE differing > 0;
SELECT gray_migrate_back(1);

-- gray makes a column anew: what is empty there takes nothing away from production
SELECT gray_migrate(1);
ALTER TABLE docs ADD late text;
ALTER TABLE l.docs DROP rest, DROP title;
ALTER TABLE l.docs ADD rest text, ADD title text DEFAULT 'untitled', ADD late text;
ALTER TABLE l.days DROP n;
ALTER TABLE l.days ADD n integer;
UPDATE l.docs SET title = 'anew' WHERE id = 12;
UPDATE l.docs SET gift = 'third stay' WHERE id = 13;
SELECT gray_migrate_back(1);
SELECT id, amount, title, gift, rest, late FROM docs WHERE user_id = 1 ORDER BY id;
SELECT * FROM days WHERE user_id = 1 ORDER BY id;

-- what production fills by itself stays where gray says nothing
ALTER TABLE l.docs ADD token uuid;
SELECT gray_migrate(1);
UPDATE l.docs SET token = '00000000-0000-0000-0000-000000000001' WHERE id = 11;
ALTER TABLE docs ADD token uuid DEFAULT gen_random_uuid();
SELECT gray_migrate_back(1);
SELECT id, token IS NULL AS lost, token::text ~ '^0.*01$' AS by_gray FROM docs WHERE user_id = 1 ORDER BY id;

SELECT gray_drop_release(force => true);
DROP SCHEMA late CASCADE;
