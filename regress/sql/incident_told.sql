-- Who may read gray.incidents is told what a failed move met; others are told that there is an incident, and no row.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE FUNCTION speak(quantity integer) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
	IF quantity > 1 THEN
		RAISE WARNING 'a secret warning';
	END IF;
	IF quantity = 101 THEN
		RAISE 'secret %', quantity USING ERRCODE = '40001', DETAIL = 'a secret detail';
	ELSIF quantity = 99 THEN
		EXECUTE 'SELECT pg_sleep(60), ''a secret literal''';
	END IF;
	RETURN true;
END $$;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.users ADD CONSTRAINT short CHECK (length(name) < 20);
ALTER TABLE v2.items ADD CONSTRAINT speak CHECK (shop.speak(quantity));
UPDATE users SET name = 'secret of user ' || id, email = NULL WHERE id IN (1, 2, 3, 4);
UPDATE users SET name = 'too long a secret of user ' || id WHERE id IN (1, 2);
UPDATE items SET quantity = CASE WHEN order_id % 50 = 4 THEN 99 ELSE 101 END
	WHERE order_id % 50 IN (4, 5);
ALTER TABLE v2.users ADD COLUMN number integer;
SELECT gray_map('v2.users', 'number', up => $$CASE WHEN email LIKE 'x%' THEN email::integer END$$);
UPDATE users SET email = repeat('x', 100000) WHERE id = 7;
SELECT gray_set_percent(100), gray_open();
CREATE ROLE regress_gray_gateway;
CREATE ROLE regress_gray_monitor;
GRANT EXECUTE ON FUNCTION gray_route(text, name), gray_migrate_back(text, name), gray_discard(text, name)
	TO regress_gray_gateway, regress_gray_monitor;
GRANT SELECT ON gray.incidents TO regress_gray_monitor;

-- to gray
SET SESSION AUTHORIZATION regress_gray_gateway;
SELECT * FROM gray_route('1');
SET SESSION AUTHORIZATION regress_gray_monitor;
SELECT * FROM gray_route('2');
RESET SESSION AUTHORIZATION;
SELECT release, incident, uid, state, message, detail FROM gray.incidents;
SELECT incident, uid, state FROM gray.history;

-- a client's value may be large, and is not stored with each incident
SET client_min_messages = error;
SELECT * FROM gray_route(7);
RESET client_min_messages;
SELECT left(message, 50) AS message, length(message), right(message, 10) FROM gray.incidents WHERE uid = '7';

-- what time cures is raised, with the code alone
SET SESSION AUTHORIZATION regress_gray_gateway;
SELECT * FROM gray_route('6');
\echo :LAST_ERROR_SQLSTATE
SET SESSION AUTHORIZATION regress_gray_monitor;
SELECT * FROM gray_route('6');
-- what PostgreSQL says of itself is not of rows
SET SESSION AUTHORIZATION regress_gray_gateway;
SET statement_timeout = '500ms';
SELECT * FROM gray_route('5');
RESET statement_timeout;

-- home, and given up
RESET SESSION AUTHORIZATION;
SELECT * FROM gray_route(3);
ALTER TABLE users ADD CONSTRAINT plain CHECK (name <> 'secret of gray');
UPDATE v2.users SET name = 'secret of gray' WHERE id = 3;
SET SESSION AUTHORIZATION regress_gray_gateway;
SELECT gray_migrate_back('3');
RESET SESSION AUTHORIZATION;
CREATE FUNCTION speak_row() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN RAISE 'secret %', OLD; END$$;
CREATE TABLE visits (id integer PRIMARY KEY, user_id integer REFERENCES v2.users ON DELETE CASCADE, secret text);
CREATE TRIGGER speak BEFORE DELETE ON visits FOR EACH ROW EXECUTE FUNCTION speak_row();
INSERT INTO visits VALUES (1, 3, 'of visits');
SET SESSION AUTHORIZATION regress_gray_gateway;
SELECT gray_discard('3');
SET SESSION AUTHORIZATION regress_gray_monitor;
SELECT gray_discard('3');
RESET SESSION AUTHORIZATION;
DROP TABLE visits;

-- the function's owner may read it, but not who gets the answer; nor a role that was set
CREATE FUNCTION route(uid text) RETURNS text SECURITY DEFINER LANGUAGE sql AS
	$$SELECT state::text FROM public.gray_route(uid)$$;
GRANT USAGE ON SCHEMA shop TO regress_gray_gateway;
SELECT gray_reset(1);
SET SESSION AUTHORIZATION regress_gray_gateway;
SELECT shop.route('1');
RESET SESSION AUTHORIZATION;
SELECT gray_reset(1);
SET ROLE regress_gray_gateway;
SELECT * FROM gray_route('1');
RESET ROLE;

-- what we say ourselves is told
ALTER TABLE users DISABLE TRIGGER "00_pg_gray_fence";
SET SESSION AUTHORIZATION regress_gray_gateway;
SELECT * FROM gray_route('10');
RESET SESSION AUTHORIZATION;
ALTER TABLE users ENABLE ALWAYS TRIGGER "00_pg_gray_fence";

SELECT gray_close();
SELECT gray_discard(3);
SELECT gray_drop_release();
SET client_min_messages = error;
DROP SCHEMA shop CASCADE;
REVOKE ALL ON FUNCTION gray_route(text, name), gray_migrate_back(text, name), gray_discard(text, name)
	FROM regress_gray_gateway, regress_gray_monitor;
REVOKE ALL ON gray.incidents FROM regress_gray_monitor;
DROP ROLE regress_gray_gateway, regress_gray_monitor;
