-- Rows that changed places in gray, though a unique index says that no two may have
-- the same, come home: it is checked when all of them are written.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA swap;
CREATE EXTENSION amcheck SCHEMA swap;
CREATE EXTENSION btree_gist SCHEMA swap;
RESET client_min_messages;
SET search_path = swap, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
-- each kind of unique index, and columns that are not simply written
CREATE TABLE tasks (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, position integer NOT NULL,
	code integer NOT NULL UNIQUE, name text, is_main boolean, days int4range, late integer, later integer,
	price numeric NOT NULL, cents integer GENERATED ALWAYS AS (price * 100) STORED UNIQUE,
	number integer GENERATED ALWAYS AS IDENTITY UNIQUE, ours text, body text,
	UNIQUE (user_id, position) INCLUDE (name),
	EXCLUDE USING gist (user_id WITH =, days WITH &&),
	CONSTRAINT late UNIQUE (late) DEFERRABLE,
	CONSTRAINT later UNIQUE (later) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX one_name ON tasks (user_id, lower(name));
CREATE UNIQUE INDEX one_main ON tasks (user_id) WHERE is_main;
CREATE UNIQUE INDEX one_id ON tasks (id) WHERE is_main;
CREATE INDEX ON tasks (price);
CREATE INDEX ON tasks USING brin (position);
CREATE INDEX ON tasks USING hash (name);
-- partitions, one with its columns in another order and a unique index of its own
CREATE TABLE seats (
	id integer, user_id integer NOT NULL REFERENCES users, hall text, seat integer, guest integer,
	PRIMARY KEY (id, hall), UNIQUE (hall, seat)
) PARTITION BY LIST (hall);
CREATE TABLE seats_a (
	guest integer UNIQUE, seat integer, hall text NOT NULL, junk text, user_id integer NOT NULL, id integer NOT NULL
);
ALTER TABLE seats_a DROP junk;
ALTER TABLE seats ATTACH PARTITION seats_a FOR VALUES IN ('a');
CREATE TABLE seats_b PARTITION OF seats FOR VALUES IN ('b');
CREATE INDEX ON seats (user_id);

INSERT INTO users VALUES (1), (2), (3);
INSERT INTO tasks
	SELECT i, 1 + i % 2, i / 2, i, 'Task ' || i, i < 2, int4range(i, i + 1), i, i, i + 0.25
		FROM generate_series(0, 99) i;
UPDATE tasks SET ours = 'ours', body = CASE WHEN id % 10 = 8 THEN repeat(md5(id::text), 200) END;
VACUUM tasks;
INSERT INTO seats SELECT i, 1 + i % 2, CASE WHEN i < 20 THEN 'a' ELSE 'b' END, i, i FROM generate_series(1, 40) i;
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('tasks', 'user_id'), gray_clone('seats', 'user_id');
-- a way that loses something, and a column that production has alone
ALTER TABLE v2.tasks DROP ours, DROP cents, ALTER price TYPE integer;
-- what other tests show: a value of the other side is refused when it is written
SELECT gray_set_unique('tasks_code_key', false);
SELECT gray_set_percent(100), gray_open();

-- all index entries of a table are there, and no more
CREATE FUNCTION check_indexes(regclass) RETURNS TABLE (index name, sound boolean) LANGUAGE plpgsql AS $$
BEGIN
	FOR index IN SELECT c.relname
		FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am m ON m.oid = c.relam
		WHERE x.indrelid = $1 AND m.amname = 'btree' ORDER BY c.relname COLLATE "C" LOOP
		PERFORM bt_index_parent_check(index::regclass, true);
		sound := true;
		RETURN NEXT;
	END LOOP;
END $$;

-- cycles of several lengths; pairs that swap
SELECT gray_migrate(1);
CREATE TABLE before AS SELECT * FROM tasks;
UPDATE v2.tasks SET position = position + 1000, code = code + 1000, name = name || '!', is_main = false,
	days = int4range(lower(days) + 1000, upper(days) + 1000), late = late + 1000, later = later + 1000;
UPDATE v2.tasks SET position = 7 * (position - 1000 + 1) % 50;
UPDATE v2.tasks SET code = 98 - (code - 1000), name = 'tASK ' || 98 - id, is_main = id = 50,
	days = int4range(98 - id, 99 - id), late = 98 - id, later = 98 - id;
SELECT gray_migrate_back(1);
SELECT sqlstate, message, detail FROM gray.incidents;
SELECT count(*), count(*) FILTER (WHERE t.code = 98 - t.id AND t.name = 'tASK ' || 98 - t.id AND t.is_main = (t.id = 50)
	AND t.days = int4range(98 - t.id, 99 - t.id) AND t.late = 98 - t.id AND t.later = 98 - t.id) AS came_home,
	count(*) FILTER (WHERE (t.price, t.cents, t.number, t.ours, t.body)
		IS NOT DISTINCT FROM (b.price, b.cents, b.number, b.ours, b.body)) AS kept
	FROM tasks t JOIN before b USING (id) WHERE t.user_id = 1;
SELECT string_agg(id::text, ' ' ORDER BY position) FROM tasks WHERE user_id = 1;
SELECT * FROM check_indexes('tasks');
SET enable_seqscan = off;
SELECT count(*) FROM tasks WHERE user_id = 1 AND days && int4range(0, 99);
SELECT count(*) FROM generate_series(0, 98, 2) i, LATERAL (SELECT 1 FROM tasks WHERE name = 'tASK ' || i OFFSET 0) x;
RESET enable_seqscan;
SELECT count(*) FROM tasks t JOIN before b USING (id) WHERE t.user_id = 2 AND t::text = b::text;

-- a chain: each takes the place of the next
SELECT gray_migrate(1);
UPDATE v2.tasks SET position = position + 1000;
UPDATE v2.tasks SET position = position - 999;
SELECT gray_migrate_back(1);
SELECT min(position), max(position), count(DISTINCT position) FROM tasks WHERE user_id = 1;

-- no index entry for a row that needs none
SELECT gray_migrate(1);
UPDATE v2.tasks SET body = 'short';
SELECT gray_migrate_back(1);
SET enable_seqscan = off;
SELECT count(*), count(DISTINCT id) FROM tasks WHERE code >= 0 AND body = 'short';
RESET enable_seqscan;

-- the same when every row is compared, since the move is not known to be this cluster's
SELECT gray_migrate(1);
UPDATE gray.stay_1 SET xid = '1';
UPDATE v2.tasks SET code = code + 1000;
UPDATE v2.tasks SET code = 98 - (code - 1000);
SELECT gray_migrate_back(1);
SELECT count(*) FILTER (WHERE id = code) FROM tasks WHERE user_id = 1;
SELECT bool_and(sound) FROM check_indexes('tasks');

-- what a deleted row leaves free another row takes, and a new row what that one leaves
SELECT gray_migrate(1);
DELETE FROM v2.tasks WHERE id = 10;
UPDATE v2.tasks SET code = 10 WHERE id = 20;
INSERT INTO v2.tasks (id, user_id, position, code, price) VALUES (1000, 1, 1000, 20, 7);
SELECT gray_migrate_back(1);
SELECT id, code FROM tasks WHERE code IN (10, 20) ORDER BY code;

-- another user's value is still refused, and so are two rows that gray lets have the same
SELECT gray_migrate(1);
UPDATE v2.tasks SET code = 21 WHERE id = 20;
SELECT gray_migrate_back(1);
SELECT gray_reset(1);
ALTER TABLE v2.tasks DROP CONSTRAINT tasks_code_key;
UPDATE v2.tasks SET code = 30 WHERE id IN (20, 30);
UPDATE v2.tasks SET code = 10 WHERE id = 40;
SELECT gray_migrate_back(1);
SELECT gray_reset(1);
UPDATE v2.tasks SET code = 100 + id WHERE id IN (20, 30, 40);
DROP INDEX v2.one_main;
UPDATE v2.tasks SET is_main = true WHERE id IN (20, 30);
SELECT gray_migrate_back(1);
SELECT gray_reset(1);
UPDATE v2.tasks SET is_main = id = 30;
UPDATE v2.tasks SET code = 10 WHERE id = 20;
UPDATE v2.tasks SET code = id WHERE id IN (30, 40);
SELECT gray_migrate_back(1);
SELECT id FROM tasks WHERE user_id = 1 AND is_main;
SELECT bool_and(sound) FROM check_indexes('tasks');

-- partitions
SELECT gray_migrate(1);
UPDATE v2.seats SET seat = -seat, guest = -guest;
UPDATE v2.seats SET seat = CASE WHEN id < 20 THEN 20 + seat ELSE 60 + seat END,
	guest = CASE WHEN id < 20 THEN 20 + guest ELSE guest END;
SELECT gray_migrate_back(1);
SELECT hall, count(*), count(*) FILTER (WHERE seat = CASE hall WHEN 'a' THEN 20 - id ELSE 60 - id END) AS seats,
	count(*) FILTER (WHERE guest = CASE hall WHEN 'a' THEN 20 - id ELSE -id END) AS guests
	FROM seats WHERE user_id = 1 GROUP BY hall ORDER BY hall;
SELECT * FROM check_indexes('seats_a') UNION ALL SELECT * FROM check_indexes('seats_b');

-- a table outside the release refers to a value: it may change places, and must not vanish
CREATE TABLE labels (
	code integer REFERENCES tasks (code), id integer REFERENCES tasks ON UPDATE CASCADE ON DELETE CASCADE
);
INSERT INTO labels VALUES (30, 30), (40, 40);
SELECT gray_migrate(1);
UPDATE v2.tasks SET code = 70 - id WHERE id IN (30, 40);
SELECT gray_migrate_back(1);
SELECT l.id, t.code FROM labels l JOIN tasks t USING (id) ORDER BY id;
SELECT gray_migrate(1);
UPDATE v2.tasks SET code = 5000 WHERE code = 40;
SELECT gray_migrate_back(1);
SELECT gray_reset(1);
UPDATE v2.tasks SET code = 40 WHERE code = 5000;
-- with ON UPDATE CASCADE nobody could tell which is which: that order of changes is refused, others are not
ALTER TABLE labels DROP CONSTRAINT labels_code_fkey, ADD FOREIGN KEY (code) REFERENCES tasks (code) ON UPDATE CASCADE;
UPDATE v2.tasks SET code = 10000 + code WHERE id IN (30, 40);
UPDATE v2.tasks SET code = id WHERE id IN (30, 40);
SELECT gray_migrate_back(1);
SELECT gray_reset(1);
UPDATE v2.tasks SET code = code + 10000 WHERE id IN (30, 40);
SELECT gray_migrate_back(1);
SELECT l.code, l.id, t.code FROM labels l JOIN tasks t USING (id) ORDER BY id;
SELECT bool_and(sound) FROM check_indexes('tasks');

SELECT gray_close();
SELECT uid, gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on';
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA swap CASCADE;
