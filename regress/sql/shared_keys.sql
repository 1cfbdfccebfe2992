-- Clean-ups of shared rows are guarded whatever the keys look like that refer to them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
\set VERBOSITY terse
CREATE SCHEMA keyed;
CREATE SCHEMA "Odd Things";
SET search_path = keyed, "Odd Things", public;
CREATE TABLE users (id integer PRIMARY KEY);
INSERT INTO users SELECT generate_series(1, 4);

-- names that need quotes, several columns in another order, types that differ
CREATE TABLE "Odd Things"."It's" ("Key A" bigint, "b""b" text, t text, PRIMARY KEY ("Key A", "b""b"));
CREATE TABLE "To It's" (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, b varchar(20), a integer,
	CONSTRAINT "It's key" FOREIGN KEY (b, a) REFERENCES "It's" ("b""b", "Key A") MATCH FULL
		ON DELETE CASCADE ON UPDATE SET NULL
);
-- by a cast, and in another collation
CREATE COLLATION anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE numbers (n numeric PRIMARY KEY, code text COLLATE anycase UNIQUE);
CREATE TABLE to_numbers (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	n integer REFERENCES numbers ON DELETE CASCADE, code text REFERENCES numbers (code) ON DELETE SET NULL
);
CREATE INDEX ON to_numbers (n);
CREATE INDEX ON to_numbers (code);
-- partitions on either end; one of them has a key of its own, and one is referred to
CREATE TABLE days (id integer, day integer, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (10);
CREATE TABLE days_2 (day integer NOT NULL, gone text, id integer NOT NULL UNIQUE);
ALTER TABLE days_2 DROP gone;
ALTER TABLE days ATTACH PARTITION days_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE hits (
	id integer, user_id integer NOT NULL REFERENCES users, d integer, day integer, k integer, n numeric,
	late integer REFERENCES days_2 (id) ON DELETE SET NULL,
	PRIMARY KEY (id, k), FOREIGN KEY (d, day) REFERENCES days ON DELETE CASCADE ON UPDATE CASCADE
) PARTITION BY LIST (k);
CREATE TABLE hits_1 PARTITION OF hits FOR VALUES IN (1);
CREATE TABLE hits_2 (k integer NOT NULL, day integer, gone integer, n numeric, late integer, id integer NOT NULL,
	d integer, user_id integer NOT NULL);
ALTER TABLE hits_2 DROP gone, ADD CONSTRAINT own_key FOREIGN KEY (n) REFERENCES numbers ON DELETE SET NULL;
ALTER TABLE hits ATTACH PARTITION hits_2 FOR VALUES IN (2);
-- by owner path
CREATE TABLE parts (id integer PRIMARY KEY, hit integer, k integer, n numeric REFERENCES numbers ON DELETE SET DEFAULT,
	FOREIGN KEY (hit, k) REFERENCES hits);
CREATE INDEX ON parts (n);

INSERT INTO "It's" SELECT i, 'b' || i, 't' FROM generate_series(1, 6) i;
INSERT INTO "To It's" SELECT i, i, 'b' || i, i FROM generate_series(1, 4) i;
INSERT INTO numbers SELECT i, 'Code ' || i FROM generate_series(1, 30) i;
INSERT INTO to_numbers SELECT i, i, i, 'code ' || i FROM generate_series(1, 4) i;
INSERT INTO days SELECT i, i * 2 FROM generate_series(1, 9) i;
INSERT INTO hits SELECT i * 10 + k, i, i + k * 4 - 4, (i + k * 4 - 4) * 2, k, i + 10, i + 4
	FROM generate_series(1, 4) i, generate_series(1, 2) k;
INSERT INTO parts SELECT i, i * 10 + 1, 1, i + 20 FROM generate_series(1, 4) i;
SELECT gray_create_release('v2');
SELECT gray FROM gray_clone_tree('users', 'id');
SELECT object, substring(problem FROM '^[^:]*') AS problem FROM gray_check() WHERE problem LIKE 'foreign key%';
SELECT gray_open();
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE '00_pg_gray_shared%' AND tgparentid = 0
	ORDER BY tgrelid::regclass::text COLLATE "C";
SELECT gray_add_user(u), gray_migrate(u) FROM generate_series(1, 2) u;

-- users 1 and 2 are in gray, 3 and 4 in production: of either session, the other's is refused, its own is not
CREATE PROCEDURE try(statements text[]) LANGUAGE plpgsql AS $$
DECLARE
	statement text;
	detail text;
BEGIN
	FOREACH statement IN ARRAY statements LOOP
		BEGIN
			EXECUTE statement;
			RAISE NOTICE '%: done', statement;
		EXCEPTION WHEN foreign_key_violation THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
			RAISE NOTICE '%: %', statement, detail;
		END;
	END LOOP;
END $$;
CREATE FUNCTION statements(uid integer) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(replace(s, '#', uid::text)) FROM unnest(ARRAY[
		'UPDATE "It''s" SET t = ''new'' WHERE "Key A" = #', 'UPDATE "It''s" SET "b""b" = ''new'' WHERE "Key A" = #',
		'DELETE FROM "It''s" WHERE "Key A" = #',
		'UPDATE numbers SET n = n WHERE n = #', 'DELETE FROM numbers WHERE n = #',
		'DELETE FROM numbers WHERE n = # + 10', 'DELETE FROM numbers WHERE n = # + 20',
		'UPDATE days SET day = (day + 10) % 20 WHERE id = #', 'DELETE FROM days WHERE id = #',
		'DELETE FROM days_2 WHERE id = # + 4']) s $$;
CALL try(statements(1));
SET pg_gray.side = 'gray';
CALL try(statements(3));
CALL try(statements(2));
SET pg_gray.side = 'production';
CALL try(statements(4));
SELECT * FROM "To It's" ORDER BY id;
SELECT * FROM to_numbers ORDER BY id;
SELECT id, user_id, d, day, k, n, late FROM hits ORDER BY id;
SELECT * FROM parts ORDER BY id;
-- what is not there refers to nothing
INSERT INTO to_numbers VALUES (5, 3, NULL, NULL);
INSERT INTO numbers VALUES (100, NULL);
SET pg_gray.side = 'gray';
DELETE FROM numbers WHERE n = 100;
RESET pg_gray.side;

-- gray's key counts for gray's rows, production's for production's
\set VERBOSITY default
SELECT u, gray_migrate_back(u) FROM generate_series(1, 2) u;
INSERT INTO numbers SELECT i, 'Code ' || i FROM generate_series(31, 40) i;
UPDATE to_numbers SET n = id + 30, code = NULL WHERE id IN (1, 3);
ALTER TABLE to_numbers DROP CONSTRAINT to_numbers_n_fkey, DROP CONSTRAINT to_numbers_code_fkey,
	ADD CONSTRAINT no_action FOREIGN KEY (n) REFERENCES numbers;
ALTER TABLE v2.to_numbers ADD label integer,
	ADD CONSTRAINT new_key FOREIGN KEY (label) REFERENCES numbers ON DELETE CASCADE;
SELECT gray_migrate(1);
UPDATE v2.to_numbers SET label = 35 WHERE id = 1;
DELETE FROM numbers WHERE n = 31;
DELETE FROM numbers WHERE n = 33;
DELETE FROM numbers WHERE n = 35;
-- version 2 refers to something else: production's own key sees the frozen row
UPDATE v2.to_numbers SET n = 36, label = 37 WHERE id = 1;
DELETE FROM numbers WHERE n = 31;
SET pg_gray.side = 'gray';
DELETE FROM numbers WHERE n = 31;
DELETE FROM numbers WHERE n = 33;
DELETE FROM numbers WHERE n IN (35, 37);
RESET pg_gray.side;
SELECT count(*) FROM v2.to_numbers;
SELECT gray_migrate_back(1);
SELECT * FROM to_numbers ORDER BY id;
SELECT gray_close();
SELECT gray_drop_release();

-- two releases refer to one table: each has its own sides
CREATE TABLE teams (id integer PRIMARY KEY);
CREATE TABLE to_teams (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams,
	n numeric REFERENCES numbers ON DELETE CASCADE);
INSERT INTO teams VALUES (1), (2);
INSERT INTO to_teams VALUES (1, 1, 38), (2, 2, 39);
UPDATE to_numbers SET n = id + 31 WHERE id IN (3, 4);
ALTER TABLE to_numbers DROP CONSTRAINT no_action, ADD FOREIGN KEY (n) REFERENCES numbers ON DELETE SET NULL;
SELECT gray_create_release('v2'), gray_create_release('t2');
SELECT gray_clone('users', 'id', 'v2'), gray_clone('to_numbers', 'user_id', 'v2');
SELECT gray FROM gray_clone_tree('teams', 'id', release => 't2');
SELECT gray_open('v2'), gray_open('t2');
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'numbers'::regclass AND tgname LIKE '00_pg_gray%'
	ORDER BY 1;
SELECT gray_add_user(3, 'v2'), gray_migrate(3, 'v2'), gray_add_user(1, 't2'), gray_migrate(1, 't2');
SET search_path = v2, keyed, "Odd Things", public;
CALL keyed.try('{DELETE FROM numbers WHERE n = 34, DELETE FROM numbers WHERE n = 35, DELETE FROM numbers WHERE n = 38,
	DELETE FROM numbers WHERE n = 39}');
SET search_path = t2, keyed, "Odd Things", public;
INSERT INTO numbers VALUES (34), (39);
UPDATE v2.to_numbers SET n = 34;
INSERT INTO keyed.to_teams VALUES (3, 2, 39);
CALL keyed.try('{DELETE FROM numbers WHERE n = 34, DELETE FROM numbers WHERE n = 35, DELETE FROM numbers WHERE n = 38,
	DELETE FROM numbers WHERE n = 39}');
SET search_path = keyed, "Odd Things", public;
SELECT gray_close('t2'), gray_migrate_back(1, 't2'), gray_close('t2'), gray_drop_release('t2');
SELECT gray_close(), gray_migrate_back(3), gray_close(), gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA keyed, "Odd Things" CASCADE;
