-- Code that somebody wrote into a table runs as the owner of that table, in a security-restricted operation,
-- under search_path = pg_catalog, pg_temp: whatever is done, and whoever does it.  Here each piece of code notes as
-- whom it is called.  What is noted outlasts a rollback.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;	-- of the release's tables
CREATE ROLE regress_gray_books;	-- of a table that they refer to
CREATE ROLE regress_gray_notes;	-- of a table that refers to them
CREATE ROLE regress_gray_app;	-- writes them
CREATE ROLE regress_gray_gate;	-- routes
CREATE SCHEMA acting AUTHORIZATION regress_gray_owner;
CREATE SCHEMA noted;
GRANT USAGE ON SCHEMA acting, noted TO PUBLIC;

-- What there is, and who owns it.  A call is noted by a lock of the session: it outlasts errors, and may be taken
-- anywhere.
CREATE TABLE noted.code (id integer GENERATED ALWAYS AS IDENTITY, code text PRIMARY KEY, owner text NOT NULL);
INSERT INTO noted.code (code, owner) VALUES
	('default', 'owner'), ('check', 'owner'), ('domain', 'owner'), ('generated', 'owner'),
	('index', 'owner'), ('index constant', 'owner'), ('predicate', 'owner'), ('predicate constant', 'owner'),
	('unique', 'owner'), ('unique constant', 'owner'), ('partition key', 'owner'), ('partition constant', 'owner'),
	('up', 'owner'), ('down', 'owner'), ('cast', 'owner'), ('path constant', 'owner'),
	('trigger', 'owner'), ('view', 'owner'), ('policy', 'owner'),
	('books constant', 'books'), ('books check', 'books'), ('books partition', 'books'),
	('notes constant', 'notes'), ('notes cast', 'notes'), ('notes check', 'notes');
CREATE TABLE noted.way (id integer GENERATED ALWAYS AS IDENTITY, role text, way text);
INSERT INTO noted.way (role, way) SELECT * FROM unnest(ARRAY['owner', 'books', 'notes', 'app', 'gate', 'super']) AS r,
	unnest(ARRAY['safely', 'with a search_path', 'freely']) AS w;
GRANT SELECT ON noted.code, noted.way TO PUBLIC;
CREATE FUNCTION noted.note(called text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	as_role text := CASE WHEN current_user LIKE 'regress_gray_%' THEN substr(current_user, 14) ELSE 'super' END;
	in_way text := 'freely';
BEGIN
	BEGIN
		DEALLOCATE "no such";
	EXCEPTION
		WHEN invalid_sql_statement_name THEN NULL;
		WHEN insufficient_privilege THEN
			in_way := CASE pg_catalog.current_setting('search_path') WHEN 'pg_catalog, pg_temp' THEN 'safely'
				ELSE 'with a search_path' END;
	END;
	PERFORM pg_catalog.pg_advisory_lock(c.id, w.id) FROM noted.code c, noted.way w
		WHERE c.code = called AND w.role = as_role AND w.way = in_way;
END $$;
CREATE FUNCTION noted.forget() RETURNS void LANGUAGE sql AS 'SELECT pg_advisory_unlock_all()';
-- As whom each was called.  What is not by its owner, or not safely, is marked.
CREATE FUNCTION noted.told() RETURNS TABLE (called text, codes text) LANGUAGE sql AS $$
	SELECT CASE WHEN w.role = c.owner AND w.way = 'safely' THEN 'by ' || w.role
			ELSE format('!! by %s, %s', w.role, w.way) END,
		string_agg(c.code, ', ' ORDER BY c.code COLLATE "C")
	FROM (SELECT DISTINCT classid, objid FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 2 AND pid = pg_backend_pid()
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) l
	JOIN noted.code c ON c.id = l.classid::bigint JOIN noted.way w ON w.id = l.objid::bigint
	GROUP BY w.role, w.way, 1 ORDER BY w.way = 'safely' DESC, 1
$$;

-- PostgreSQL takes the functions at their word, and calls them when it plans.
SET ROLE regress_gray_owner;
CREATE FUNCTION acting.called(code text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
	AS 'BEGIN PERFORM noted.note(code); RETURN true; END';
CREATE FUNCTION acting.called(code text, value integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE
	AS 'BEGIN PERFORM noted.note(code); RETURN value; END';
CREATE FUNCTION acting.trigger() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN PERFORM noted.note(''trigger''); RETURN NEW; END';
CREATE DOMAIN acting.number AS integer CHECK (acting.called('domain'));
CREATE TYPE acting.kind AS ENUM ('1', '2', '3');
CREATE FUNCTION acting.to_integer(acting.kind) RETURNS integer LANGUAGE plpgsql
	AS 'BEGIN PERFORM noted.note(''cast''); RETURN $1::text::integer; END';
CREATE FUNCTION acting.to_kind(integer) RETURNS acting.kind LANGUAGE plpgsql
	AS 'BEGIN PERFORM noted.note(''cast''); RETURN $1::text::acting.kind; END';
CREATE CAST (acting.kind AS integer) WITH FUNCTION acting.to_integer(acting.kind) AS IMPLICIT;
CREATE CAST (integer AS acting.kind) WITH FUNCTION acting.to_kind(integer) AS ASSIGNMENT;
RESET ROLE;
-- Tables that the release leads to, plain and partitioned: of somebody whom nobody here trusts.
CREATE SCHEMA books AUTHORIZATION regress_gray_books;
GRANT USAGE ON SCHEMA books TO PUBLIC;
SET ROLE regress_gray_books;
CREATE TABLE books.book (id integer PRIMARY KEY, n integer);
CREATE INDEX ON books.book ((n + acting.called('books constant', 0)));
ALTER TABLE books.book ADD CHECK (acting.called('books check'));
CREATE TABLE books.shelf (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE books.shelf_0 PARTITION OF books.shelf FOR VALUES FROM (0) TO (100);
CREATE INDEX ON books.shelf ((id * acting.called('books partition', 0)));
INSERT INTO books.book SELECT g, g FROM generate_series(1, 9) g;
INSERT INTO books.shelf SELECT generate_series(1, 9);
-- PostgreSQL asks for rows that violate a new key only as who may read both tables.
GRANT REFERENCES, SELECT ON books.book, books.shelf TO regress_gray_owner;
RESET ROLE;

SET ROLE regress_gray_owner;
CREATE TABLE acting.users (id integer PRIMARY KEY, book integer REFERENCES books.book, code integer UNIQUE, n integer);
CREATE UNIQUE INDEX ON acting.users (acting.called('unique', code), (code + acting.called('unique constant', 0)));
CREATE TABLE acting.things (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES acting.users,
	shelf integer REFERENCES books.shelf, n acting.number, kind integer, book integer,
	added integer DEFAULT acting.called('default', 1),
	made integer GENERATED ALWAYS AS (acting.called('generated', 1)) STORED, CHECK (acting.called('check')));
CREATE INDEX ON acting.things (user_id);
CREATE INDEX ON acting.things (acting.called('index', n::integer), (n + acting.called('index constant', 0)));
CREATE INDEX ON acting.things (user_id)
	WHERE acting.called('predicate', shelf) > 0 AND acting.called('predicate constant');
CREATE TABLE acting.parts (id integer NOT NULL, thing_id integer NOT NULL REFERENCES acting.things)
	PARTITION BY RANGE (acting.called('partition key', id), (id + acting.called('partition constant', 0)));
CREATE TABLE acting.parts_0 PARTITION OF acting.parts FOR VALUES FROM (0, 0) TO (1000, 1000);
CREATE INDEX ON acting.parts (thing_id);
CREATE TABLE acting.bags (id bigint PRIMARY KEY, user_id integer NOT NULL REFERENCES acting.users)
	PARTITION BY HASH (id);
CREATE TABLE acting.bags_0 PARTITION OF acting.bags FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE INDEX ON acting.bags (user_id, (id + acting.called('path constant', 0)));
CREATE TABLE acting.coins (id integer PRIMARY KEY, bag_id integer NOT NULL REFERENCES acting.bags);
CREATE INDEX ON acting.coins (bag_id);
CREATE TRIGGER trigger BEFORE INSERT OR UPDATE ON acting.things FOR EACH ROW EXECUTE FUNCTION acting.trigger();
CREATE VIEW acting.seen AS SELECT id FROM acting.things WHERE acting.called('view');
CREATE POLICY mine ON acting.things USING (acting.called('policy'));
GRANT REFERENCES ON acting.things, acting.users TO regress_gray_notes;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA acting TO regress_gray_app;
INSERT INTO acting.users SELECT g, g, g, g FROM generate_series(1, 9) g;
INSERT INTO acting.things (id, user_id, shelf, n, kind, book) SELECT g, g, g, g, 1, 1 FROM generate_series(1, 9) g;
INSERT INTO acting.parts SELECT g, g FROM generate_series(1, 9) g;
INSERT INTO acting.bags SELECT g, g FROM generate_series(1, 9) g;
INSERT INTO acting.coins SELECT g, g FROM generate_series(1, 9) g;
RESET ROLE;

-- Each step is taken by a session that knows nothing.
\pset format unaligned
\pset tuples_only
\echo == create and clone
\c -
SET client_min_messages = warning;
SELECT gray_create_release('acting2');
SELECT count(*) FROM gray_clone_tree('acting.users', 'id');
-- DDL runs under version 2's search_path, as the same statements of the owner would.
SELECT * FROM noted.told();

-- A table that refers to production's.
CREATE SCHEMA notes AUTHORIZATION regress_gray_notes;
GRANT USAGE ON SCHEMA notes TO PUBLIC;
SET ROLE regress_gray_notes;
CREATE TYPE notes.kind AS ENUM ('8', '9');
CREATE FUNCTION notes.to_integer(notes.kind) RETURNS integer LANGUAGE plpgsql
	AS 'BEGIN PERFORM noted.note(''notes cast''); RETURN $1::text::integer; END';
CREATE CAST (notes.kind AS integer) WITH FUNCTION notes.to_integer(notes.kind) AS IMPLICIT;
CREATE TABLE notes.note (
	thing notes.kind REFERENCES acting.things, id integer REFERENCES acting.things,
	CHECK (acting.called('notes check'))
);
CREATE INDEX ON notes.note ((id + acting.called('notes constant', 0)));
INSERT INTO notes.note VALUES ('9', 8);
RESET ROLE;
-- Version 2: another type, another reference, mappings.
SET ROLE regress_gray_owner;
ALTER TABLE acting2.things ALTER kind TYPE acting.kind USING kind::text::acting.kind;
ALTER TABLE acting2.things ALTER book TYPE acting.kind USING book::text::acting.kind, ADD extra integer;
ALTER TABLE acting2.things ADD FOREIGN KEY (book) REFERENCES books.book;
ALTER TABLE acting2.things ADD first integer DEFAULT acting.called('default', 5);
RESET ROLE;
\echo == map
\c -
SELECT gray_map('acting2.things', 'extra', up => $$acting.called('up', n::integer)$$);
SELECT gray_map('acting2.users', 'n', up => $$n + acting.called('up', 0)$$, down => $$n - acting.called('down', 0)$$);
SELECT * FROM noted.told();
\echo == diff
\c -
SELECT count(*) > 0 FROM gray_diff();
SELECT * FROM noted.told();
\echo == check
\c -
SELECT count(*) > 0 FROM gray_check();
SELECT * FROM noted.told();
\echo == unique
\c -
SELECT count(*) FROM gray_unique();
SELECT * FROM noted.told();
\echo == the application writes: so PostgreSQL calls it
\c -
SET ROLE regress_gray_app;
UPDATE acting.users SET code = code + 300, n = n + 1 WHERE id = 6;
INSERT INTO acting.things (id, user_id, shelf, n, kind, book) VALUES (106, 6, 3, 3, 2, 3);
INSERT INTO acting.parts VALUES (106, 106);
UPDATE acting.parts SET thing_id = 8 WHERE id = 106;
UPDATE acting.coins SET bag_id = 8 WHERE id = 6;
RESET ROLE;
SELECT * FROM noted.told();
\echo == open
\c -
DO $$ BEGIN PERFORM gray_add_user(g) FROM generate_series(1, 5) g; END $$;
SELECT gray_open();
GRANT EXECUTE ON FUNCTION gray_route(text, name) TO regress_gray_gate;
SELECT * FROM noted.told();

\echo == move
\c -
SET SESSION AUTHORIZATION regress_gray_gate;
SELECT * FROM gray_route('1');
RESET SESSION AUTHORIZATION;
SELECT gray_migrate(g) FROM generate_series(2, 5) g;
SELECT * FROM noted.told();
\echo == verify
\c -
SELECT * FROM gray_verify(1);
SELECT * FROM noted.told();
\echo == the application writes in gray: what the writer calls is done by PostgreSQL
\c -
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA acting2 TO regress_gray_app;
GRANT USAGE ON SCHEMA acting2 TO regress_gray_app;
SET ROLE regress_gray_app;
UPDATE acting2.users SET code = code + 100, book = book + 1, n = n + 1 WHERE id IN (1, 2);
UPDATE acting2.things SET shelf = shelf + 1, book = '2' WHERE user_id IN (1, 2);
INSERT INTO acting2.things (id, user_id, shelf, n, kind, book) VALUES (101, 1, 3, 3, '2', '3');
INSERT INTO acting2.parts VALUES (101, 101);
DELETE FROM acting2.parts WHERE id = 2;
RESET ROLE;
SELECT * FROM noted.told();
\echo == in production: the same as before, and by the fence
\c -
SET ROLE regress_gray_app;
UPDATE acting.users SET code = code + 200, n = n + 1 WHERE id = 7;
INSERT INTO acting.things (id, user_id, shelf, n, kind, book) VALUES (107, 7, 3, 3, 2, 3);
INSERT INTO acting.parts VALUES (107, 107);
UPDATE acting.parts SET thing_id = 8 WHERE id = 107;
UPDATE acting.coins SET bag_id = 8 WHERE id = 7;
UPDATE acting.users SET code = 101 WHERE id = 7;
RESET ROLE;
SELECT * FROM noted.told();
\echo == home
\c -
DO $$ BEGIN PERFORM gray_remove_user(g) FROM generate_series(1, 5) g; END $$;
SELECT gray_migrate_back(1);
SELECT * FROM noted.told();
\echo == home by replacing
\c -
SET pg_gray.back_strategy = replace;
SELECT gray_migrate_back(2);
SELECT * FROM noted.told();
\echo == what others refer to
\c -
SET ROLE regress_gray_notes;
INSERT INTO notes.note VALUES (NULL, 3);
RESET ROLE;
\c -
SET client_min_messages = error;
SET pg_gray.back_strategy = replace;
SELECT gray_migrate_back(3);
SELECT * FROM noted.told();
\echo == failed, and found out why
\c -
SET client_min_messages = error;
UPDATE acting2.things SET kind = NULL WHERE id = 4;
ALTER TABLE acting.things ADD CHECK (kind IS NOT NULL) NOT VALID;
\c -
SET client_min_messages = error;
SELECT gray_migrate_back(4);
SELECT row_key FROM gray.incidents ORDER BY 1;
SELECT * FROM noted.told();
\echo == discard
\c -
SELECT gray_discard(5);
SELECT * FROM noted.told();
\echo == close and drop
\c -
SET client_min_messages = error;
SELECT gray_discard(3), gray_discard(4);
SELECT gray_close();
SELECT gray_drop_release(force => true);
SELECT * FROM noted.told();
DROP SCHEMA acting, books, notes, noted CASCADE;
DROP SCHEMA IF EXISTS acting2;
DROP OWNED BY regress_gray_gate;
DROP ROLE regress_gray_owner, regress_gray_books, regress_gray_notes, regress_gray_app, regress_gray_gate;
