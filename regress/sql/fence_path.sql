-- The fence follows an owner path of any shape.
\getenv here PG_ABS_SRCDIR
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA works;
SET search_path = works, public;
CREATE DOMAIN number AS smallint;
CREATE TABLE accounts (id bigint PRIMARY KEY, email text UNIQUE NOT NULL);
-- another integer type, and a key that is not the primary one
CREATE TABLE projects (
	id text COLLATE "C" PRIMARY KEY, org integer NOT NULL, num bigint NOT NULL, owner integer REFERENCES accounts,
	UNIQUE (org, num)
);
-- two columns, in another order than the index, one of a domain
CREATE TABLE tasks (id uuid PRIMARY KEY, proj number, org bigint, note varchar(20),
	FOREIGN KEY (org, proj) REFERENCES projects (org, num) ON UPDATE CASCADE ON DELETE CASCADE);
-- partitioned parent and child
CREATE TABLE logs (day integer, task uuid REFERENCES tasks ON DELETE CASCADE, line integer, PRIMARY KEY (day, line))
	PARTITION BY RANGE (day);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10);
CREATE TABLE logs_2 (line integer NOT NULL, junk integer, task uuid, day integer NOT NULL);
ALTER TABLE logs_2 DROP COLUMN junk;
ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE marks (
	id varchar PRIMARY KEY, day smallint, line integer,
	FOREIGN KEY (day, line) REFERENCES logs ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE tags (mark varchar REFERENCES marks ON DELETE CASCADE, tag text, PRIMARY KEY (mark, tag));
INSERT INTO accounts SELECT i, i || '@example.org' FROM generate_series(1, 50) i;
INSERT INTO projects SELECT 'p' || i, i % 7, i, i FROM generate_series(1, 50) i;
INSERT INTO tasks SELECT md5(i::text)::uuid, i, i % 7, 'x' FROM generate_series(1, 50) i;
INSERT INTO logs SELECT i % 20, md5(i::text)::uuid, i FROM generate_series(1, 50) i;
INSERT INTO marks SELECT 'm' || i, i % 20, i FROM generate_series(1, 50) i;
INSERT INTO tags SELECT 'm' || i, 'red' FROM generate_series(1, 50) i;
SELECT gray_create_release('v2');
SELECT * FROM gray_clone_tree('accounts', 'id');
SELECT gray_open();
SELECT gray_add_user(42);
SELECT * FROM gray_route(42);

-- each table, of another user and of the moved one
CREATE PROCEDURE write_all(uid integer) LANGUAGE plpgsql AS $$
DECLARE
	statement text;
	rows bigint;
BEGIN
	FOREACH statement IN ARRAY ARRAY[
		'UPDATE accounts SET email = upper(email) WHERE id = $1',
		'UPDATE projects SET id = upper(id) WHERE num = $1',
		'UPDATE tasks SET note = ''y'' WHERE proj = $1',
		'UPDATE logs SET task = task WHERE line = $1',
		'UPDATE marks SET line = line WHERE line = $1',
		'UPDATE tags SET tag = ''blue'' WHERE mark = ''m'' || $1',
		'INSERT INTO tags VALUES (''m'' || $1, ''green'')',
		'UPDATE logs SET day = (day + 10) % 20 WHERE line = $1',
		'DELETE FROM logs WHERE line = $1',
		'DELETE FROM tasks WHERE proj = $1'] LOOP
		BEGIN
			EXECUTE statement USING uid;
			GET DIAGNOSTICS rows = ROW_COUNT;
			RAISE NOTICE '% row of %', rows, statement;
		EXCEPTION WHEN SQLSTATE 'GR001' THEN
			RAISE NOTICE '% %', SQLSTATE, statement;
		END;
	END LOOP;
END $$;
BEGIN;
CALL write_all(38);
CALL write_all(42);
ROLLBACK;
SET search_path = v2, works, public;
BEGIN;
CALL write_all(42);
ROLLBACK;
INSERT INTO tags VALUES ('m7', 'green');
SET search_path = works, public;

-- Version 2 has other names and types, and other keys.  Index or none, the answer is the same.
ALTER TABLE v2.accounts ALTER id TYPE integer;
ALTER TABLE v2.projects RENAME owner TO holder;
ALTER TABLE v2.projects DROP CONSTRAINT projects_org_num_key CASCADE;
ALTER TABLE v2.marks RENAME TO notes;
ALTER TABLE v2.notes RENAME TO marks;
ALTER TABLE v2.marks ALTER id TYPE text;
ALTER TABLE v2.tasks DROP CONSTRAINT tasks_pkey CASCADE;
SET search_path = v2, works, public;
BEGIN;
CALL write_all(42);
INSERT INTO tasks (id, org, proj) VALUES (gen_random_uuid(), 0, 42);
ROLLBACK;
SET search_path = works, public;
ALTER TABLE v2.projects ADD CONSTRAINT deferred UNIQUE (num, org) DEFERRABLE;
CREATE UNIQUE INDEX only_some ON v2.tasks (id) WHERE note <> 'x';
-- rows of somebody else, put there behind the fence's back
BEGIN;
ALTER TABLE v2.accounts DISABLE TRIGGER USER;
ALTER TABLE v2.projects DISABLE TRIGGER USER;
ALTER TABLE v2.tasks DISABLE TRIGGER USER;
INSERT INTO v2.accounts VALUES (38, 'x');
INSERT INTO v2.projects VALUES ('p38', 3, 38, 38);
INSERT INTO v2.tasks VALUES (md5('38')::uuid, 38, 3, 'x');
ALTER TABLE v2.accounts ENABLE TRIGGER USER;
ALTER TABLE v2.projects ENABLE TRIGGER USER;
ALTER TABLE v2.tasks ENABLE TRIGGER USER;
COMMIT;
UPDATE v2.projects SET id = 'x' WHERE num = 38;
UPDATE v2.tasks SET note = 'y' WHERE proj = 38;
INSERT INTO v2.logs VALUES (1, md5('38')::uuid, 1000);
INSERT INTO v2.tasks VALUES (gen_random_uuid(), 42, 0, 'z');

-- neither rights on the parents nor their row security play a part
CREATE ROLE regress_gray_writer;
GRANT USAGE ON SCHEMA works TO regress_gray_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON tags, logs, logs_1 TO regress_gray_writer;
ALTER TABLE marks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SET ROLE regress_gray_writer;
UPDATE tags SET tag = 'blue' WHERE mark = 'm42';
UPDATE tags SET tag = 'blue' WHERE mark = 'm38';
UPDATE logs_1 SET task = NULL WHERE line = 42;
RESET ROLE;

-- the unique index changes while a session remembers it
\c -
SET search_path = works, public;
INSERT INTO tags VALUES ('m42', 'green');
ALTER TABLE marks DROP CONSTRAINT marks_pkey CASCADE;
INSERT INTO tags VALUES ('m42', 'green');
INSERT INTO tags VALUES ('m38', 'green');
CREATE UNIQUE INDEX marks_id ON marks (id);
\c -
SET search_path = works, public;
INSERT INTO tags VALUES ('m42', 'yellow');
REINDEX INDEX CONCURRENTLY marks_id;
INSERT INTO tags VALUES ('m42', 'yellow');
DROP INDEX marks_id;
INSERT INTO tags VALUES ('m42', 'yellow');
INSERT INTO tags VALUES ('m38', 'yellow');

SELECT gray_close();
SELECT gray_discard(42);
SET client_min_messages = warning;
TRUNCATE v2.accounts, v2.projects, v2.tasks CASCADE;
SELECT gray_drop_release();
DROP SCHEMA works CASCADE;
DROP ROLE regress_gray_writer;
