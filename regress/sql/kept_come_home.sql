-- What was kept of earlier stays goes to production once that has the columns, with the user's next stay
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA kept;
SET search_path = kept, public;
CREATE TABLE kinds (name text PRIMARY KEY);
INSERT INTO kinds VALUES ('a'), ('b');
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE docs (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, amount integer, day date, code text
);
INSERT INTO users SELECT generate_series(1, 5);
INSERT INTO docs SELECT u * 10 + n, u, 7, '2020-01-01', 'c' FROM generate_series(1, 5) u, generate_series(1, 3) n;
SELECT gray_create_release('k', 'k');
SELECT gray_clone_tree('users', 'id');
ALTER TABLE k.docs ADD silent text, ADD spoken text, ADD kind text, ADD short text, ADD "Mapped" text DEFAULT 'x',
	ADD again text, ALTER amount TYPE numeric(10,2), ALTER day TYPE timestamp, ALTER code TYPE text COLLATE "C";
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(1, 5) u;
SELECT gray_migrate(u) FROM generate_series(1, 5) u;
UPDATE k.docs SET silent = 'silent ' || id, spoken = 'spoken', kind = 'a', short = 'too long', "Mapped" = 'm',
	again = 'again', amount = 7.25, day = '2020-01-01 10:00' WHERE id % 10 < 3;
SELECT gray_migrate_back(u) FROM generate_series(1, 5) u;
SELECT * FROM docs WHERE user_id = 1 ORDER BY id;
SELECT count(*) FROM gray.kept_1 WHERE uid = 1;

-- they are not thrown away without a word
SELECT gray_close();
SELECT gray_drop_release();
SELECT gray_open();

-- production gets the columns, and says something of its own in one
ALTER TABLE docs ADD silent text, ADD spoken text DEFAULT 'default', ADD kind text REFERENCES kinds,
	ADD short varchar(20), ADD "Mapped" text, ADD again text, ALTER amount TYPE numeric(10,2),
	ALTER day TYPE timestamp;
SELECT gray_map('k.docs', 'Mapped', up => '"Mapped"', down => 'upper("Mapped")');
UPDATE docs SET spoken = 'by version 1' WHERE id IN (11, 21);
UPDATE docs SET amount = 8 WHERE id = 12;
ALTER TABLE docs ALTER short TYPE varchar(5);
SELECT gray_migrate(1);
SELECT sqlstate, message, hint FROM gray.incidents WHERE uid = '1';
ALTER TABLE docs ALTER short TYPE varchar(20);
SELECT gray_reset(1), gray_migrate(1);
SELECT * FROM docs WHERE user_id = 1 ORDER BY id;
SELECT * FROM k.docs WHERE user_id = 1 ORDER BY id;
SELECT table_name, differing FROM gray_verify(1) WHERE differing > 0;
SELECT gray_migrate_back(1);
SELECT * FROM docs WHERE user_id = 1 ORDER BY id;
SELECT key, c.name, value, home FROM gray.kept_1 k JOIN gray.kept_column c USING (position)
	WHERE c.id = column_id AND uid = 1
	ORDER BY key, c.name;

-- who gives up that stay has them all the same
SELECT gray_migrate(2);
UPDATE k.docs SET silent = 'given up' WHERE user_id = 2;
SELECT gray_discard(2);
SELECT id, silent, spoken, kind, amount, day FROM docs WHERE user_id = 2 ORDER BY id;

-- what they refer to must be there
DELETE FROM kinds WHERE name = 'b';
UPDATE gray.kept_1 SET value = 'b' WHERE uid = 3 AND key = '{31}' AND value = 'a';
SELECT gray_migrate(3);
SELECT sqlstate, message, hint FROM gray.incidents WHERE uid = '3';
SELECT id, silent FROM docs WHERE user_id = 3 ORDER BY id;

-- a column that production makes anew says nothing either, one that it drops leaves them to gray
ALTER TABLE docs DROP amount, DROP silent;
ALTER TABLE docs ADD amount numeric;
SELECT gray_migrate(4);
SELECT id, spoken, amount FROM docs WHERE user_id = 4 ORDER BY id;
SELECT id, silent, spoken, amount FROM k.docs WHERE user_id = 4 ORDER BY id;
SELECT gray_migrate_back(4);
SELECT gray_migrate(4);
SELECT id, silent FROM k.docs WHERE user_id = 4 ORDER BY id;
SELECT gray_migrate_back(4);
-- and back again
ALTER TABLE docs ADD silent text;
SELECT gray_migrate(4), gray_migrate(5);
SELECT id, silent, spoken, kind, amount FROM docs WHERE user_id IN (4, 5) ORDER BY id;
SELECT gray_migrate_back(4), gray_migrate_back(5);
SELECT uid, count(*) FROM gray.kept_1 k JOIN gray.kept_column c USING (position)
	WHERE c.id = column_id AND c.name = 'silent'
	GROUP BY uid ORDER BY uid;

SELECT gray_drop_release(force => true);
DROP SCHEMA kept CASCADE;
