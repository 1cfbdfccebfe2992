-- Without a key, too, columns that become pairs while users are in gray take nothing away: rows are told by the others
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA late;
SET search_path = late, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE lines (user_id integer NOT NULL REFERENCES users, n integer, x text, old text, price numeric(10,2),
	title text);
CREATE TABLE parts (user_id integer NOT NULL REFERENCES users, n integer, x text, old text) PARTITION BY LIST (n);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
INSERT INTO users SELECT generate_series(1, 4);
INSERT INTO lines SELECT u, n, 'x' || n, 'old', 1.25, 'title' FROM generate_series(1, 4) u, generate_series(1, 3) n;
INSERT INTO parts SELECT u, n, 'x' || n, 'old' FROM generate_series(1, 4) u, generate_series(1, 3) n;
SELECT gray_create_release('l', 'l');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE l.lines DROP old, ADD gift text DEFAULT 'none', ADD mood text;
ALTER TABLE l.parts DROP old, ADD gift text DEFAULT 'none';
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(1, 4) u;
SELECT gray_migrate(u) FROM generate_series(1, 4) u;
UPDATE l.lines SET gift = 'given' WHERE n = 1;
UPDATE l.parts SET gift = 'given' WHERE n = 1;

-- gray makes a column anew: what is empty there, or its default, leaves production's value
ALTER TABLE l.lines DROP x;
ALTER TABLE l.lines ADD x text DEFAULT 'gray';
ALTER TABLE l.parts DROP x;
ALTER TABLE l.parts ADD x text;
SELECT table_name, differing FROM gray_verify(1);
UPDATE l.lines SET x = 'own' WHERE n = 2;
DELETE FROM l.lines WHERE n = 3 AND user_id = 1;
SELECT table_name, differing FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT * FROM lines WHERE user_id = 1 ORDER BY n;
SELECT * FROM parts WHERE user_id = 1 ORDER BY n;

-- production gets gray's columns, and coarser types: rows that nobody wrote keep what production alone has
ALTER TABLE lines ADD gift text, ADD mood text DEFAULT 'fine', ALTER price TYPE integer,
	ALTER title TYPE varchar(3) USING left(title, 3);
ALTER TABLE parts ADD gift text DEFAULT '';
INSERT INTO l.lines (user_id, n, x, gift, price, title) VALUES (2, 4, 'new', 'new', 4.75, 'new');
SELECT table_name, differing FROM gray_verify(2);
SELECT gray_migrate_back(2);
SELECT * FROM lines WHERE user_id = 2 ORDER BY n;
SELECT * FROM parts WHERE user_id = 2 ORDER BY n;

-- what production's type can't hold is refused, not cut
UPDATE l.lines SET title = 'else' WHERE user_id = 3 AND n = 1;
SELECT gray_migrate_back(3);
SELECT sqlstate, message FROM gray.incidents;
UPDATE l.lines SET title = 'els' WHERE user_id = 3 AND n = 1;
SELECT gray_reset(3), gray_migrate_back(3);
SELECT * FROM lines WHERE user_id = 3 ORDER BY n;

-- a column that production fills by itself has its values, where gray says nothing
ALTER TABLE l.lines ADD code text;
SELECT gray_migrate(1);
UPDATE l.lines SET code = 'mine' WHERE n = 1;
ALTER TABLE lines ADD code text DEFAULT 'code ' || clock_timestamp()::date - '2000-01-01'::date;
SELECT gray_migrate_back(1), gray_migrate_back(4);
SELECT user_id, n, code ~ '^code \d' AS by_production, old FROM lines WHERE user_id IN (1, 4) ORDER BY user_id, n;

SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA late CASCADE;
