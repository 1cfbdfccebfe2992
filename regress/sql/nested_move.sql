-- A function that a move calls may neither move users nor change a release.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE EXTENSION IF NOT EXISTS amcheck;
RESET client_min_messages;
CREATE SCHEMA nested;
SET search_path = nested, public;
CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE, note text);
INSERT INTO users SELECT i, 'old' || i FROM generate_series(1, 4) i;
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
INSERT INTO orders SELECT i, i FROM generate_series(1, 4) i;

-- the statement that a user's note says, when the row is written in production
CREATE FUNCTION act(note text) RETURNS boolean LANGUAGE plpgsql AS
	$$BEGIN IF note LIKE 'SELECT%' THEN EXECUTE note; END IF; RETURN true; END$$;
ALTER TABLE users ADD CONSTRAINT acts CHECK (nested.act(note));
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.users DROP CONSTRAINT acts;
SELECT gray_add_user(i) FROM generate_series(1, 4) i;
SELECT gray_open();
SELECT gray_migrate(i) FROM generate_series(1, 4) i;
SELECT gray_remove_user(2);
UPDATE v2.users SET email = 'new' || id, note = 'changed';
CREATE PROCEDURE try(statement text) LANGUAGE plpgsql AS $$BEGIN
	UPDATE v2.users SET note = statement WHERE id = 1;
	PERFORM public.gray_migrate_back(1);
	PERFORM public.gray_reset(1);
END$$;
CALL try('SELECT public.gray_migrate_back(2)');
CALL try('SELECT public.gray_route(2)');
CALL try('SELECT public.gray_discard(2)');
CALL try('SELECT public.gray_migrate(1)');
CALL try('SELECT public.gray_close()');
CALL try('SELECT public.gray_drop_release(''v2'', true)');
CALL try('SELECT public.gray_map(''v2.users'', ''note'')');
SELECT state, sqlstate, message, detail FROM gray.history WHERE sqlstate IS NOT NULL GROUP BY 1, 2, 3, 4;
SELECT count(*) FROM gray.history WHERE sqlstate IS NOT NULL;
SELECT gray_state(i) FROM generate_series(1, 4) i;
SELECT * FROM users ORDER BY id;
-- what only looks does no harm; and a move that failed within another one leaves the next alone
UPDATE v2.users SET note = 'SELECT public.gray_state(2)' WHERE id = 1;
SELECT gray_migrate_back(1);
SELECT gray_migrate_back(2);
SELECT * FROM users ORDER BY id;
SELECT bt_index_check('users_email_key', true), bt_index_check('users_pkey', true);
SELECT gray_discard(3), gray_discard(4);
SELECT gray_close();
SELECT gray_drop_release();
ALTER TABLE users DROP CONSTRAINT acts;

SET client_min_messages = warning;
DROP SCHEMA nested CASCADE;
DROP EXTENSION amcheck;
