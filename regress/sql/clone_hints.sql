-- What a hint says can be typed as it stands, until all is cloned; and it never comes to an
-- ACCESS EXCLUSIVE lock on a table of production, by which its readers would wait.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE SCHEMA hinted;
SET search_path = hinted, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE messages (id integer PRIMARY KEY, from_id integer NOT NULL REFERENCES users,
	to_id integer NOT NULL REFERENCES users);
CREATE TABLE threads (id integer PRIMARY KEY, starter integer REFERENCES users, keeper integer REFERENCES users);
CREATE TABLE posts (id integer PRIMARY KEY, thread integer REFERENCES threads, message integer REFERENCES messages);
CREATE TABLE marks (id integer PRIMARY KEY, post integer NOT NULL REFERENCES posts);
CREATE TABLE "Odd one" (id integer PRIMARY KEY, mark integer NOT NULL REFERENCES marks);

-- types a statement, and if it has a hint the statements of that, each in a transaction of its
-- own; and notes what it typed
CREATE TABLE typed (place serial, statement text, strong_locks bigint);
CREATE FUNCTION strong_locks() RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
	WHERE l.pid = pg_backend_pid() AND l.mode = 'AccessExclusiveLock' AND c.relnamespace = 'hinted'::regnamespace
$$;
CREATE PROCEDURE type(first text) LANGUAGE plpgsql AS $$
DECLARE
	todo text[] := ARRAY[first];
	statement text;
	hint text;
BEGIN
	WHILE todo <> '{}' LOOP
		statement := todo[1];
		hint := NULL;
		BEGIN
			EXECUTE statement;
			todo := todo[2:];
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
			-- the lines up to the one that goes another way
			todo := ARRAY(SELECT line FROM regexp_split_to_table(split_part(hint, 'If it is the uid', 1), '\n') AS line
				WHERE line LIKE 'SELECT %');
			IF todo = '{}' OR statement = ANY (todo[1:1]) THEN
				RAISE;
			END IF;
		END;
		INSERT INTO typed (statement, strong_locks)
			VALUES (CASE WHEN hint IS NULL THEN 'done: ' ELSE 'hint: ' END || statement, strong_locks());
		COMMIT;
	END LOOP;
END
$$;

SELECT gray_create_release('v2');
CALL type($$SELECT * FROM gray_clone_tree('hinted.users', 'id')$$);
SELECT statement, strong_locks FROM typed ORDER BY place;
SELECT production, uid_attnum FROM gray.release_table ORDER BY position;
SELECT gray_drop_release();
TRUNCATE typed;

-- one by one, from the far end
SELECT gray_create_release('v2');
CALL type($$SELECT gray_clone('hinted.messages', 'from_id')$$);
CALL type($$SELECT gray_clone('hinted."Odd one"', 'mark')$$);
SELECT statement, strong_locks FROM typed ORDER BY place;
SELECT production, uid_attnum FROM gray.release_table ORDER BY position;
TRUNCATE typed;
-- a table that is cloned after one which refers to it: a dry run tells what that takes
SELECT production, owner FROM gray_clone_tree('users', 'id', dry_run => true, choices => '{"threads": "starter"}');
BEGIN;
SELECT production, owner FROM gray_clone_tree('users', 'id', choices => '{"threads": "starter"}');
SELECT strong_locks();
ROLLBACK;
SELECT gray_drop_release();

SET client_min_messages = warning;
DROP SCHEMA hinted CASCADE;
