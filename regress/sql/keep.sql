-- What the gray schema alone can hold is kept when a user goes home, and there again at the next stay.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA shelf;
SET search_path = shelf, public;
\pset tuples_only on
\pset format unaligned
CREATE ROLE regress_gray_owner;
CREATE ROLE regress_gray_heir;
GRANT ALL ON SCHEMA shelf TO regress_gray_owner, regress_gray_heir;
CREATE TABLE kinds (name text PRIMARY KEY);
CREATE TABLE users (id integer PRIMARY KEY, name text, price integer, seen timestamp, label text COLLATE "POSIX");
CREATE TABLE notes (
	word text COLLATE "POSIX", place numeric, user_id integer REFERENCES users, body text, PRIMARY KEY (word, place)
);
CREATE TABLE lines (id integer PRIMARY KEY, word text COLLATE "POSIX", place numeric, size integer, remark text,
	area integer GENERATED ALWAYS AS (size * size) STORED, kind text REFERENCES kinds,
	FOREIGN KEY (word, place) REFERENCES notes);
CREATE TABLE plain (id integer PRIMARY KEY, user_id integer REFERENCES users);
CREATE INDEX ON notes (user_id);
CREATE INDEX ON lines (word, place);
CREATE INDEX ON plain (user_id);
INSERT INTO users SELECT i, 'First' || i || ' Last' || i, 10 * i, '2024-01-01 12:34', 'label'
	FROM generate_series(1, 3) i;
INSERT INTO notes SELECT 'a, "b" \(' || i, i + 0.50, i, 'body' FROM generate_series(1, 3) i;
INSERT INTO notes VALUES ('more', 1, 1, 'body'), ('', 1, 1, NULL);
INSERT INTO lines SELECT row_number() OVER (ORDER BY user_id, word COLLATE "C"), word, place, 3, 'remark' FROM notes;
INSERT INTO plain SELECT i, i FROM generate_series(1, 3) i;
INSERT INTO kinds VALUES ('a'), ('A');
GRANT SELECT, REFERENCES ON kinds TO regress_gray_owner, regress_gray_heir;
ALTER TABLE users OWNER TO regress_gray_owner;
ALTER TABLE notes OWNER TO regress_gray_owner;
ALTER TABLE lines OWNER TO regress_gray_owner;
ALTER TABLE plain OWNER TO regress_gray_owner;

SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
-- the upgrade: new columns, finer and coarser types, one column split in two
ALTER TABLE v2.users ADD mood text, ADD tags text[] NOT NULL DEFAULT '{none}', ADD first_name text, ADD last_name text,
	ALTER price TYPE numeric(10,2), ALTER seen TYPE timestamptz(0),
	ADD twice integer GENERATED ALWAYS AS (id * 2) STORED, DROP name;
SELECT gray_map('v2.users', 'first_name', up => 'split_part(name, '' '', 1)'),
	gray_map('v2.users', 'last_name', up => 'split_part(name, '' '', 2)'),
	gray_map('v2.users', 'name', down => 'concat_ws('' '', first_name, last_name)'),
	gray_map('v2.users', 'label', up => 'lower(label)', down => 'upper(label)');
ALTER TABLE v2.notes ADD extra jsonb;
ALTER TABLE v2.lines ALTER area DROP EXPRESSION;
ALTER TABLE v2.lines ALTER size TYPE numeric(6,1), DROP remark, ADD remarks text[];
SELECT gray_map('v2.lines', 'remark', down => 'remarks[1]'), gray_map('v2.lines', 'kind', down => 'lower(kind)');
SELECT gray_add_user(i) FROM generate_series(1, 3) i;
SELECT gray_open();

-- what is kept, without what is another each time
CREATE VIEW kept AS SELECT k.uid, k.key, c.name, k.value, k.home FROM gray.kept_1 k
	LEFT JOIN gray.kept_column c ON c.position = k.position AND c.id = k.column_id
	WHERE c.name IS NULL OR c.name NOT IN ('token', 'number', 'made') ORDER BY k.uid, k.position, k.key, c.name;
-- all rows of gray, and where each row of production is
CREATE VIEW gray_rows AS
	SELECT u.id AS uid, 'u' || u::text AS row FROM v2.users u
	UNION ALL SELECT user_id, 'n' || n::text FROM v2.notes n
	UNION ALL SELECT n.user_id, 'l' || l::text FROM v2.lines l JOIN v2.notes n USING (word, place);
CREATE VIEW home_places AS
	SELECT 'u' AS of, ctid AS place, xmin AS written_by FROM users
	UNION ALL SELECT 'n', ctid, xmin FROM notes
	UNION ALL SELECT 'l', ctid, xmin FROM lines
	UNION ALL SELECT 'p', ctid, xmin FROM plain;
CREATE TABLE gray_before (uid integer, row text);
CREATE TABLE home_before (of text, place tid, written_by xid);
-- goes home and comes again: what is not in gray as it was, and what was written in production
CREATE FUNCTION round_trip(u integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM gray_before;
	DELETE FROM home_before;
	INSERT INTO gray_before SELECT * FROM gray_rows;
	IF gray_migrate_back(u) <> 'off' THEN RETURN NEXT 'not home'; END IF;
	INSERT INTO home_before SELECT * FROM home_places;
	IF gray_migrate(u) <> 'on' THEN RETURN NEXT 'not in gray'; END IF;
	RETURN QUERY (SELECT 'lost: ' || row FROM (TABLE gray_before EXCEPT ALL TABLE gray_rows) x ORDER BY 1);
	RETURN QUERY (SELECT 'new: ' || row FROM (TABLE gray_rows EXCEPT ALL TABLE gray_before) x ORDER BY 1);
END $$;

-- a user who did nothing: nothing
SELECT gray_migrate(1);
SELECT * FROM round_trip(1);
TABLE kept;
SELECT * FROM gray_verify(1);

-- one who did a lot: all is there again, at the second stay and the third
UPDATE v2.users SET mood = 'fine', tags = '{"a,b",NULL,"\"c\""}', price = 10.25, first_name = 'First  and',
	seen = '2024-05-06 07:08:09' WHERE id = 1;
UPDATE v2.notes SET extra = '{"b": [1.0, null, "x"], "a": 1e2}' WHERE word = 'a, "b" \(1';
UPDATE v2.notes SET extra = 'null' WHERE word = '';
UPDATE v2.lines SET size = 3.5, remarks = '{one,two}' WHERE word = 'more';
UPDATE v2.lines SET area = 50, kind = 'A' WHERE word = '';
INSERT INTO v2.notes VALUES ('new', 7, 1, 'body', '[]');
INSERT INTO v2.lines (id, word, place, size) VALUES (100, 'new', 7, 0.5);
SELECT * FROM round_trip(1);
TABLE kept;
SELECT * FROM users WHERE id = 1;
SELECT * FROM lines WHERE word IN ('', 'more') ORDER BY id;
SELECT * FROM gray_verify(1);
SELECT * FROM round_trip(1);
-- nothing was changed at the third: nothing was written in production
SELECT count(*) FROM (TABLE home_before EXCEPT TABLE home_places) x;
SELECT gray_migrate_back(1);
SELECT count(*) FROM (TABLE home_before EXCEPT TABLE home_places) x;
SELECT gray_migrate(1);

-- it is not looked for when nothing was changed
REVOKE INSERT, DELETE ON gray.kept_1 FROM regress_gray_owner;
SELECT gray_migrate_back(1);
GRANT INSERT, DELETE ON gray.kept_1 TO regress_gray_owner;
SELECT gray_migrate(1);
-- and never in tables that can't have it
SELECT DISTINCT c.position, t.gray FROM gray.kept_column c JOIN gray.release_table t USING (release_id, position)
	ORDER BY 1;

-- what is another each time is kept of all rows
ALTER TABLE v2.lines ADD token uuid DEFAULT gen_random_uuid(), ADD number integer GENERATED ALWAYS AS IDENTITY,
	ADD made timestamptz DEFAULT now();
SELECT * FROM round_trip(1);
SELECT c.name, count(*) FROM gray.kept_1 k JOIN gray.kept_column c ON c.position = k.position AND c.id = k.column_id
	WHERE c.name IN ('token', 'number', 'made') GROUP BY 1 ORDER BY 1;
INSERT INTO v2.lines (id, word, place, size) VALUES (101, 'new', 7, 1) RETURNING number;
UPDATE v2.lines SET made = NULL WHERE id = 100;
SELECT * FROM round_trip(1);
SELECT made FROM v2.lines WHERE id = 100;

-- as a default again: forgotten
UPDATE v2.users SET mood = NULL, tags = '{none}' WHERE id = 1;
UPDATE v2.lines SET size = 4 WHERE size = 3.5;
SELECT * FROM round_trip(1);
TABLE kept;

-- rows that are deleted in gray or at home, and those that take their place
DELETE FROM v2.lines WHERE word IN ('new', '');
DELETE FROM v2.notes WHERE word = '';
UPDATE v2.notes SET word = 'newer' WHERE word = 'new';
SELECT gray_migrate_back(1);
TABLE kept;
DELETE FROM notes WHERE word = 'newer';
DELETE FROM lines WHERE word ~ 'a, "b" .*1';
UPDATE notes SET word = 'other' WHERE word ~ 'a, "b" .*1';
INSERT INTO notes VALUES ('', 1, 1, 'again');
SELECT gray_migrate(1);
SELECT * FROM v2.notes ORDER BY word COLLATE "C";
TABLE kept;
SELECT count(*) FROM gray.kept_1 k JOIN lines l ON k.key = ARRAY[l.id::text] WHERE k.position = 3;

-- what production says newer wins over what it was made into
SELECT id, first_name, last_name, price, seen, label FROM v2.users;
UPDATE v2.users SET label = 'Label', mood = 'kept' WHERE id = 1;
SELECT gray_migrate_back(1);
TABLE kept;
UPDATE users SET price = 11, name = 'Second Last1' WHERE id = 1;
SELECT gray_migrate(1);
SELECT id, first_name, last_name, price, seen, label, mood FROM v2.users WHERE id = 1;
TABLE kept;
SELECT gray_migrate_back(1);
SELECT * FROM users WHERE id = 1;
-- also when it becomes what it was
UPDATE users SET price = 10, name = 'First  and Last1' WHERE id = 1;
SELECT gray_migrate(1);
SELECT id, first_name, last_name, price, seen, label, mood FROM v2.users WHERE id = 1;
-- what counts is what it says at the next migration
UPDATE v2.users SET price = 10.5 WHERE id = 1;
SELECT gray_migrate_back(1);
UPDATE users SET price = 9 WHERE id = 1;
UPDATE users SET price = 11 WHERE id = 1;
SELECT gray_migrate(1);
SELECT id, price, mood FROM v2.users WHERE id = 1;

-- what was put back is part of what the row was: where every row is compared, nothing is written either
UPDATE v2.users SET label = 'MIXED case', first_name = 'A  B' WHERE id = 1;
SELECT * FROM round_trip(1);
SELECT * FROM gray_verify(1);
SELECT place AS place_before FROM gray.release \gset
UPDATE gray.release SET place = 'elsewhere';
SELECT * FROM round_trip(1);
UPDATE gray.release SET place = 'elsewhere';
SELECT gray_migrate_back(1);
SELECT count(*) FROM (TABLE home_before EXCEPT TABLE home_places) x;
SELECT place = :'place_before' FROM gray.release;
SELECT gray_migrate(1);
UPDATE v2.users SET mood = 'elsewhere', price = 10.75 WHERE id = 1;
UPDATE gray.release SET place = 'elsewhere';
SELECT * FROM round_trip(1);
SELECT gray_migrate_back(1);
-- a part of a split column that was changed elsewhere keeps the other
UPDATE users SET name = 'A Foo' WHERE id = 1;
SELECT gray_migrate(1);
UPDATE v2.users SET mood = 'touched' WHERE id = 1;
SELECT * FROM round_trip(1);
SELECT name, label FROM users WHERE id = 1;
UPDATE v2.users SET last_name = 'Bar' WHERE id = 1;
SELECT * FROM round_trip(1);
SELECT name, label FROM users WHERE id = 1;

-- columns: renamed, dropped, another of the same name, another default
SELECT gray_migrate_back(1);
ALTER TABLE v2.users RENAME mood TO temper;
ALTER TABLE v2.users RENAME price TO cost;
ALTER TABLE v2.users ADD mood text DEFAULT 'new one', ALTER tags SET DEFAULT '{other}';
ALTER TABLE v2.notes DROP extra;
ALTER TABLE v2.notes ADD extra integer;
UPDATE users SET price = 12 WHERE id = 1;
SELECT gray_migrate(1);
SELECT temper, cost, mood, tags FROM v2.users WHERE id = 1;
SELECT word, extra FROM v2.notes WHERE user_id = 1 ORDER BY word COLLATE "C";
SELECT count(*) FROM kept WHERE name IS NULL;
UPDATE v2.users SET tags = '{mine}', mood = 'mine', temper = NULL, cost = 12.25 WHERE id = 1;
UPDATE v2.notes SET extra = 5 WHERE user_id = 1;
SELECT * FROM round_trip(1);
SELECT c.position, c.id, c.attnum, c.name, a.attname = c.name AS found
	FROM gray.kept_column c JOIN gray.release_table t USING (release_id, position)
	LEFT JOIN pg_attribute a ON a.attrelid = t.gray::regclass AND a.attnum = c.attnum ORDER BY 1, 2;
TABLE kept;
-- another type that takes the value
SELECT gray_migrate_back(1);
ALTER TABLE v2.users ALTER cost TYPE numeric(12,4), ALTER mood TYPE varchar(20);
ALTER TABLE v2.notes ALTER extra TYPE text;
SELECT gray_migrate(1);
SELECT temper, cost, mood, tags FROM v2.users WHERE id = 1;
SELECT word, extra FROM v2.notes WHERE user_id = 1 ORDER BY word COLLATE "C";
-- one that does not: the user stays at home, and nothing is lost
SELECT gray_migrate_back(1);
ALTER TABLE v2.users ALTER mood TYPE varchar(3) USING left(mood, 3), ALTER mood SET DEFAULT 'new';
SELECT gray_migrate(1);
SELECT message, hint FROM gray.incidents;
SELECT count(*) FROM v2.users WHERE id = 1;
ALTER TABLE v2.users ALTER mood TYPE integer USING NULL, ALTER mood DROP DEFAULT;
SELECT gray_reset(1), gray_migrate(1);
DELETE FROM gray.kept_1 k USING gray.kept_column c
	WHERE k.uid = 1 AND k.column_id = c.id AND c.position = k.position AND c.name = 'mood';
SELECT gray_reset(1), gray_migrate(1);
SELECT temper, cost, mood, tags FROM v2.users WHERE id = 1;

-- a constraint that it violates by now
ALTER TABLE v2.users ADD coupon text UNIQUE, ADD favourite text, ADD favourite_place numeric,
	ADD FOREIGN KEY (favourite, favourite_place) REFERENCES v2.notes;
UPDATE v2.users SET coupon = 'one', favourite = 'more', favourite_place = 1 WHERE id = 1;
SELECT * FROM round_trip(1);
SELECT gray_migrate_back(1), gray_migrate(2);
UPDATE v2.users SET coupon = 'one' WHERE id = 2;
SELECT gray_migrate(1);
UPDATE v2.users SET coupon = 'two' WHERE id = 2;
SELECT gray_reset(1), gray_migrate(1);
SELECT coupon, favourite FROM v2.users WHERE id = 1;
SELECT gray_migrate_back(1);
DELETE FROM lines WHERE word = 'more';
DELETE FROM notes WHERE word = 'more';
SELECT gray_migrate(1);
SELECT hint FROM gray.incidents;
DELETE FROM gray.kept_1 k USING gray.kept_column c
	WHERE k.uid = 1 AND k.column_id = c.id AND c.position = k.position AND c.name ~ 'favourite';
SELECT gray_reset(1), gray_migrate(1);

-- also one that was copied as it is at the first stay
INSERT INTO v2.lines (id, word, place, size, kind) VALUES (200, '', 1, 1, 'A');
SELECT gray_migrate_back(1);
SELECT kind FROM lines WHERE id = 200;
DELETE FROM kinds WHERE name = 'A';
SELECT gray_migrate(1);
INSERT INTO kinds VALUES ('A');
SELECT gray_reset(1), gray_migrate(1);

-- a column that comes while the user is in gray, and a way home that fails before it succeeds
ALTER TABLE v2.users ADD late text;
UPDATE v2.users SET late = 'late' WHERE id = 1;
ALTER TABLE users ADD CONSTRAINT no_late CHECK (name <> 'late late') NOT VALID;
UPDATE v2.users SET first_name = 'late', last_name = 'late' WHERE id = 1;
SELECT gray_migrate_back(1);
SELECT gray_reset(1);
UPDATE v2.users SET first_name = 'not' WHERE id = 1;
SELECT * FROM round_trip(1);
SELECT late FROM v2.users WHERE id = 1;

-- discard: what was kept before stays
UPDATE v2.users SET late = 'given up' WHERE id = 1;
DELETE FROM v2.lines WHERE word = '';
SELECT gray_discard(1), gray_migrate(1);
SELECT late FROM v2.users WHERE id = 1;

-- the tables get another owner
SELECT gray_migrate(3);
UPDATE v2.users SET late = 'heir' WHERE id = 3;
DO $$ DECLARE t record; BEGIN
	FOR t IN SELECT unnest(ARRAY[production, gray]) AS name FROM gray.release_table LOOP
		EXECUTE 'ALTER TABLE ' || t.name || ' OWNER TO regress_gray_heir';
	END LOOP;
END $$;
GRANT ALL ON SCHEMA v2 TO regress_gray_heir;
UPDATE v2.users SET first_name = 'late', last_name = 'late' WHERE id = 3;
SELECT gray_migrate_back(3);
SELECT gray_reset(3);
UPDATE v2.users SET first_name = 'not' WHERE id = 3;
SELECT * FROM round_trip(3);
SELECT late FROM v2.users WHERE id = 3;

-- rows need a key for it
BEGIN;
ALTER TABLE lines DROP CONSTRAINT lines_pkey;
SELECT * FROM gray_check() WHERE object ~ 'lines';
ROLLBACK;

-- values of any type, and of partitioned tables on both sides

SELECT gray_close(), gray_migrate_back(i) FROM generate_series(1, 3) i;
CREATE TYPE pair AS (a integer, "b c" text);
CREATE TYPE colour AS ENUM ('red', 'dark "blue"');
CREATE DOMAIN short AS varchar(5) CHECK (VALUE <> 'no');
CREATE TABLE things (id integer, user_id integer REFERENCES users, PRIMARY KEY (id, user_id))
	PARTITION BY LIST (user_id);
CREATE TABLE things_1 PARTITION OF things FOR VALUES IN (1);
CREATE TABLE things_2 PARTITION OF things DEFAULT;
ALTER TABLE things OWNER TO regress_gray_heir;
ALTER TABLE things_1 OWNER TO regress_gray_heir;
ALTER TABLE things_2 OWNER TO regress_gray_heir;
INSERT INTO things SELECT i, 1 + i % 2 FROM generate_series(1, 4) i;
SELECT gray_clone('things', 'user_id');
ALTER TABLE v2.things ADD c1 numeric DEFAULT 0, ADD c2 float8, ADD c3 float4[], ADD c4 timestamptz, ADD c5 interval,
	ADD c6 bytea, ADD c7 jsonb, ADD c8 json, ADD c9 pair, ADD c10 pair[], ADD c11 colour DEFAULT 'red',
	ADD c12 colour[], ADD c13 short, ADD c14 char(4), ADD c15 bit varying, ADD c16 inet, ADD c17 int4range,
	ADD c18 tsvector, ADD c19 path, ADD c20 "char", ADD c21 name, ADD c22 boolean NOT NULL DEFAULT true,
	ADD c23 point, ADD c24 date, ADD c25 regtype, ADD c26 text, ADD c27 numeric(6,2)[], ADD c28 uuid,
	ADD c29 datemultirange, ADD c30 serial, ADD c31 timestamptz DEFAULT clock_timestamp();
SELECT gray_open();
SET timezone = 'Asia/Kathmandu';
SELECT gray_migrate(1), gray_migrate(2);
UPDATE v2.things SET c1 = '1.500', c2 = 0.1 + 0.2, c3 = '[0:1]={NaN,-0}', c4 = '1890-01-01 00:00:00.000001',
	c5 = '-1 year 2 days -3:04:05.6', c6 = '\x00ff5c', c7 = '{"a": ["x", 1.10]}', c8 = ' {"a":1, "a":2} ',
	c9 = (NULL, '(",'), c10 = ARRAY[(1, NULL)::pair, NULL], c11 = 'dark "blue"', c12 = '{red,NULL}', c13 = '',
	c14 = 'a', c15 = '0101', c16 = '10.1.2.3/8', c17 = '[1,5)', c18 = 'a:1 ''b c'':2A', c19 = '[(0,0),(1,1e-300)]',
	c20 = 'x', c21 = 'Name', c22 = false, c23 = '(0.1,1e300)', c24 = 'infinity', c25 = 'shelf.colour',
	c26 = E' \t\n\\ ''"', c27 = '{{1.1,NULL}}', c28 = '00000000-0000-0000-0000-000000000001',
	c29 = '{[2024-01-01,2024-02-01)}'
	WHERE user_id = 1;
CREATE TABLE things_before AS TABLE v2.things;
RESET timezone;
SET datestyle = 'German'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = -5; SET bytea_output = 'escape';
SELECT gray_migrate_back(i) FROM generate_series(1, 2) i;
SET timezone = 'UTC';
RESET datestyle;
SELECT gray_migrate(i) FROM generate_series(1, 2) i;
RESET timezone; RESET intervalstyle; RESET extra_float_digits; RESET bytea_output;
SELECT tableoid::regclass, count(*), count(*) FILTER (WHERE record_image_eq(things_before, things)) AS same
	FROM things_before JOIN (SELECT tableoid, things.* FROM v2.things) AS t USING (id, user_id)
	JOIN v2.things USING (id, user_id) GROUP BY 1 ORDER BY 1;
SELECT * FROM round_trip(1);
DROP TABLE things_before;

-- it goes with the release
SELECT obj_description('gray.kept_1'::regclass);
SELECT gray_close();
SELECT gray_migrate_back(i) FROM generate_series(1, 3) i;
DROP VIEW gray_rows, kept;
SELECT gray_drop_release();
SELECT gray_drop_release(force => true);
SELECT to_regclass('gray.kept_1'), count(*) FROM gray.kept_column;
SET client_min_messages = warning;
DROP SCHEMA shelf CASCADE;
DROP OWNED BY regress_gray_owner, regress_gray_heir;
DROP ROLE regress_gray_owner, regress_gray_heir;
