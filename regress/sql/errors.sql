-- Which errors make a user failed or stuck, and which are raised, for another try.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA errors;
SET search_path = errors, public;
CREATE TABLE users (id integer PRIMARY KEY, code text);
CREATE FUNCTION raise(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
	$$BEGIN IF $1 <> '' THEN RAISE 'it is %', $1 USING ERRCODE = $1; END IF; RETURN $1; END$$;
INSERT INTO users VALUES (1, '');
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
SELECT gray_map('v2.users', 'code', up => 'errors.raise(code)', down => 'errors.raise(code)');
SELECT gray_set_percent(100), gray_open();
SET client_min_messages = error;
-- at once, instead of when the move has yielded for long enough
SET pg_gray.yield_timeout = 0;

CREATE FUNCTION move() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE gray_state(1) WHEN 'off' THEN gray_migrate(1) ELSE gray_migrate_back(1) END;
EXCEPTION WHEN query_canceled OR others THEN
	RETURN 'raised ' || sqlstate || ', ' || gray_state(1);
END $$;
CREATE FUNCTION try(sides text, code text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('UPDATE %s SET code = %L', sides, code);
	result := move();
	IF result IN ('failed', 'stuck') THEN
		PERFORM gray_reset(1);
	END IF;
	EXECUTE format('UPDATE %s SET code = %L', sides, '');
	RETURN result;
END $$;
CREATE TABLE codes AS SELECT * FROM (VALUES
	('40001', 'serialization_failure'),
	('40P01', 'deadlock_detected'),
	('53100', 'disk_full'),
	('53200', 'out_of_memory'),
	('55P03', 'lock_not_available'),
	('57014', 'query_canceled'),
	('57P01', 'admin_shutdown'),
	('72000', 'snapshot_too_old'),
	('08006', 'connection_failure'),
	('0A000', 'feature_not_supported'),
	('22012', 'division_by_zero'),
	('23514', 'check_violation'),
	('42501', 'insufficient_privilege'),
	('42P01', 'undefined_table'),
	('54001', 'statement_too_complex'),
	('55000', 'object_not_in_prerequisite_state'),
	('55006', 'object_in_use'),
	('58030', 'io_error'),
	('P0001', 'raise_exception'),
	('XX000', 'internal_error'),
	('XX001', 'data_corrupted')) AS v (code, name);
SELECT code, name, try('users', code) FROM codes;
SELECT gray_migrate(1);
SELECT code, name, try('v2.users', code) FROM codes;
SELECT gray_migrate_back(1);
SELECT kind, state, count(*), count(DISTINCT sqlstate) AS codes, min(row_key) FROM gray.history
	GROUP BY kind, state ORDER BY kind, state;

-- an error that does not come again, when it is looked for, is recorded all the same
CREATE SEQUENCE calls;
CREATE OR REPLACE FUNCTION raise(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
	$$BEGIN IF nextval('errors.calls') = 1 THEN RAISE 'once'; END IF; RETURN $1; END$$;
SELECT gray_migrate(1);
SELECT uid, state, sqlstate, message, table_name, row_key FROM gray.incidents;
SELECT gray_reset(1);

-- while it is looked for, a query can be cancelled
CREATE OR REPLACE FUNCTION raise(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
	IF nextval('errors.calls') < 10 THEN RAISE 'early'; END IF;
	RAISE 'late' USING ERRCODE = 'query_canceled';
END $$;
SELECT setval('calls', 8);
SELECT move();
SELECT last_value FROM calls;
DROP FUNCTION raise CASCADE;

SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA errors CASCADE;
