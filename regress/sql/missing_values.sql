-- Rows that are stored from before an ADD COLUMN: each side's columns have their own values for such rows, and
-- nothing of one side's comes to the other's
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA missing;
SET search_path = missing, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE docs (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE lines (user_id integer NOT NULL REFERENCES users);
CREATE TABLE days (id integer, user_id integer NOT NULL REFERENCES users, PRIMARY KEY (id, user_id))
	PARTITION BY LIST (user_id);
CREATE TABLE days_all PARTITION OF days DEFAULT;
CREATE DOMAIN code AS text;
CREATE TABLE codes (code code, user_id integer NOT NULL REFERENCES users, PRIMARY KEY (code)) PARTITION BY HASH (code);
CREATE TABLE codes_1 PARTITION OF codes FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE codes_2 PARTITION OF codes FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO users VALUES (1), (2);
INSERT INTO docs VALUES (1, 1), (2, 2);
INSERT INTO lines VALUES (1), (2);
INSERT INTO days VALUES (1, 1), (2, 2);
INSERT INTO codes VALUES ('a', 1), ('b', 2);
SELECT gray_create_release('m', 'm');
SELECT gray FROM gray_clone_tree('users', 'id');
ALTER TABLE m.users ADD extra bigint DEFAULT 84;
ALTER TABLE m.docs ADD extra bigint DEFAULT 84;
ALTER TABLE m.lines ADD extra bigint DEFAULT 84;
ALTER TABLE m.days ADD extra bigint DEFAULT 84;
ALTER TABLE users ADD extra bigint;
ALTER TABLE docs ADD extra bigint;
ALTER TABLE lines ADD extra bigint;
ALTER TABLE days ADD extra bigint;
SELECT gray_set_percent(100), gray_open();

-- to gray
SELECT gray_migrate(1);
SELECT * FROM m.users;
SELECT * FROM m.docs;
SELECT * FROM m.lines;
SELECT * FROM m.days;
SELECT * FROM m.codes;
SELECT sum(differing) FROM gray_verify(1);

-- and home: new rows, from before a column of gray
INSERT INTO m.docs VALUES (11, 1);
INSERT INTO m.lines VALUES (1);
INSERT INTO m.days VALUES (11, 1);
SELECT gray_migrate_back(1);
SELECT gray_migrate(2);
INSERT INTO m.docs VALUES (12, 2);
INSERT INTO m.lines VALUES (2, 1);
INSERT INTO m.days VALUES (12, 2);
ALTER TABLE m.docs ADD late integer;
ALTER TABLE docs ADD late integer DEFAULT 7;
ALTER TABLE m.lines ADD late integer;
ALTER TABLE lines ADD late integer DEFAULT 7;
ALTER TABLE m.days ADD late integer;
ALTER TABLE days ADD late integer DEFAULT 7;
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(2);
SELECT * FROM docs ORDER BY id;
SELECT * FROM lines ORDER BY user_id, extra;
SELECT * FROM days ORDER BY id;
SELECT gray_drop_release('m', true);
DROP SCHEMA missing CASCADE;
