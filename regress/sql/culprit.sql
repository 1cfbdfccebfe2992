-- A failed or stuck move says which row it was, also where PostgreSQL's error does not.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA culprit;
SET search_path = culprit, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE FUNCTION judge(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
	$$BEGIN IF $1 LIKE '%bad%' THEN RAISE 'judged to be %', $1; END IF; RETURN $1; END$$;
-- columns whose values can fail on the way up, and on the way down
CREATE TABLE things (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	up_cast text, up_range numeric, up_length text, up_must integer, up_check integer, up_judge text,
	up_unique integer, up_shelf integer,
	down_cast integer, down_range smallint, down_length varchar(5), down_must integer NOT NULL,
	down_check integer CHECK (down_check < 100), down_judge text, down_unique integer UNIQUE,
	down_shelf integer REFERENCES shelves
);
-- the other kinds of tables
CREATE TABLE parts (id integer PRIMARY KEY, thing_id integer NOT NULL REFERENCES things, up text, down integer);
CREATE TABLE days (
	user_id integer REFERENCES users, "the day" integer, up text, down integer, PRIMARY KEY (user_id, "the day")
);
CREATE TABLE events (
	id integer, kind text, user_id integer REFERENCES users, up text, down integer, PRIMARY KEY (id, kind)
) PARTITION BY LIST (kind);
CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('a');
CREATE TABLE events_b PARTITION OF events FOR VALUES IN ('b');
CREATE TABLE keyless (id integer, user_id integer REFERENCES users, up text, down integer);
CREATE INDEX ON parts (thing_id);

INSERT INTO users VALUES (1), (2);
INSERT INTO shelves VALUES (1);
INSERT INTO things SELECT i, 1 + i / 100, i, i, i, i, 1, i, i, 1, i, i, i, i, 1, i, i, 1
	FROM generate_series(1, 110) i WHERE i <= 50 OR i >= 100;
INSERT INTO parts SELECT 1000 + i, 51 - i, i, i FROM generate_series(1, 50) i;
INSERT INTO days SELECT 1, i, i, i FROM generate_series(1, 50) i;
INSERT INTO events SELECT i, CASE WHEN i % 3 = 0 THEN 'a' ELSE 'b' END, 1, i, i FROM generate_series(1, 50) i;
INSERT INTO keyless SELECT i, 1, i, i FROM generate_series(1, 50) i;
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('things', 'user_id'), gray_clone('parts', 'thing_id'),
	gray_clone('days', 'user_id'), gray_clone('events', 'user_id'), gray_clone('keyless', 'user_id');
ALTER TABLE v2.things
	ALTER up_cast TYPE integer USING up_cast::integer, ALTER up_range TYPE smallint, ALTER up_length TYPE varchar(5),
	ALTER up_must SET NOT NULL, ADD CHECK (up_check < 100), ADD UNIQUE (up_unique),
	ADD FOREIGN KEY (up_shelf) REFERENCES shelves,
	ALTER down_cast TYPE text, ALTER down_range TYPE integer, ALTER down_length TYPE text,
	ALTER down_must DROP NOT NULL, DROP CONSTRAINT things_down_check_check,
	DROP CONSTRAINT things_down_unique_key, DROP CONSTRAINT things_down_shelf_fkey;
ALTER TABLE v2.parts ALTER up TYPE integer USING up::integer, ALTER down TYPE text;
ALTER TABLE v2.days ALTER up TYPE integer USING up::integer, ALTER down TYPE text;
ALTER TABLE v2.events ALTER up TYPE integer USING up::integer, ALTER down TYPE text;
ALTER TABLE v2.keyless ALTER up TYPE integer USING up::integer, ALTER down TYPE text;
SELECT gray_map('v2.things', 'up_judge', up => 'culprit.judge(up_judge)', down => 'up_judge');
SELECT gray_map('v2.things', 'down_judge', up => 'down_judge', down => 'culprit.judge(down_judge)');
SELECT gray_set_unique('things_down_unique_key', false); -- or it would be refused in gray
SELECT gray_set_percent(100), gray_open();
SELECT gray_migrate(2);
SET client_min_messages = error;

-- break something of user 1, have the user moved to where it is not, tell what came of it, and mend it
CREATE FUNCTION try(break text, mend text,
	OUT state gray.state, OUT sqlstate text, OUT "table" text, OUT row_key text, OUT message text, OUT detail text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE break;
	state := CASE gray_state(1) WHEN 'off' THEN gray_migrate(1) ELSE gray_migrate_back(1) END;
	SELECT i.sqlstate, i.schema_name || '.' || i.table_name, i.row_key, i.message, i.detail
		INTO sqlstate, "table", row_key, message, detail FROM gray.incidents i;
	EXECUTE mend;
	PERFORM gray_reset(1);
END $$;
\pset format unaligned
\pset tuples_only on

-- failed
SELECT t.* FROM (VALUES
		('up_cast', 'x27', '27'),
		('up_range', '99999', '27'),
		('up_length', 'too long', '27'),
		('up_must', NULL, '27'),
		('up_check', '100', '1'),
		('up_judge', 'bad 27', '27'),
		('up_unique', '105', '27'),
		('up_unique', '33', '27'),
		('up_shelf', '2', '1')) AS v (c, bad, good),
	try(format('UPDATE things SET %I = %L WHERE id = 27', c, bad),
		format('UPDATE things SET %I = %L WHERE id = 27', c, good)) t;
SELECT t.* FROM (VALUES
		('parts', 'id = 1023'),
		('days', '"the day" = 23'),
		('events', 'id = 23'),
		('events', 'id = 24'),
		('keyless', 'id = 23')) AS v (t, c),
	try(format('UPDATE %s SET up = ''x'' WHERE %s', t, c), format('UPDATE %s SET up = 0 WHERE %s', t, c)) t;
-- no partition for it; the first of a hundred ways to fail; each of two in its way: the row that is named fails as
-- it is told
CREATE TABLE events_c PARTITION OF events FOR VALUES IN ('c');
SELECT * FROM try('UPDATE events SET kind = ''c'' WHERE id = 30', 'UPDATE events SET kind = ''a'' WHERE id = 30');
DROP TABLE events_c;
SELECT * FROM try('UPDATE parts SET up = ''x''', 'UPDATE parts SET up = id');
SELECT * FROM try('UPDATE things SET up_check = 100 + id WHERE id IN (20, 40)',
	'UPDATE things SET up_check = 1 WHERE user_id = 1');
SELECT * FROM try(
	'UPDATE things SET up_check = 100 WHERE id = 20; UPDATE things SET up_cast = ''x40'' WHERE id = 40',
	'UPDATE things SET up_check = 1, up_cast = id WHERE user_id = 1');
-- nothing of the search stays
SELECT count(*) FROM v2.things WHERE user_id = 1;

-- stuck: rows that were changed, and rows that are new
SELECT gray_migrate(1);
SELECT t.* FROM (VALUES
		('down_cast', 'x27', '27'),
		('down_range', '99999', '27'),
		('down_length', 'too long', '27'),
		('down_must', NULL, '27'),
		('down_check', '100', '1'),
		('down_judge', 'bad 27', '27'),
		('down_unique', '105', '27'),
		('down_unique', '33', '27'),
		('down_shelf', '2', '1')) AS v (c, bad, good),
	try(format('UPDATE v2.things SET %I = %L WHERE id = 27', c, bad),
		format('UPDATE v2.things SET %I = %L WHERE id = 27', c, good)) t;
SELECT t.* FROM (VALUES
		('parts', 'id = 1023'),
		('events', 'id = 23'),
		('events', 'id = 24'),
		('keyless', 'id = 23')) AS v (t, c),
	try(format('UPDATE v2.%s SET down = ''x'' WHERE %s', t, c), format('UPDATE v2.%s SET down = id WHERE %s', t, c)) t;
SELECT * FROM try('UPDATE v2.days SET down = ''x'' WHERE "the day" = 23',
	'UPDATE v2.days SET down = 23 WHERE "the day" = 23');
INSERT INTO v2.parts SELECT 2000 + i, 1, i, i FROM generate_series(1, 50) i;
SELECT * FROM try('UPDATE v2.parts SET down = ''x'' WHERE id = 2023', 'UPDATE v2.parts SET down = 23 WHERE id = 2023');
-- the same when every row is compared
UPDATE gray.stay_1 SET xid = '1';
SELECT * FROM try('UPDATE v2.parts SET down = ''x'' WHERE id = 2023', 'UPDATE v2.parts SET down = 23 WHERE id = 2023');
-- replaced instead of merged
SET pg_gray.back_strategy = 'replace';
SELECT t.* FROM (VALUES ('parts', 'id = 2023'), ('parts', 'id = 1023'), ('events', 'id = 24')) AS v (t, c),
	try(format('UPDATE v2.%s SET down = ''x'' WHERE %s', t, c), format('UPDATE v2.%s SET down = id WHERE %s', t, c)) t;
RESET pg_gray.back_strategy;
-- a row that somebody outside refers to, or will not have deleted
CREATE TABLE remarks (
	part_id integer REFERENCES parts, event_id integer, event_kind text,
	FOREIGN KEY (event_id, event_kind) REFERENCES events ON DELETE CASCADE
);
INSERT INTO remarks VALUES (1023, 24, 'a');
CREATE FUNCTION keep_remark() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'remarks are for ever'; END$$;
CREATE TRIGGER keep BEFORE DELETE ON remarks FOR EACH ROW EXECUTE FUNCTION keep_remark();
SELECT * FROM try('DELETE FROM v2.parts WHERE id BETWEEN 1010 AND 1030', 'UPDATE remarks SET part_id = NULL');
SELECT * FROM try('DELETE FROM v2.events', 'ALTER TABLE remarks DISABLE TRIGGER keep');
SELECT gray_migrate_back(1);
SELECT count(*) FROM remarks;
SELECT uid, kind, state, row_key FROM gray.history WHERE state IN ('failed', 'stuck') AND kind = 'migrate_back'
	ORDER BY started DESC LIMIT 2;

-- people who listen are told, too
SELECT gray_close();
SELECT uid, gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on';
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA culprit CASCADE;
