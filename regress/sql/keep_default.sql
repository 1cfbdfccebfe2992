-- A gray-only column's default is changed while a user is in gray: rows keep what they
-- had, as PostgreSQL's own do, also the ones that nobody wrote.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA shelf;
SET search_path = shelf, public;
\pset tuples_only on
\pset format unaligned
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE notes (id integer PRIMARY KEY, user_id integer REFERENCES users, body text);
CREATE INDEX ON notes (user_id);
INSERT INTO users SELECT i, 'name' FROM generate_series(1, 3) i;
INSERT INTO notes SELECT i, 1 + i % 3, 'body' FROM generate_series(1, 9) i;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.users ADD mood text DEFAULT 'fine';
CREATE DOMAIN colour AS text DEFAULT 'red';
ALTER TABLE v2.notes ADD size integer DEFAULT 1, ADD shade colour, ADD mark text;
SELECT gray_add_user(i) FROM generate_series(1, 3) i;
SELECT gray_open();
CREATE VIEW kept AS
	SELECT uid, key[1], c.name, value FROM gray.kept_1 k JOIN gray.kept_column c USING (position)
	WHERE c.id = column_id ORDER BY 1, 2, 3;
CREATE FUNCTION round_trip(u integer) RETURNS SETOF v2.notes BEGIN ATOMIC
	SELECT gray_migrate_back(u);
	SELECT gray_migrate(u);
	SELECT * FROM v2.notes WHERE user_id = u ORDER BY id;
END;

-- nothing is changed: nothing is kept
SELECT gray_migrate(1), gray_migrate(2);
SELECT * FROM round_trip(1);
TABLE kept;
-- another default, of one table: rows that were written in gray and those that were not
UPDATE v2.notes SET body = 'changed' WHERE id = 3;
ALTER TABLE v2.notes ALTER size SET DEFAULT 2;
SELECT * FROM round_trip(1);
TABLE kept;
SELECT mood FROM v2.users WHERE id = 1;
-- once it is kept, that is all
SELECT * FROM round_trip(1);
TABLE kept;
-- what is migrated only now takes the new one
SELECT gray_migrate(3);
SELECT * FROM v2.notes WHERE user_id = 3 ORDER BY id;
-- there and back: a row that has what is the default again needs nothing
ALTER TABLE v2.notes ALTER size SET DEFAULT 1;
SELECT * FROM round_trip(1);
SELECT * FROM round_trip(3);
TABLE kept;
-- no default any more, and one that there was not
ALTER TABLE v2.notes ALTER size DROP DEFAULT, ALTER mark SET DEFAULT 'new';
SELECT * FROM round_trip(1);
-- a new column's rows have its default
ALTER TABLE v2.notes ADD late integer DEFAULT 7;
SELECT gray_migrate_back(2), gray_migrate(2);
SELECT * FROM v2.notes WHERE user_id = 2 ORDER BY id;
TABLE kept;
-- a default of the domain
ALTER DOMAIN colour SET DEFAULT 'blue';
SELECT gray_migrate_back(3);
SELECT * FROM kept WHERE uid = 3;
\c -
SET search_path = shelf, public;
SELECT gray_migrate(3);
SELECT * FROM v2.notes WHERE user_id = 3 ORDER BY id;
SELECT gray_close(), count(gray_migrate_back(i)) FROM generate_series(1, 3) i;
-- production was written where gray was changed, and nowhere else
SELECT * FROM notes WHERE body <> 'body';
DROP FUNCTION round_trip;
DROP VIEW kept;
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA shelf CASCADE;
