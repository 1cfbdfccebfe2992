-- A plain column of production that gray generates comes home: as far as version 2 changed what it is made of
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA computed;
SET search_path = computed, public;
CREATE FUNCTION twice(n integer) RETURNS integer IMMUTABLE LANGUAGE sql RETURN n * 2;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE items (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	qty integer, price integer, total integer, note text, "Total text" varchar(10));
CREATE TABLE logs (user_id integer NOT NULL REFERENCES users, n integer, doubled integer);
CREATE TABLE days (id integer, user_id integer NOT NULL REFERENCES users, n integer, doubled integer,
	PRIMARY KEY (id, user_id)) PARTITION BY LIST (user_id);
CREATE TABLE days_all PARTITION OF days DEFAULT;
INSERT INTO users VALUES (1), (2);
INSERT INTO items VALUES
	(1, 1, 2, 10, 20, 'a', '20'),
	(2, 1, 3, 10, 29, 'wrong total', 'old'),
	(3, 1, NULL, 10, NULL, 'c', NULL),
	(11, 2, 2, 10, 20, 'a', '20'),
	(12, 2, 3, 10, 29, 'wrong total', 'old');
INSERT INTO logs VALUES (1, 1, 3), (1, 2, 4), (1, 3, 7);
INSERT INTO days VALUES (1, 1, 1, 3), (2, 1, 2, 4);
SELECT gray_create_release('c', 'c');
SELECT gray_clone_tree('users', 'id');
ALTER TABLE c.items DROP total, DROP "Total text", ADD total numeric GENERATED ALWAYS AS (qty * price) STORED,
	ADD "Total text" text GENERATED ALWAYS AS ((qty * price)::text) STORED;
ALTER TABLE c.logs DROP doubled, ADD doubled integer GENERATED ALWAYS AS (computed.twice(n)) STORED;
ALTER TABLE c.days DROP doubled, ADD doubled integer GENERATED ALWAYS AS (computed.twice(n)) STORED;
SELECT gray_open();
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1), gray_migrate(2);
SELECT id, total, "Total text" FROM c.items ORDER BY id;
SELECT table_name, differing FROM gray_verify(1) WHERE differing > 0;

UPDATE c.items SET qty = 5 WHERE id = 1;
UPDATE c.items SET note = 'only the note' WHERE id = 2;
INSERT INTO c.items (id, user_id, qty, price) VALUES (4, 1, 4, 4);
UPDATE c.logs SET n = 20 WHERE n = 2;
INSERT INTO c.logs (user_id, n) VALUES (1, 5);
UPDATE c.days SET n = 20 WHERE n = 2;
INSERT INTO c.days (id, user_id, n) VALUES (5, 1, 5);
SELECT table_name, differing FROM gray_verify(1) WHERE differing > 0;
SELECT gray_migrate_back(1);
SELECT * FROM items WHERE user_id = 1 ORDER BY id;
SELECT * FROM logs ORDER BY n;
SELECT * FROM days ORDER BY n;

-- with all rows replaced, what version 2 computed is what counts
UPDATE c.items SET qty = 5 WHERE id = 11;
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(2);
RESET pg_gray.back_strategy;
SELECT * FROM items WHERE user_id = 2 ORDER BY id;

-- a down expression over a generated column is compared with what it was made of, too
SELECT gray_map('c.items', 'note', up => 'note', down => $$note || ' ' || total$$);
SELECT gray_migrate(1), gray_migrate(2);
UPDATE c.items SET qty = 6 WHERE id = 1;
UPDATE c.items SET price = 10 WHERE id = 2;
SELECT gray_migrate_back(1);
SELECT id, total, note, "Total text" FROM items WHERE user_id = 1 ORDER BY id;
SELECT gray_discard(2);
SELECT gray_drop_release(force => true);
DROP SCHEMA computed CASCADE;
