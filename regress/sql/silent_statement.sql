-- A move's statement is silent alone: what a function that it calls writes to the same table is the application's, and
-- fires triggers, also when PostgreSQL calls it while the statement is planned.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA silent;
SET search_path = silent, public;
CREATE TABLE users (id integer PRIMARY KEY, email text, note text);
INSERT INTO users SELECT i, 'old' || i FROM generate_series(1, 2) i;
CREATE TABLE audit (what text);
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN
		INSERT INTO silent.audit VALUES (TG_OP || ' ' || NEW.id || ' ' || coalesce(NEW.note, '')); RETURN NEW; END$$;
CREATE TRIGGER audit BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit();
CREATE FUNCTION write(text, integer) RETURNS void LANGUAGE plpgsql AS $$BEGIN
	EXECUTE format('UPDATE %s SET note = coalesce(note, '''') || ''+'' WHERE id = $1', $1) USING $2;
END$$;
-- called while the statement is planned, since it says that it is immutable, and while it runs; gray_check and
-- gray_open try it read-only
CREATE FUNCTION planned(text, integer) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
	$$BEGIN
		IF NOT current_setting('transaction_read_only')::boolean THEN PERFORM silent.write($1, $2); END IF;
		RETURN ''; END$$;
INSERT INTO users VALUES (98, 'in production'), (99, 'in gray');
TRUNCATE audit;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.users ADD extra text;
SELECT gray_map('v2.users', 'extra', up => 'note || silent.planned(''v2.users'', 99)');
SELECT gray_map('v2.users', 'note', down => 'note || silent.planned(''silent.users'', 98)');
SELECT gray_add_user(i) FROM unnest('{1,2,99}'::integer[]) i;
SELECT gray_open();
SELECT gray_migrate(99);
-- in a session that has not planned anything yet
\c -
SET search_path = silent, public;
SELECT gray_migrate(1), gray_migrate(2);
SELECT DISTINCT regexp_replace(what, '\++', '+') AS what FROM audit ORDER BY 1;
TRUNCATE audit;
UPDATE v2.users SET email = 'again' || id WHERE id = 1;
TRUNCATE audit;
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT DISTINCT regexp_replace(what, '\++', '+') AS what FROM audit ORDER BY 1;
SELECT id, email FROM users WHERE id IN (1, 2) ORDER BY id;
SELECT kind, sqlstate, message FROM gray.history WHERE sqlstate IS NOT NULL;
SET client_min_messages = warning;
SELECT gray_discard(99);
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA silent CASCADE;
