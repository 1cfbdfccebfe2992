-- Rows without a key come home as a multiset: what gray has fewer of is deleted, what
-- production has fewer of is inserted, and all equal rows are left as they are.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
SET datestyle = 'ISO';
CREATE SCHEMA bag;
SET search_path = bag, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
-- without a key: types that know no equality, an identity, what is computed
CREATE TABLE notes (
	user_id integer NOT NULL REFERENCES users, body text, doc json, spot point, cents numeric(9,2),
	number integer GENERATED ALWAYS AS IDENTITY, twice integer GENERATED ALWAYS AS (user_id * 2) STORED,
	fired integer NOT NULL DEFAULT 0
);
-- by owner path
CREATE TABLE steps (order_id integer NOT NULL REFERENCES orders, what text, again integer REFERENCES orders);
-- partitioned; one partition has its columns in another order
CREATE TABLE hits (user_id integer NOT NULL REFERENCES users, kind text, amount integer) PARTITION BY LIST (kind);
CREATE TABLE hits_a PARTITION OF hits FOR VALUES IN ('a');
CREATE TABLE hits_b (amount integer, junk text, kind text, user_id integer NOT NULL);
ALTER TABLE hits_b DROP junk;
ALTER TABLE hits ATTACH PARTITION hits_b FOR VALUES IN ('b');
CREATE TABLE hits_rest PARTITION OF hits DEFAULT;
CREATE INDEX ON orders (user_id);
CREATE INDEX ON notes (user_id);
CREATE INDEX ON steps (order_id);
CREATE INDEX ON hits (user_id);
-- triggers of the application must not fire
CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN RAISE EXCEPTION '% fired on %', TG_NAME, TG_TABLE_NAME; END$$;
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 3) i;
INSERT INTO orders SELECT i, i % 3 + 1 FROM generate_series(1, 9) i;
INSERT INTO notes (user_id, body, doc, spot, cents) SELECT u, 'n' || i / 2, '{"a" : 1}', '(1,2)', 1.25
	FROM generate_series(1, 3) u, generate_series(0, 7) i;
INSERT INTO steps SELECT o, 's' || i / 2 FROM generate_series(1, 9) o, generate_series(0, 3) i;
INSERT INTO hits SELECT u, chr(97 + i % 4), i / 8 FROM generate_series(1, 3) u, generate_series(0, 15) i;
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('orders', 'user_id'), gray_clone('notes', 'user_id'),
	gray_clone('steps', 'order_id'), gray_clone('hits', 'user_id');
-- the upgrade: cents are cut, columns of one side only
ALTER TABLE v2.notes ALTER cents TYPE integer, ADD seen boolean NOT NULL DEFAULT false, DROP number;
ALTER TABLE notes ADD kept text DEFAULT 'default';
UPDATE notes SET kept = ctid::text;
SELECT object, problem FROM gray_check() WHERE problem LIKE '%key%';
CREATE TRIGGER forbids AFTER INSERT OR UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION forbid();
CREATE TRIGGER forbids BEFORE INSERT OR UPDATE OR DELETE ON hits FOR EACH ROW EXECUTE FUNCTION forbid();
SELECT gray_add_user(2);
SELECT gray_open();
CREATE TEMP VIEW rows AS
	SELECT 'notes'::regclass AS t, ctid AS at, xmin::text AS born, xmax::text AS gone, n::text AS value FROM notes n
	UNION ALL SELECT 'steps', ctid, xmin::text, xmax::text, s::text FROM steps s
	UNION ALL SELECT tableoid::regclass, ctid, xmin::text, xmax::text, h::text FROM hits h;

-- there and back without a change: no production row is written
CREATE TABLE before AS TABLE rows;
SELECT * FROM gray_route(2);
SELECT * FROM gray_verify(2);
SELECT gray_migrate_back(2);
(TABLE before EXCEPT ALL TABLE rows) UNION ALL (TABLE rows EXCEPT ALL TABLE before);
-- written but not changed: compared, and nothing is written either
SELECT * FROM gray_route(2);
UPDATE v2.notes SET body = body;
UPDATE v2.steps SET what = what;
DELETE FROM v2.steps WHERE order_id = 1 AND what = 's1';
INSERT INTO v2.steps VALUES (1, 's1'), (1, 's1');
UPDATE v2.hits SET kind = 'x' WHERE kind = 'a';
UPDATE v2.hits SET kind = 'a' WHERE kind = 'x';
SELECT * FROM gray_verify(2);
SELECT gray_migrate_back(2);
(TABLE before EXCEPT ALL TABLE rows) UNION ALL (TABLE rows EXCEPT ALL TABLE before);

-- changed, one of two equal ones deleted, new, doubled, moved to another partition
SELECT * FROM gray_route(2);
UPDATE v2.notes SET doc = '{"a": 1}' WHERE body = 'n0';
UPDATE v2.notes SET cents = 5, seen = true WHERE body = 'n1';
DELETE FROM v2.notes WHERE ctid = (SELECT ctid FROM v2.notes WHERE body = 'n2' LIMIT 1);
INSERT INTO v2.notes (user_id, body, doc, spot, cents)
	VALUES (2, 'n3', '{"a" : 1}', '(1,2)', 1), (2, NULL, NULL, '(0,0)', 7);
INSERT INTO v2.orders VALUES (100, 2);
DELETE FROM v2.steps WHERE ctid = (SELECT ctid FROM v2.steps WHERE order_id = 4 AND what = 's0' LIMIT 1);
INSERT INTO v2.steps VALUES (100, 'new', 1), (4, 's1', NULL);
DELETE FROM v2.steps WHERE order_id = 7;
DELETE FROM v2.orders WHERE id = 7;
UPDATE v2.hits SET kind = 'b' WHERE kind = 'a' AND amount = 0;
UPDATE v2.hits SET amount = 9 WHERE kind = 'c' AND amount = 1;
DELETE FROM v2.hits WHERE kind = 'd' AND amount = 1;
SELECT * FROM gray_verify(2);
SELECT gray_migrate_back(2);
SELECT kind, state, row_count, message FROM gray.history;
CREATE TABLE after AS TABLE rows;
SELECT t, value FROM (SELECT t, at, value FROM before EXCEPT ALL SELECT t, at, value FROM after) gone
	ORDER BY t::text, value COLLATE "C";
SELECT t, value FROM (SELECT t, at, value FROM after EXCEPT ALL SELECT t, at, value FROM before) made
	ORDER BY t::text, value COLLATE "C";
SELECT count(*) FROM before JOIN after USING (t, at, born, gone, value);
SELECT (SELECT count(*) FROM v2.notes) AS notes, (SELECT count(*) FROM v2.steps) AS steps,
	(SELECT count(*) FROM v2.hits) AS hits;

-- foreign keys are checked, all or nothing
SELECT * FROM gray_route(2);
ALTER TABLE v2.steps DROP CONSTRAINT steps_again_fkey;
UPDATE v2.steps SET again = 4711 WHERE order_id = 100;
SELECT gray_migrate_back(2);
SELECT sqlstate, message, detail, table_name, constraint_name FROM gray.incidents;
SELECT order_id, what, again FROM steps WHERE order_id = 100;
UPDATE v2.steps SET again = 4 WHERE order_id = 100;
SELECT gray_reset(2);
SELECT gray_migrate_back(2);
SELECT order_id, what, again FROM steps WHERE order_id = 100;
SELECT gray_close();
SELECT gray_drop_release();

-- what is mapped: a row is changed when a way home would write another
CREATE TABLE people (user_id integer NOT NULL REFERENCES users, name text, price integer, kept text DEFAULT 'default');
CREATE INDEX ON people (user_id);
INSERT INTO people SELECT 1, 'First' || i || ' Last', i * 100 + 1, 'kept ' || i FROM generate_series(1, 5) i;
SELECT gray_create_release('v3');
SELECT gray_clone('users', 'id'), gray_clone('people', 'user_id');
ALTER TABLE v3.people DROP name, DROP kept, ADD first_name text, ADD last_name text, ADD cut integer DEFAULT 0,
	ADD stamp timestamptz DEFAULT now(), ADD whole text GENERATED ALWAYS AS (first_name || ' ' || last_name) STORED,
	ALTER price TYPE numeric;
SELECT gray_map('v3.people', 'first_name', up => 'split_part(name, '' '', 1)');
SELECT gray_map('v3.people', 'last_name', up => 'split_part(name, '' '', 2)');
SELECT gray_map('v3.people', 'name', down => 'whole');
SELECT gray_map('v3.people', 'price', up => 'round(price / 100.0)', down => 'price * 100 - cut');
SELECT gray_set_percent(100);
SELECT gray_open();
CREATE TABLE people_before AS SELECT ctid AS at, p::text AS value FROM people p;
SELECT * FROM gray_route(1);
SELECT user_id, first_name, last_name, cut, whole, price FROM v3.people ORDER BY price;
UPDATE v3.people SET first_name = first_name;
SELECT * FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT count(*) FROM people_before b JOIN people p ON p.ctid = b.at AND p::text = b.value;
SELECT * FROM gray_route(1);
UPDATE v3.people SET stamp = NULL WHERE price = 1;
UPDATE v3.people SET last_name = 'Other' WHERE price = 2;
UPDATE v3.people SET cut = 9 WHERE price = 3;
UPDATE v3.people SET price = 44 WHERE price = 4;
SELECT * FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT p.*, b.at IS NOT NULL AS untouched FROM people p
	LEFT JOIN people_before b ON p.ctid = b.at AND p::text = b.value ORDER BY price;
-- nothing is compared when nothing was written
CREATE FUNCTION told(integer) RETURNS numeric IMMUTABLE LANGUAGE plpgsql AS
	$$BEGIN RAISE NOTICE 'told of %', $1; RETURN $1; END$$;
SELECT gray_map('v3.people', 'price', up => 'bag.told(price)', down => 'price');
DELETE FROM people WHERE price <> 101;
SELECT * FROM gray_route(1);
SELECT gray_migrate_back(1);
SELECT * FROM gray_route(1);
UPDATE v3.people SET stamp = NULL;
SELECT gray_migrate_back(1);
SELECT kind, row_count FROM gray.history ORDER BY started DESC LIMIT 1;
SELECT gray_close();
SELECT gray_drop_release();

-- A unique column that may be null is no key, but others may lead to their owner over it, and
-- rows of other users and of tables outside may refer to it: what comes back is still there.
CREATE TABLE boxes (code text UNIQUE, user_id integer NOT NULL REFERENCES users, note text);
CREATE TABLE parts (box text NOT NULL REFERENCES boxes (code), what text, other_box text REFERENCES boxes (code));
CREATE INDEX ON boxes (user_id);
CREATE INDEX ON parts (box);
INSERT INTO boxes VALUES ('a', 1, ''), ('b', 1, ''), (NULL, 1, ''), ('c', 2, ''), ('d', 1, '');
INSERT INTO parts VALUES ('a', 'x', NULL), ('a', 'x', 'b'), ('b', 'y', NULL), ('c', 'z', 'b');
SELECT gray_create_release('v5');
SELECT gray_clone('users', 'id'), gray_clone('boxes', 'user_id'), gray_clone('parts', 'box');
-- outside the release: its keys act row by row
CREATE TABLE stickers (box text REFERENCES boxes (code) ON DELETE CASCADE);
INSERT INTO stickers VALUES ('d');
SELECT gray_set_percent(100);
SELECT gray_open();
SELECT * FROM gray_route(1);
UPDATE v5.boxes SET note = 'changed' WHERE code IN ('a', 'b') OR code IS NULL;
INSERT INTO v5.boxes VALUES ('e', 1, 'new');
UPDATE v5.parts SET box = 'e' WHERE what = 'x' AND other_box IS NULL;
SELECT gray_migrate_back(1);
SELECT * FROM boxes ORDER BY code;
SELECT * FROM parts ORDER BY box, what;
-- another user's row refers to what goes
SELECT * FROM gray_route(1);
UPDATE v5.parts SET box = 'a', other_box = NULL WHERE box = 'b' OR other_box = 'b';
UPDATE v5.boxes SET code = 'f' WHERE code = 'b';
SELECT gray_migrate_back(1);
SELECT sqlstate, message, detail FROM gray.incidents;
UPDATE v5.boxes SET code = 'b' WHERE code = 'f';
SELECT gray_reset(1);
-- a row outside refers to one that would be deleted and written anew
UPDATE v5.boxes SET note = 'changed' WHERE code = 'd';
SELECT gray_migrate_back(1);
SELECT sqlstate, message, detail, hint FROM gray.incidents;
TABLE stickers;
SELECT gray_reset(1);
-- and to one that is gone: its key acts
DELETE FROM v5.boxes WHERE code = 'd';
SELECT gray_migrate_back(1);
TABLE stickers;
SELECT * FROM boxes ORDER BY code;
SELECT * FROM parts ORDER BY box, what;
SELECT gray_close();
SELECT gray_drop_release();

-- A deferrable key knows its rows as any other does.
CREATE TABLE cards (
	id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, user_id integer NOT NULL REFERENCES users, note text,
	kept text DEFAULT 'default'
);
CREATE INDEX ON cards (user_id);
INSERT INTO cards SELECT i, 1, 'note', 'kept' FROM generate_series(1, 5) i;
SELECT gray_create_release('v6');
SELECT gray_clone('users', 'id'), gray_clone('cards', 'user_id');
ALTER TABLE v6.cards DROP kept;
SELECT gray_set_percent(100);
SELECT gray_open();
SELECT * FROM gray_route(1);
UPDATE v6.cards SET note = 'changed' WHERE id = 2;
UPDATE v6.cards SET id = 5 - id WHERE id IN (1, 4);
UPDATE v6.cards SET id = 6 WHERE id = 5;
SELECT * FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT * FROM cards ORDER BY id;
SELECT gray_close();
SELECT gray_drop_release();

-- Many rounds by chance, and an oracle that counts.  Of each production row, mark says whether it was written.
CREATE TABLE things (
	user_id integer NOT NULL REFERENCES users, a integer, b text, half numeric(3,1), mark integer NOT NULL DEFAULT 0
) PARTITION BY HASH (a);
CREATE TABLE things_0 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE things_1 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE plain (LIKE things INCLUDING ALL, FOREIGN KEY (user_id) REFERENCES users);
CREATE TABLE split (LIKE plain INCLUDING ALL, FOREIGN KEY (user_id) REFERENCES users);
CREATE INDEX ON things (user_id);
CREATE INDEX ON split (user_id);
CREATE INDEX ON plain (user_id);
SELECT gray_create_release('v4');
SELECT gray_clone('users', 'id'), gray_clone('things', 'user_id'), gray_clone('plain', 'user_id'),
	gray_clone('split', 'user_id');
ALTER TABLE v4.things DROP mark, ALTER half TYPE integer USING half;
ALTER TABLE v4.plain DROP mark, ALTER half TYPE integer USING half, ADD extra integer;
-- partitioned in gray alone
DROP TABLE v4.split;
CREATE TABLE v4.split (b text, extra integer, a integer, half integer, user_id integer NOT NULL REFERENCES v4.users)
	PARTITION BY HASH (a);
CREATE TABLE v4.split_0 PARTITION OF v4.split FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE v4.split_1 PARTITION OF v4.split FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX ON v4.split (user_id);
SELECT gray_set_percent(100);
SELECT gray_open();
CREATE FUNCTION dice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT floor(random() * n)::integer';
CREATE FUNCTION play(t text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	columns text := 'user_id, a, b, half';
	equal bigint;
	kept bigint;
	wrong bigint;
BEGIN
	-- so that rows of all partitions are at the same places
	EXECUTE format('TRUNCATE %I, v4.%1$I', t);
	EXECUTE format('INSERT INTO %I SELECT u, dice(5), nullif(chr(97 + dice(3)), ''c''), dice(6) / 2.0, 1 + dice(1000)'
		' FROM generate_series(1, 2) u, generate_series(1, dice(30))', t);
	EXECUTE format('CREATE TEMP TABLE frozen AS SELECT user_id, a, b, half::integer AS half, x::text AS whole'
		' FROM %I x', t);
	PERFORM gray_migrate(1);
	FOR i IN 1 .. dice(12) LOOP
		EXECUTE format('WITH x AS (SELECT tableoid AS t, ctid AS at FROM v4.%I ORDER BY random() LIMIT 1) ', t)
			|| CASE dice(4)
			WHEN 0 THEN format('DELETE FROM v4.%I USING x WHERE tableoid = t AND ctid = at', t)
			WHEN 1 THEN format('UPDATE v4.%I SET a = dice(5) FROM x WHERE tableoid = t AND ctid = at', t)
			WHEN 2 THEN format('UPDATE v4.%I SET half = dice(4), b = ''a'' FROM x WHERE tableoid = t AND ctid = at', t)
			ELSE format('INSERT INTO v4.%I (user_id, a, b, half) VALUES (1, dice(5), ''b'', dice(3))', t) END;
	END LOOP;
	EXECUTE format('CREATE TEMP TABLE gray AS SELECT %s FROM v4.%I', columns, t);
	PERFORM gray_migrate_back(1);
	-- all of gray is there, and nothing else
	EXECUTE format('SELECT count(*) FROM ('
		'(SELECT %1$s::integer FROM %2$I WHERE user_id = 1 EXCEPT ALL TABLE gray) UNION ALL '
		'(TABLE gray EXCEPT ALL SELECT %1$s::integer FROM %2$I WHERE user_id = 1)) x', columns, t) INTO wrong;
	-- as many rows as are on both sides were not written, and of them nothing was
	SELECT count(*) INTO equal FROM (SELECT user_id, a, b, half FROM frozen INTERSECT ALL TABLE gray) x;
	EXECUTE format('SELECT count(*) FROM (SELECT x::text FROM %I x WHERE user_id = 1 AND mark <> 0'
		' INTERSECT ALL SELECT whole FROM frozen WHERE user_id = 1) x', t) INTO kept;
	IF wrong > 0 OR equal <> kept THEN
		RAISE EXCEPTION '%: % wrong, % equal, % kept', t, wrong, equal, kept;
	END IF;
	-- others are left alone
	EXECUTE format('SELECT count(*) FROM (SELECT whole FROM frozen WHERE user_id = 2'
		' EXCEPT ALL SELECT x::text FROM %I x) x', t) INTO wrong;
	IF wrong > 0 THEN
		RAISE EXCEPTION '%: % rows of another user were written', t, wrong;
	END IF;
	DROP TABLE frozen, gray;
END $$;
SET client_min_messages = warning;
SELECT setseed(0.42);
SELECT count(*) FROM (SELECT play((ARRAY['things', 'plain', 'split'])[i % 3 + 1]) FROM generate_series(1, 60) i) x;
SELECT state, kind, count(*) FROM gray.history GROUP BY 1, 2 ORDER BY 2;
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA bag CASCADE;
