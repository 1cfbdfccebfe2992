-- ALTER DEFAULT PRIVILEGES opens nothing that the extension makes: not its own tables, not
-- the users' tables of a release, not the gray schema, and gray tables as production's are.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_anon;
RESET client_min_messages;
-- who but the owner may do what with what is in these schemas
CREATE FUNCTION opened(VARIADIC schemas name[]) RETURNS TABLE (object text, grantee text, privileges text)
	LANGUAGE sql AS $$
	SELECT o.name, CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE p.grantee::regrole::text END,
		string_agg(DISTINCT privilege_type, ' ')
	FROM (SELECT c.oid::regclass::text, relacl, relowner FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
			WHERE nspname = ANY (schemas)
		UNION ALL SELECT 'schema ' || nspname, nspacl, nspowner FROM pg_namespace WHERE nspname = ANY (schemas)
		UNION ALL SELECT t.oid::regtype::text, coalesce(typacl, acldefault('T', typowner)), typowner
			FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE nspname = ANY (schemas) AND typtype = 'e'
		UNION ALL SELECT proname || '()', coalesce(proacl, acldefault('f', proowner)), proowner FROM pg_proc p
			JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'gray' OR proname LIKE 'gray\_%')
		AS o (name, acl, owner),
		aclexplode(o.acl) AS p WHERE p.grantee <> o.owner GROUP BY 1, 2 ORDER BY 1, 2
$$;
SELECT * FROM opened('gray');

-- before CREATE EXTENSION
BEGIN;
DROP EXTENSION pg_gray;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_gray_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_gray_anon;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO regress_gray_anon;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO regress_gray_anon;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_gray_anon, PUBLIC;
CREATE EXTENSION pg_gray;
SELECT * FROM opened('gray');
ROLLBACK;

-- before the release and its tables: globally, and per schema
CREATE TABLE users (id integer PRIMARY KEY, kind text, at date NOT NULL DEFAULT '2024-01-01');
CREATE TABLE orders (id integer, user_id integer REFERENCES users, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE orders_1 PARTITION OF orders DEFAULT;
CREATE VIEW kinds AS SELECT kind FROM users;
GRANT SELECT ON orders TO regress_gray_anon;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_gray_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_gray_anon;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_gray_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA gray GRANT SELECT, UPDATE ON TABLES TO PUBLIC;
SELECT gray_create_release('v2');
SELECT * FROM opened('v2', 'gray') WHERE object LIKE '%v2%';
ALTER DEFAULT PRIVILEGES IN SCHEMA v2 GRANT INSERT ON TABLES TO regress_gray_anon;
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM opened('v2', 'gray') WHERE object ~ '_\d+|v2';
INSERT INTO users VALUES (1);
SELECT gray_add_user(1);
SELECT gray_open();
SELECT gray_migrate(1);
SELECT set_config('test.id', (SELECT id::text FROM gray.release), false);
SET ROLE regress_gray_anon;
SELECT gray_state(1);
DO $$DECLARE statement text; BEGIN
	FOREACH statement IN ARRAY ARRAY['SELECT FROM gray.kept_%s', 'UPDATE gray.state_%s SET state = ''off''',
		'TRUNCATE gray.cohort_%s', 'DELETE FROM gray.attempt_%s', 'SELECT nextval(''gray.attempt_%s_id_seq'')'] LOOP
		BEGIN
			EXECUTE format(statement, current_setting('test.id'));
			RAISE NOTICE '%: done', statement;
		EXCEPTION WHEN insufficient_privilege THEN RAISE NOTICE '%: refused', statement;
		END;
	END LOOP;
END$$;
RESET ROLE;
SELECT gray_close();
SELECT gray_migrate_back(1);
SELECT gray_drop_release();

-- a schema that was there is the user's own, and left as it is
ALTER DEFAULT PRIVILEGES IN SCHEMA v2 REVOKE INSERT ON TABLES FROM regress_gray_anon;
SELECT gray_create_release('v2');
SELECT * FROM opened('v2') WHERE object LIKE '%v2%';
SELECT gray_drop_release();

SET client_min_messages = warning;
DROP SCHEMA v2;
DROP TABLE users, orders CASCADE;
DROP FUNCTION opened;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_gray_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM regress_gray_anon;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM regress_gray_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA gray REVOKE ALL ON TABLES FROM PUBLIC;
DROP ROLE regress_gray_anon;
