-- Rows that somebody writes around the fence while their user comes home: the move is tried again (40001), and nobody
-- is stuck, whatever the table is like and whichever way its rows are cleared.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA around;
SET search_path = around, public;
CREATE TABLE users (id integer PRIMARY KEY, note text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text);
CREATE TABLE lines (order_id integer NOT NULL REFERENCES orders, note text); -- without a key
CREATE INDEX ON orders (user_id);
CREATE INDEX ON lines (order_id);
INSERT INTO users VALUES (1), (2);
INSERT INTO orders SELECT i, 1, 'order ' || i FROM generate_series(1, 3000) i;
INSERT INTO orders SELECT i, 2, 'order ' || i FROM generate_series(3001, 3003) i;
INSERT INTO lines SELECT id, note FROM orders WHERE id NOT IN (8, 3001, 3002);
-- what the note says is done in gray behind the fence's back, when the user's row is written in production
CREATE FUNCTION act(note text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN
	IF note LIKE '% v2.%' THEN
		ALTER TABLE v2.orders DISABLE TRIGGER "00_pg_gray_fence";
		ALTER TABLE v2.lines DISABLE TRIGGER "00_pg_gray_fence";
		EXECUTE note;
		ALTER TABLE v2.orders ENABLE ALWAYS TRIGGER "00_pg_gray_fence";
		ALTER TABLE v2.lines ENABLE ALWAYS TRIGGER "00_pg_gray_fence";
	END IF;
	RETURN true;
END$$;
ALTER TABLE users ADD CONSTRAINT acts CHECK (around.act(note));
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.users DROP CONSTRAINT acts;
SELECT gray_set_percent(100);
SELECT gray_open();
SELECT gray_migrate(1), gray_migrate(2);
VACUUM v2.orders, v2.lines;
\set VERBOSITY sqlstate
CREATE PROCEDURE note(uid integer, statement text) LANGUAGE sql AS $$UPDATE v2.users SET note = $2 WHERE id = $1$$;
-- a large user, whose untouched rows are cleared by one reading of the table
CALL note(1, 'UPDATE v2.orders SET note = ''other'' WHERE id = 7');
SELECT gray_migrate_back(1);
CALL note(1, 'DELETE FROM v2.orders WHERE id = 8');
SELECT gray_migrate_back(1);
CALL note(1, 'UPDATE v2.lines SET note = ''other'' WHERE order_id = 7');
SELECT gray_migrate_back(1);
CALL note(1, 'DELETE FROM v2.lines WHERE order_id = 7');
SELECT gray_migrate_back(1);
-- a small one
CALL note(2, 'INSERT INTO v2.orders VALUES (9999, 2, ''new'')');
SELECT gray_migrate_back(2);
CALL note(2, 'INSERT INTO v2.lines VALUES (3001, ''new'')');
SELECT gray_migrate_back(2);
CALL note(2, 'DELETE FROM v2.orders WHERE id = 3002');
SELECT gray_migrate_back(2);
UPDATE v2.orders SET note = 'theirs' WHERE id = 3001;
CALL note(2, 'UPDATE v2.orders SET note = ''other'' WHERE id = 3001');
SELECT gray_migrate_back(2);
\set VERBOSITY default
SELECT gray_state(1), gray_state(2);
SELECT kind, state, count(*) FROM gray.history GROUP BY 1, 2;
-- left alone, they come home
CALL note(1, 'done');
CALL note(2, 'done');
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT count(*) FROM users WHERE note = 'done';
SELECT count(*), count(*) FILTER (WHERE note = 'theirs') AS theirs FROM orders;
SELECT count(*) FROM lines;
SELECT (SELECT count(*) FROM v2.orders) AS orders, (SELECT count(*) FROM v2.lines) AS lines;
SET client_min_messages = warning;
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA around CASCADE;
