-- A table that version 2 has dropped takes no part in moves.  Production's rows are frozen during a stay, and live
-- again at home.  Foreign keys act on them as on rows of a table outside the release.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
-- on purpose
SET pg_gray.guard = off;
CREATE TABLE wishes (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, text text UNIQUE);
INSERT INTO wishes SELECT i, i, 'wish ' || i FROM generate_series(1, 50) i;
CREATE TABLE marks (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	cascades integer REFERENCES orders ON DELETE CASCADE, nulls integer REFERENCES orders ON DELETE SET NULL,
	defaults integer DEFAULT 149 REFERENCES orders ON DELETE SET DEFAULT, keeps integer REFERENCES orders);
CREATE VIEW all_wishes AS SELECT user_id, text FROM wishes;
SELECT gray_create_release('v2');
SELECT production, gray, owner FROM gray_clone_tree('users', 'id', choices => '{"marks": "user_id"}');
SELECT gray_open();
SELECT gray_set_percent(100);
CREATE FUNCTION home(uid text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text := gray_migrate_back(uid);
BEGIN
	RETURN concat_ws(' ', state, (SELECT i.sqlstate || ' ' || i.message FROM gray.incidents i WHERE i.uid = $1));
END $$;
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION orders_of(uid integer) RETURNS integer[] LANGUAGE sql AS
	'SELECT array_agg(id ORDER BY id) FROM orders WHERE user_id = uid';

-- a stay that began before: the rows in the dropped table are as in production then, the others come home
SELECT gray_migrate(7);
UPDATE v2.wishes SET text = 'a lamp' WHERE user_id = 7;
DROP TABLE v2.wishes CASCADE;
UPDATE v2.users SET name = 'Seven' WHERE id = 7;
UPDATE v2.items SET quantity = 7 WHERE order_id = (orders_of(7))[1];
SELECT try('UPDATE wishes SET text = ''x'' WHERE user_id = 7');
SELECT table_name, differing FROM gray_verify(7);
SELECT home('7');
SELECT name, text FROM users JOIN wishes ON user_id = users.id WHERE users.id = 7;
SELECT sum(quantity) FROM items WHERE order_id = (orders_of(7))[1];
UPDATE wishes SET text = 'a boat' WHERE user_id = 7;

-- gray_check warns, gray_diff says it in a line, the registry knows
SELECT severity, object, problem, hint FROM gray_check() WHERE object LIKE '%wishes%';
SELECT * FROM gray_diff() WHERE table_name LIKE '%wishes%';
SELECT gray_close();
SELECT gray, gray_oid = 0 AS gone FROM gray.release_table ORDER BY position;
SELECT gray_open();

-- frozen during a stay, and nobody else's
SELECT gray_migrate(1);
SELECT try('UPDATE wishes SET text = ''x'' WHERE user_id = 1');
SELECT try('DELETE FROM wishes WHERE user_id = 1');
SELECT try('INSERT INTO wishes VALUES (101, 1, ''x'')');
SELECT try('TRUNCATE wishes');
SELECT try('UPDATE wishes SET text = ''wish 1'' WHERE user_id = 2');
SELECT try('UPDATE wishes SET text = ''wish two'' WHERE user_id = 2');
SELECT try('INSERT INTO wishes VALUES (102, 2, ''another'')');
SELECT * FROM gray_unique() WHERE production_index::text LIKE '%wish%';
SELECT table_name, differing FROM gray_verify(1);
SELECT home('1');
SELECT try('UPDATE wishes SET text = ''wish one'' WHERE user_id = 1');

-- ... after the release was closed and opened again, too
SELECT gray_close();
SELECT gray_open();
SELECT gray_migrate(1);
SELECT try('UPDATE wishes SET text = ''x'' WHERE user_id = 1');
SELECT gray_discard(1);

-- nobody is moved while production's fence is off
ALTER TABLE wishes DISABLE TRIGGER "00_pg_gray_fence";
SELECT gray_migrate(1);
SELECT gray_open();

-- the actions of foreign keys: a row of the user's own, and one of another user
DROP TABLE v2.marks;
INSERT INTO marks (id, user_id, cascades, defaults) SELECT u, u, (orders_of(1))[1], NULL FROM generate_series(1, 2) u;
INSERT INTO marks (id, user_id, nulls, defaults) SELECT u + 2, u, (orders_of(1))[1], NULL FROM generate_series(1, 2) u;
INSERT INTO marks (id, user_id, defaults) VALUES (5, 1, (orders_of(1))[1]);
SELECT gray_migrate(1);
DELETE FROM v2.orders WHERE id = (orders_of(1))[1];
SELECT id, cascades IS NULL, nulls IS NULL, defaults IS NULL FROM marks ORDER BY id;
SELECT home('1');
SELECT id, cascades, nulls, defaults FROM marks ORDER BY id;

-- ... NO ACTION: stuck, and with its words; the row can't be changed while it is frozen, but given up
TRUNCATE marks;
INSERT INTO marks (id, user_id, keeps, defaults) VALUES (1, 1, (orders_of(1))[1], NULL);
SELECT gray_migrate(1);
DELETE FROM v2.orders WHERE id = (orders_of(1))[1];
SELECT home('1');
SELECT row_key, detail, hint FROM gray.incidents;
SELECT gray_discard(1);
DELETE FROM marks;

-- ... and of another user who is in gray: refused, as for tables outside the release
INSERT INTO marks (id, user_id, cascades, defaults) VALUES (2, 2, (orders_of(1))[1], NULL);
SELECT gray_migrate(1), gray_migrate(2);
DELETE FROM v2.orders WHERE id = (orders_of(1))[1];
SELECT home('1');
SELECT home('2');
SELECT gray_reset('1');
SELECT home('1');
SELECT count(*) FROM marks;

-- a dropped table that others lead over: nobody can be moved, and nobody's state changes
SELECT gray_migrate(3);
BEGIN;
DROP TABLE v2.orders CASCADE;
SELECT try('SELECT gray_migrate(4)'), try('SELECT gray_migrate_back(3)'), try('SELECT gray_open()');
SELECT gray_state(3), gray_state(4);
SELECT * FROM gray.incidents;
SELECT severity, object, problem, hint FROM gray_check();
SELECT * FROM gray_diff();
SELECT try('UPDATE orders SET total = 1 WHERE user_id = 3'), try('UPDATE orders SET total = 1 WHERE user_id = 5');
SELECT try('SELECT gray_close()'), try('SELECT gray_discard(3)');
ROLLBACK;
-- ... until that one is dropped, too
BEGIN;
DROP TABLE v2.orders, v2.items CASCADE;
SELECT home('3'), gray_migrate(4);
SELECT severity, object, problem FROM gray_check();
ROLLBACK;

-- all of them: users come home, and nobody goes
BEGIN;
DROP SCHEMA v2 CASCADE;
SELECT home('3'), try('SELECT gray_migrate(4)'), try('SELECT gray_open()');
SELECT severity, object, problem FROM gray_check() WHERE severity = 'error';
SELECT * FROM gray_verify(3);
SELECT try('SELECT gray_map(''users'', ''name'', ''name'')');
SELECT try('SELECT gray_close()'), try('SELECT gray_drop_release()');
ROLLBACK;
SELECT home('3');

-- in a restored dump a missing table is a dropped one only if the registry says so: it may have got another name
BEGIN;
UPDATE gray.release SET place = '1/1';
SELECT gray_open();
SELECT gray_migrate(3), home('3');
SELECT place = gray.place() FROM gray.release;
ROLLBACK;
BEGIN;
ALTER TABLE v2.items RENAME TO lines;
UPDATE gray.release SET place = '1/1';
SELECT try('SELECT gray_open()');
SELECT severity, object, problem FROM gray_check();
ROLLBACK;

-- more tables can be cloned: the dropped ones are left out
CREATE TABLE notes (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, text text);
CREATE TABLE wish_notes (id integer PRIMARY KEY, wish_id integer NOT NULL REFERENCES wishes, text text);
SELECT gray_close();
SELECT production, gray, owner FROM gray_clone_tree('users', 'id');
SELECT gray_clone('wishes');
SELECT gray_clone('wish_notes');
SELECT gray_open();
SELECT gray_migrate(1);
SELECT table_name, differing FROM gray_verify(1);
SELECT home('1');

-- made again under its name it belongs to the release again, but not for a user who came without it
SELECT gray_migrate(1), gray_migrate(2);
DELETE FROM wishes WHERE user_id = 6;
CREATE TABLE v2.wishes (LIKE wishes INCLUDING ALL, FOREIGN KEY (user_id) REFERENCES v2.users);
SELECT try('SELECT gray_migrate(3)');
SELECT gray_open();
SELECT gray_migrate(3);
UPDATE v2.wishes SET text = 'from gray' WHERE user_id = 3;
INSERT INTO v2.wishes SELECT id, user_id, text || '!' FROM wishes WHERE user_id = 2;
SELECT home('1'), home('2'), home('3');
SELECT user_id, text FROM wishes WHERE user_id IN (1, 2, 3);
SELECT gray_discard(1);
SELECT try('UPDATE wishes SET text = ''mine'' WHERE user_id = 1');
-- ... nor for one whose rows were in the one that was dropped
SELECT gray_migrate(3);
DROP TABLE v2.wishes;
CREATE TABLE v2.wishes (LIKE wishes INCLUDING ALL, FOREIGN KEY (user_id) REFERENCES v2.users);
SELECT gray_open();
SELECT home('3');
SELECT gray_discard(3);

-- a dropped table whose name another table of the release got
DROP TABLE v2.wishes;
ALTER TABLE v2.notes RENAME TO wishes;
INSERT INTO notes VALUES (1, 1, 'note');
SELECT gray_migrate(1);
UPDATE v2.wishes SET text = 'a note' WHERE user_id = 1;
SELECT home('1');
SELECT text FROM notes;
SELECT production, gray FROM gray.release_table WHERE production ~ 'notes|wishes' ORDER BY 1;
SELECT try('UPDATE notes SET text = text'), try('UPDATE wishes SET text = text');
SELECT severity, object, problem FROM gray_check() WHERE object ~ 'wishes|notes';

-- the end
SELECT gray_close();
SELECT gray_drop_release();
SELECT try('UPDATE wishes SET text = text'), try('UPDATE marks SET nulls = nulls');
SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname ~ 'pg_gray';
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
