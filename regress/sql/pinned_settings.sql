-- What a value means, and what is kept of it as text, does not hang on the settings of the session that moves.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA pinned;
SET search_path = pinned, public;
CREATE TABLE users (id integer PRIMARY KEY, note text);
CREATE TABLE "all" (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text);
INSERT INTO users VALUES (1, 'a man''s'), (2, 'b');
INSERT INTO "all" VALUES (1, 1, 'x'), (2, 2, 'y');
SET timezone = 'Europe/Vienna';
SET lc_monetary = 'POSIX';
SET default_text_search_config = 'pg_catalog.german';
SELECT gray_create_release('v2');
SELECT time_zone, lc_monetary, text_search_config FROM gray.release;
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2."all" ADD tags text[], ADD n integer[], ADD price money, ADD bytes bytea, ADD span interval,
	ADD "table" regclass, ADD at timestamptz, ADD number double precision, ADD day date, ADD doc xml;
-- what an expression says of the settings, and what hangs on them
CREATE FUNCTION seen() RETURNS text STABLE LANGUAGE sql AS $$
	SELECT pg_catalog.string_agg(name || ' ' || pg_catalog.current_setting(name), E'\n' ORDER BY name)
	FROM pg_catalog.unnest(ARRAY['TimeZone', 'lc_monetary', 'default_text_search_config', 'array_nulls',
		'quote_all_identifiers', 'transform_null_equals', 'xmlbinary', 'standard_conforming_strings',
		'backslash_quote', 'gin_fuzzy_search_limit', 'timezone_abbreviations']) AS name $$;
ALTER TABLE v2.users ADD seen text, ADD words tsvector, ADD quoted text, ADD equals boolean, ADD made xml,
	ADD abbreviated timestamptz;
SELECT gray_map('v2.users', 'seen', up => 'pinned.seen()'),
	gray_map('v2.users', 'words', up => 'to_tsvector(''der Hunde'')'),
	gray_map('v2.users', 'quoted', up => $$'a\b' || E'\'' || note$$),
	gray_map('v2.users', 'equals', up => '(id = NULL) IS NULL'),
	gray_map('v2.users', 'made', up => 'xmlelement(name a, ''\x00ff''::bytea)'),
	gray_map('v2.users', 'abbreviated', up => '''2026-01-01 12:00 EST''::timestamptz');
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_open();
\c -
CREATE PROCEDURE pinned.prefer() LANGUAGE plpgsql AS $$BEGIN
	SET timezone = 'America/New_York'; SET datestyle = 'SQL, DMY'; SET intervalstyle = sql_standard;
	SET bytea_output = escape; SET extra_float_digits = 0; SET array_nulls = off; SET lc_monetary = 'C';
	SET quote_all_identifiers = on; SET transform_null_equals = on; SET xmloption = document; SET xmlbinary = hex;
	SET default_text_search_config = 'pg_catalog.english';
	SET gin_fuzzy_search_limit = 1; SET timezone_abbreviations = 'Australia'; SET backslash_quote = off;
END$$;
CALL pinned.prefer();
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT severity, object, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_migrate(1), gray_migrate(2);
\c -
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT id, seen, words, quoted, equals, made, abbreviated FROM v2.users WHERE id = 1;
UPDATE v2."all" SET tags = ARRAY['a', NULL, 'NULL', 'null'], n = '{1,NULL}', price = '1234.56', bytes = '\x00ff5c',
	span = '-1 day -1:00', "table" = 'pinned.all', at = '2026-03-01 12:00', number = 0.1::float8 + 0.2,
	day = '2026-02-03', doc = 'text' WHERE id = 1;
CREATE TABLE pinned.before AS TABLE v2."all";
\c -
CALL pinned.prefer();
SET standard_conforming_strings = off;
SELECT * FROM gray_verify(1);
SELECT gray_migrate_back(1), gray_migrate_back(2);
\c -
SELECT gray_migrate(1), gray_migrate(2);
SELECT count(*) FROM v2."all" a JOIN pinned.before b ON a *= b;
SELECT gray_migrate_back(1), gray_migrate_back(2);
\c -
CALL pinned.prefer();
SET standard_conforming_strings = off;
SELECT gray_migrate(1), gray_migrate(2);
SELECT gray_close();
SELECT gray_open();
SHOW array_nulls;
\c -
SELECT count(*) FROM v2."all" a JOIN pinned.before b ON a *= b;
SELECT kind, state, sqlstate, message FROM gray.history ORDER BY started;
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT gray_close();
SET client_min_messages = warning;
SELECT gray_drop_release('v2', force => true);
DROP SCHEMA pinned CASCADE;
