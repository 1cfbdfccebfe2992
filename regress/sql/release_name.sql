-- gray_create_release and the constraint of gray.release have the same rule for a release's name.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
\pset tuples_only on
\pset format unaligned
CREATE SCHEMA release_name;
SET search_path = release_name, public;
-- the function refuses a good name, too, for its schema: but with another error
CREATE FUNCTION function_takes(text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gray_create_release($1::name, 'pg_catalog');
EXCEPTION
	WHEN invalid_name THEN RETURN false;
	WHEN reserved_name THEN RETURN true;
END $$;
CREATE FUNCTION constraint_takes(text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	rule text := (SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint
				  WHERE conrelid = 'gray.release'::regclass AND conname = 'release_release_check');
	result boolean;
BEGIN
	EXECUTE 'SELECT ' || rule || ' FROM (SELECT $1::name AS release) AS r' INTO result USING $1;
	RETURN result;
END $$;
CREATE TABLE names AS
	SELECT before || chr(code) || behind AS name
	FROM generate_series(1, 127) AS code, (VALUES ('', ''), ('v', ''), ('', 'v')) AS around (before, behind)
	UNION ALL VALUES (''), ('v2'), ('vé'), (repeat('v', 63));
SELECT name FROM names WHERE function_takes(name) IS DISTINCT FROM constraint_takes(name);
SELECT string_agg(name, '' ORDER BY name COLLATE "C") FROM names WHERE length(name) = 1 AND function_takes(name);
SELECT count(*), count(*) FILTER (WHERE function_takes(name)) FROM names;
SET client_min_messages = warning;
DROP SCHEMA release_name CASCADE;
