-- Tables that a release leads to, or that lead to it, may belong to others, who trust its owner no more than it does
-- them: values are read as one owner and looked for as the other, by the table's oid.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;
CREATE ROLE regress_gray_books;
CREATE ROLE regress_gray_app;
CREATE SCHEMA outside AUTHORIZATION regress_gray_owner;
CREATE SCHEMA books AUTHORIZATION regress_gray_books;
GRANT USAGE ON SCHEMA books TO regress_gray_owner;
SET ROLE regress_gray_books;
CREATE TABLE books.book (id integer PRIMARY KEY, title text);
CREATE TABLE books.page (book integer, name varchar(20), PRIMARY KEY (name, book));
CREATE TABLE books.year (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE books.year_0 PARTITION OF books.year FOR VALUES FROM (0) TO (3);
CREATE TABLE books.year_3 PARTITION OF books.year FOR VALUES FROM (3) TO (100);
INSERT INTO books.book SELECT g, 'b' || g FROM generate_series(1, 5) g;
INSERT INTO books.page SELECT g, 'p' || g FROM generate_series(1, 5) g;
INSERT INTO books.year SELECT generate_series(1, 5);
GRANT REFERENCES ON ALL TABLES IN SCHEMA books TO regress_gray_owner;
RESET ROLE;
SET ROLE regress_gray_owner;
CREATE TABLE outside.users (id integer PRIMARY KEY, book smallint, page text, year integer, n integer);
INSERT INTO outside.users SELECT g, g, 'p' || g, g, g FROM generate_series(1, 5) g;
RESET ROLE;
SELECT gray_create_release('outside2');
SELECT count(*) FROM gray_clone_tree('outside.users', 'id');
SET ROLE regress_gray_owner;
CREATE TYPE outside.kind AS ENUM ('1', '2', '3', '4', '5', '6');
CREATE FUNCTION outside.to_integer(outside.kind) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1::text::integer';
CREATE CAST (outside.kind AS integer) WITH FUNCTION outside.to_integer(outside.kind) AS IMPLICIT;
ALTER TABLE outside2.users ALTER book TYPE outside.kind USING book::text::outside.kind,
	ADD FOREIGN KEY (book) REFERENCES books.book, ADD FOREIGN KEY (page, n) REFERENCES books.page,
	ADD FOREIGN KEY (year) REFERENCES books.year;
CREATE CAST (smallint AS outside.kind) WITH INOUT AS ASSIGNMENT;
CREATE CAST (outside.kind AS smallint) WITH INOUT AS ASSIGNMENT;
RESET ROLE;
\pset format unaligned
\pset tuples_only

\echo -- gray_check counts what would be refused, by each key
SELECT severity, problem FROM gray_check() WHERE problem ~ 'refers? to nothing';
SET ROLE regress_gray_owner;
UPDATE outside.users SET book = 6 WHERE id = 2;
UPDATE outside.users SET page = 'P3' WHERE id = 3;
UPDATE outside.users SET year = 7 WHERE id >= 4;
RESET ROLE;
SELECT severity, problem FROM gray_check() WHERE problem ~ 'refers? to nothing';

\echo -- and a move refuses it
SELECT gray_add_user(g::text) FROM generate_series(1, 5) g;
SELECT gray_open();
SET client_min_messages = error;
SELECT gray_migrate(g::text) FROM generate_series(1, 4) g;
SELECT uid, sqlstate, message, detail FROM gray.incidents;
UPDATE outside.users SET year = NULL WHERE id = 5;
SELECT gray_migrate('5');

\echo -- what is referred to stays locked until the move is over
UPDATE outside.users SET book = 2, page = 'p2', year = 2 WHERE id = 2;
SELECT gray_reset('2');
BEGIN;
SELECT gray_migrate('2');
SELECT id, xmax::text <> '0' FROM books.book WHERE id IN (2, 3) ORDER BY 1;
SELECT tableoid::regclass, id, xmax::text <> '0' FROM books.year WHERE id IN (1, 2, 3) ORDER BY 2;
SELECT name, xmax::text <> '0' FROM books.page WHERE book IN (2, 3) ORDER BY 1;
COMMIT;

\echo -- a view that has taken the name is not looked at, and the table is found all the same
SET ROLE regress_gray_books;
ALTER TABLE books.book RENAME TO book_;
CREATE FUNCTION books.spy(integer) RETURNS integer LANGUAGE plpgsql AS
	$$ BEGIN RAISE WARNING 'called as %', current_user; RETURN $1; END $$;
CREATE VIEW books.book AS SELECT id, title FROM books.book_ WHERE books.spy(id) = id;
GRANT ALL ON books.book TO PUBLIC;
RESET ROLE;
UPDATE outside.users SET page = 'p3' WHERE id = 3;
SELECT gray_reset('3');
SELECT gray_migrate('3');
UPDATE outside2.users SET book = '5', n = NULL WHERE id = 3;
SELECT gray_remove_user('3');
SELECT gray_migrate_back('3');
SELECT * FROM outside.users WHERE id = 3;

\echo -- a table of the release that was exchanged for one of somebody else is not touched
GRANT USAGE, CREATE ON SCHEMA outside2 TO regress_gray_books;
ALTER TABLE outside2.users RENAME TO users_;
SET ROLE regress_gray_books;
CREATE TABLE outside2.users (
	id integer PRIMARY KEY, book integer, page text, year integer, n integer, CHECK (books.spy(id) = id)
);
RESET ROLE;
GRANT EXECUTE ON FUNCTION gray.fence() TO regress_gray_books;
SET ROLE regress_gray_books;
CREATE TRIGGER "00_pg_gray_fence" AFTER INSERT OR DELETE OR UPDATE ON outside2.users FOR EACH ROW
	EXECUTE FUNCTION gray.fence('outside2', 'gray');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION gray.fence() FROM regress_gray_books;
SELECT gray_reset('4');
SELECT gray_migrate('4');
SELECT gray_remove_user('2');
SELECT gray_migrate_back('2');
SELECT uid, sqlstate, message FROM gray.incidents ORDER BY uid;
SELECT gray_open();
DROP TABLE outside2.users;
ALTER TABLE outside2.users_ RENAME TO users;
REVOKE ALL ON SCHEMA outside2 FROM regress_gray_books;
SELECT gray_open();
SELECT gray_reset('2');
SELECT gray_migrate_back('2');

\echo -- the owner of a row is not found by the operators of the writer
CREATE SCHEMA mine AUTHORIZATION regress_gray_app;
GRANT USAGE ON SCHEMA mine, outside TO PUBLIC;
SET ROLE regress_gray_app;
CREATE FUNCTION mine.spy(bigint, integer) RETURNS boolean LANGUAGE plpgsql AS
	$$ BEGIN RAISE WARNING 'called as %', current_user; RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE OPERATOR mine.= (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = mine.spy);
RESET ROLE;
SELECT gray_close();
DO $$ BEGIN PERFORM gray_discard(uid) FROM gray_roster() WHERE state IN ('on', 'stuck'); END $$;
SELECT gray_drop_release(force => true);
SET ROLE regress_gray_owner;
CREATE TABLE outside.bags (id bigint PRIMARY KEY, user_id integer NOT NULL REFERENCES outside.users)
	PARTITION BY HASH (id);
CREATE TABLE outside.bags_0 PARTITION OF outside.bags FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE outside.coins (id integer PRIMARY KEY, bag_id integer REFERENCES outside.bags, n integer);
INSERT INTO outside.bags VALUES (1, 1);
INSERT INTO outside.coins VALUES (1, 1, 1);
GRANT ALL ON outside.coins TO regress_gray_app;
RESET ROLE;
SELECT gray_create_release('outside3');
SELECT count(*) FROM gray_clone_tree('outside.users', 'id');
SELECT gray_open();
SET client_min_messages = warning;
SET SESSION AUTHORIZATION regress_gray_app;
SET search_path = mine, pg_catalog, outside;
UPDATE coins SET n = 2;
SELECT n FROM coins WHERE bag_id = 1::bigint;
RESET SESSION AUTHORIZATION;
RESET search_path;

\echo -- a partition that was given away keeps nobody from writing, as with keys of PostgreSQL itself; but no user moves
ALTER TABLE outside.bags_0 OWNER TO regress_gray_books;
SET SESSION AUTHORIZATION regress_gray_app;
UPDATE outside.coins SET n = 3;
RESET SESSION AUTHORIZATION;
SELECT gray_add_user('1');
SET client_min_messages = error;
SELECT gray_migrate('1');
SELECT sqlstate, message, detail, hint FROM gray.incidents;
SELECT severity, object, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = error;
DROP SCHEMA outside, books, mine CASCADE;
DROP SCHEMA IF EXISTS outside2, outside3 CASCADE;
DROP ROLE regress_gray_owner, regress_gray_books, regress_gray_app;
