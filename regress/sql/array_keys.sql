-- Rows know their twins by a key of any type that PostgreSQL can index: arrays whose elements have a length,
-- domains over such, arrays of domains, enums, ranges, composites; also when gray widens them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA keyed;
SET search_path = keyed, public;
CREATE DOMAIN short AS varchar(5);
CREATE DOMAIN shorts AS varchar(5)[] CHECK (cardinality(VALUE) < 4);
CREATE TYPE colour AS ENUM ('a', 'b', 'c', 'd', 'e');
CREATE TYPE pair AS (one varchar(5), two numeric(5,2)[]);
CREATE TABLE users (id integer PRIMARY KEY);
-- key types and what a digit becomes in each; gray's wider type, if any
CREATE TABLE kinds (name text, type text, value text, wider text);
INSERT INTO kinds VALUES
	('varchars', 'varchar(5)[]', 'ARRAY[%s::text]', 'varchar(9)[]'),
	('chars', 'char(3)[]', 'ARRAY[%s::text]', 'text[]'),
	('numbers', 'numeric(5,2)[]', 'ARRAY[%s, 0.5]', 'numeric(9,2)[]'),
	('times', 'timestamp(0)[]', 'ARRAY[timestamp ''2024-01-01'' + %s * interval ''1 day'']', 'timestamp(3)[]'),
	('bits', 'bit(3)[]', 'ARRAY[%s::bit(3)]', NULL),
	('domains', 'shorts', 'ARRAY[%s::text]', 'varchar(9)[]'),
	('of_domains', 'short[]', 'ARRAY[%s::text]', 'text[]'),
	('of_enums', 'colour[]', 'ARRAY[chr(96 + %s)]::colour[]', NULL),
	('enums', 'colour', 'chr(96 + %s)::colour', NULL),
	('ranges', 'int4range', 'int4range(%1$s * 10, %1$s * 10 + 5)', NULL),
	('pairs', 'pair', 'ROW(%1$s::text, ARRAY[%1$s])', NULL);
SELECT format('CREATE TABLE %1$I (k %2$s PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text,'
	' exact numeric);'
	' CREATE INDEX ON %1$I (user_id)', name, type) FROM kinds \gexec
INSERT INTO users VALUES (1), (2);
SELECT format('INSERT INTO %I SELECT (%s)::%s, i %% 2 + 1, ''note'', 1 FROM generate_series(1, 4) AS i', name,
	format(value, 'i'), type) FROM kinds \gexec
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT format('ALTER TABLE v2.%I ADD extra integer, ALTER exact TYPE numeric(9,3)', name) FROM kinds \gexec

-- An SQL expression: the key that a digit stands for, in a table of this schema.
CREATE FUNCTION key_of(k kinds, schema text, digit text) RETURNS text LANGUAGE sql AS $$
	SELECT format('(%s)::%s', format(k.value, digit), format_type(atttypid, atttypmod))
	FROM pg_attribute WHERE attrelid = format('%I.%I', schema, k.name)::regclass AND attname = 'k'
$$;
-- One round trip: what is changed, deleted and made comes home, what only gray can hold is there again.
CREATE FUNCTION round_trip() RETURNS TABLE (table_name text, home text, kept text) LANGUAGE plpgsql AS $$
DECLARE
	k kinds;
BEGIN
	PERFORM gray_migrate(1);
	FOR k IN SELECT * FROM kinds LOOP
		EXECUTE format('UPDATE v2.%I SET note = ''gray'', extra = 7 WHERE k = %s', k.name, key_of(k, 'v2', '2'));
		EXECUTE format('DELETE FROM v2.%I WHERE k = %s', k.name, key_of(k, 'v2', '4'));
		EXECUTE format('INSERT INTO v2.%I (k, user_id, note) VALUES (%s, 1, ''new'')', k.name, key_of(k, 'v2', '5'));
	END LOOP;
	IF gray_migrate_back(1) <> 'off' THEN
		RAISE EXCEPTION 'stuck: %', (SELECT message FROM gray.incidents LIMIT 1);
	END IF;
	PERFORM gray_migrate(1);
	FOR k IN SELECT * FROM kinds LOOP
		table_name := k.name;
		EXECUTE format('SELECT string_agg(note, '' '' ORDER BY k::text) FROM %I WHERE user_id = 1', k.name) INTO home;
		EXECUTE format('SELECT string_agg(coalesce(extra::text, ''-''), '' '' ORDER BY k::text) FROM v2.%I',
			k.name) INTO kept;
		RETURN NEXT;
	END LOOP;
	PERFORM gray_discard(1);
	FOR k IN SELECT * FROM kinds LOOP
		EXECUTE format('DELETE FROM %I WHERE user_id = 1', k.name);
		EXECUTE format('INSERT INTO %I SELECT %s, 1, ''note'', 1 FROM generate_series(2, 4, 2) AS i', k.name,
			key_of(k, 'keyed', 'i'));
	END LOOP;
END
$$;
SELECT gray_add_user(1), gray_open();
SELECT * FROM round_trip();
SELECT format('ALTER TABLE v2.%I ALTER k TYPE %s', name, wider) FROM kinds WHERE wider IS NOT NULL \gexec
SELECT * FROM round_trip();
SET pg_gray.back_strategy = 'replace';
SELECT table_name, home FROM round_trip();
SELECT gray_close();
SELECT gray_drop_release(force => true);
DROP SCHEMA keyed CASCADE;
