-- gray_verify finds each difference between the two sides: a value changed, a row lost,
-- a row doubled, on either side, in any kind of table; and says in which.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA verified;
SET search_path = verified, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text, total numeric);
-- by owner path; with a key that gray does not keep; without a key; both of it partitioned
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, doc json);
CREATE TABLE cards (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text);
CREATE TABLE notes (user_id integer NOT NULL REFERENCES users, body text, number integer);
CREATE TABLE steps (order_id integer NOT NULL REFERENCES orders, what text);
CREATE TABLE events (
	id integer, kind text, user_id integer NOT NULL REFERENCES users, note text, PRIMARY KEY (id, kind)
) PARTITION BY LIST (kind);
CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('a');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE TABLE hits (user_id integer NOT NULL REFERENCES users, kind text, number integer) PARTITION BY LIST (kind);
CREATE TABLE hits_a PARTITION OF hits FOR VALUES IN ('a');
CREATE TABLE hits_rest PARTITION OF hits DEFAULT;
CREATE INDEX ON orders (user_id);
CREATE INDEX ON items (order_id);
CREATE INDEX ON cards (user_id);
CREATE INDEX ON notes (user_id);
CREATE INDEX ON steps (order_id);
CREATE INDEX ON events (user_id);
CREATE INDEX ON hits (user_id);
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 3) i;
INSERT INTO orders SELECT i, i % 3 + 1, NULL, 1.50 FROM generate_series(1, 9) i;
INSERT INTO items SELECT i, i % 9 + 1, '{"a": 1}' FROM generate_series(1, 30) i;
INSERT INTO cards SELECT i, i % 3 + 1, 'note' FROM generate_series(1, 9) i;
INSERT INTO notes SELECT i % 3 + 1, 'note', i / 6 FROM generate_series(1, 30) i;
INSERT INTO steps SELECT i % 9 + 1, 'step' FROM generate_series(1, 30) i;
INSERT INTO events SELECT i, chr(97 + i % 3), i % 3 + 1, 'note' FROM generate_series(1, 30) i;
INSERT INTO events SELECT i, chr(97 + i / 3 % 3), i % 3 + 1, 'note' FROM generate_series(31, 60) i;
INSERT INTO hits SELECT i % 3 + 1, chr(97 + i / 3 % 3), i / 9 FROM generate_series(1, 30) i;
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('orders', 'user_id'), gray_clone('items', 'order_id'),
	gray_clone('cards', 'user_id'), gray_clone('notes', 'user_id'), gray_clone('steps', 'order_id'),
	gray_clone('events', 'user_id'), gray_clone('hits', 'user_id');
ALTER TABLE v2.orders RENAME note TO remark;
ALTER TABLE v2.notes ALTER number TYPE bigint, ADD extra text;
ALTER TABLE v2.cards DROP CONSTRAINT cards_pkey, ALTER id DROP NOT NULL;
SELECT gray_set_percent(100);
SELECT gray_open();
-- rows are corrupted below in a role that these triggers heed by default
DO $$
DECLARE
	fenced regclass;
BEGIN
	FOR fenced IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = '00_pg_gray_fence' AND tgparentid = 0 LOOP
		EXECUTE format('ALTER TABLE %s ENABLE TRIGGER "00_pg_gray_fence"', fenced);
	END LOOP;
END $$;
SELECT * FROM gray_verify(2);
SELECT * FROM gray_route(2);
SELECT * FROM gray_route(3);
SELECT * FROM gray_verify(2);

-- what may be corrupted where: kinds of corruption, columns, and another key for a row that is doubled;
-- a twin has the same key
CREATE TABLE weak (t text, kinds text[], columns text[], double text);
INSERT INTO weak VALUES
	('users', '{change,lose}', '{name,id}', NULL),
	('orders', '{change,double}', '{production.note,v2.remark,total}', 'id = id + 1000'),
	('items', '{change,lose,double}', '{id,order_id,doc}', 'id = id + 1000'),
	('cards', '{change,lose,double,twin}', '{id,user_id,note}', 'id = id + 1000'),
	('notes', '{change,lose,double}', '{user_id,body,number}', NULL),
	('steps', '{change,lose,double}', '{order_id,what}', NULL),
	('events', '{change,lose,double}', '{id,kind,user_id,note}', 'id = id + 1000'),
	('hits', '{change,lose,double}', '{user_id,kind,number}', NULL);

-- Corrupt a row of user 2 by chance: returns what was done.
CREATE FUNCTION corrupt(w weak, kind text, side text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	table_name text := CASE side WHEN 'v2' THEN 'v2.' ELSE 'verified.' END || w.t;
	owned text := CASE WHEN w.t = 'users' THEN 'id = 2' WHEN w.t IN ('items', 'steps') THEN 'order_id IN (1, 4, 7)'
		ELSE 'user_id = 2' END;
	c text;
BEGIN
	-- "side.x" is only for that one
	SELECT split_part(x, '.', -1) INTO c FROM unnest(w.columns) x
		WHERE x NOT LIKE '%.%' OR x LIKE side || '.%' ORDER BY random() LIMIT 1;
	PERFORM set_config('session_replication_role', 'replica', true);
	EXECUTE format('CREATE TEMP TABLE victim AS SELECT tableoid AS t, ctid AS at, x AS whole'
		' FROM %s x WHERE %s ORDER BY random() LIMIT 1', table_name, owned);
	IF kind = 'change' THEN
		EXECUTE format('UPDATE %s x SET %I = %s FROM victim v WHERE x.tableoid = v.t AND x.ctid = v.at', table_name, c,
			CASE WHEN c = 'doc' THEN '''{"a" : 1}'''
				WHEN c IN ('name', 'note', 'remark', 'body', 'what', 'kind') THEN format('concat(%I, ''!'')', c)
				WHEN c = 'total' THEN '1.500'
				ELSE format('coalesce(%I, 0) + 1000', c) END);
	ELSIF kind = 'lose' THEN
		EXECUTE format('DELETE FROM %s x USING victim v WHERE x.tableoid = v.t AND x.ctid = v.at', table_name);
	ELSE
		CREATE TEMP TABLE copy AS SELECT (whole).* FROM victim;
		IF kind = 'double' AND w.double IS NOT NULL THEN
			EXECUTE 'UPDATE copy SET ' || w.double;
		END IF;
		EXECUTE format('INSERT INTO %s TABLE copy', table_name);
	END IF;
	RETURN format('%s %s in %s', kind, c, table_name);
END $$;
CREATE TABLE done (t text, kind text, side text);
CREATE PROCEDURE corrupt_and_verify(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	c record;
	what text;
	found text[];
BEGIN
	FOR c IN SELECT w, kind, side
			FROM weak w, unnest(kinds) kind, unnest('{production,v2}'::text[]) side, generate_series(1, rounds)
			WHERE kind <> 'twin' OR side = 'v2' LOOP
		BEGIN
			what := corrupt(c.w, c.kind, c.side);
			SELECT array_agg(table_name) INTO found FROM gray_verify(2) WHERE differing > 0;
			RAISE EXCEPTION 'take it back' USING errcode = 'XX999';
		EXCEPTION WHEN SQLSTATE 'XX999' THEN
			IF found IS DISTINCT FROM ARRAY['verified.' || (c.w).t] THEN
				RAISE EXCEPTION '%, but found in %', what, found;
			END IF;
			INSERT INTO done VALUES ((c.w).t, c.kind, c.side);
		END;
	END LOOP;
END $$;
SELECT setseed(0.7);
CALL corrupt_and_verify(4);
SELECT t, kind, side, count(*) FROM done GROUP BY t, kind, side ORDER BY t, kind, side;
SELECT * FROM gray_verify(2);

-- figures: a row that differs, one that a side lacks; without a key, each row without an equal one
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE v2.cards SET note = 'x' WHERE id = 1;
DELETE FROM v2.cards WHERE id = 4;
INSERT INTO v2.cards VALUES (7, 2, 'note'), (100, 2, '');
UPDATE v2.cards SET id = NULL WHERE id = 100;
UPDATE v2.notes SET body = 'x' WHERE ctid = (SELECT min(ctid) FROM v2.notes WHERE user_id = 2);
INSERT INTO hits VALUES (2, 'a', 0), (2, 'z', 0);
SELECT * FROM gray_verify(2) WHERE differing > 0;
SELECT * FROM gray_verify(3) WHERE differing > 0;
ROLLBACK;
SELECT gray_close();
SELECT gray_migrate_back(2), gray_migrate_back(3);
SELECT gray_drop_release();
DROP SCHEMA verified CASCADE;
