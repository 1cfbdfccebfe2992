-- Who may do what with every object of the extension: all of them, from the catalogs, so that a new one shows up
-- here.
-- The kinds of roles have what gray_grant gave them; the owner is that of the tables of an open release, besides what
-- owners of a catalog and superusers can do anyway.
\pset format aligned
\pset null '-'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_gateway;
CREATE ROLE regress_gray_operator;
CREATE ROLE regress_gray_monitor;
CREATE ROLE regress_gray_application;
CREATE ROLE regress_gray_owner;
CREATE ROLE regress_gray_nobody;
CREATE SCHEMA rights AUTHORIZATION regress_gray_owner;
SET ROLE regress_gray_owner;
CREATE TABLE rights.parts (id integer PRIMARY KEY);
CREATE TABLE rights.users (id integer PRIMARY KEY, part integer REFERENCES rights.parts ON DELETE CASCADE);
RESET ROLE;
-- whatever default privileges say
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_gray_nobody;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_gray_nobody;
ALTER DEFAULT PRIVILEGES IN SCHEMA gray GRANT ALL ON TABLES TO regress_gray_nobody;
ALTER DEFAULT PRIVILEGES IN SCHEMA gray GRANT ALL ON SEQUENCES TO regress_gray_nobody;
SELECT gray_create_release('v2');
SELECT gray_clone('rights.users', 'id');
SELECT gray_add_user(1), gray_open();
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_gray_nobody;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM regress_gray_nobody;
ALTER DEFAULT PRIVILEGES IN SCHEMA gray REVOKE ALL ON TABLES FROM regress_gray_nobody;
ALTER DEFAULT PRIVILEGES IN SCHEMA gray REVOKE ALL ON SEQUENCES FROM regress_gray_nobody;
SELECT gray_grant('regress_gray_' || kind, kind) FROM unnest('{gateway,operator,monitor,application}'::text[]) kind;

-- The release's tables are no members of the extension, and are in its schema.
CREATE TEMP VIEW object AS
	SELECT 1 AS place, 'schema ' || nspname AS name, nspacl AS acl FROM pg_namespace WHERE nspname = 'gray'
	UNION ALL SELECT 2, 'type ' || typname, coalesce(typacl, acldefault('T', typowner)) FROM pg_type
		WHERE typnamespace = 'gray'::regnamespace AND typtype = 'e'
	UNION ALL SELECT CASE relkind WHEN 'r' THEN 3 WHEN 'v' THEN 4 ELSE 5 END,
		CASE relkind WHEN 'r' THEN 'table ' WHEN 'v' THEN 'view ' ELSE 'sequence ' END || regexp_replace(relname,
		'\d+', 'N'),
		relacl FROM pg_class WHERE relnamespace = 'gray'::regnamespace AND relkind IN ('r', 'v', 'S')
	UNION ALL SELECT 6, format('column %s.%s', regexp_replace(attrelid::regclass::text, '\d+', 'N'), attname), attacl
		FROM pg_attribute WHERE attacl IS NOT NULL
		AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'gray'::regnamespace)
	UNION ALL SELECT 7, replace(p.oid::regprocedure::text, 'gray.', 'gray . '), coalesce(proacl, acldefault('f',
	proowner))
		FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		JOIN pg_extension x ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND x.extname = 'pg_gray';
CREATE FUNCTION pg_temp.has(acl aclitem[], role text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(CASE privilege_type WHEN 'EXECUTE' THEN 'x' ELSE lower(privilege_type) END,
		' ' ORDER BY privilege_type)
	FROM aclexplode(acl) WHERE grantee = CASE role WHEN 'public' THEN 0 ELSE ('regress_gray_' || role)::regrole::oid END
$$;
SELECT replace(name, ' . ', '.') AS object, pg_temp.has(acl, 'public') AS public, pg_temp.has(acl, 'gateway')
	AS gateway,
	pg_temp.has(acl, 'operator') AS operator, pg_temp.has(acl, 'monitor') AS monitor,
	pg_temp.has(acl, 'application') AS application, pg_temp.has(acl, 'owner') AS owner,
	pg_temp.has(acl, 'nobody') AS nobody
	FROM object ORDER BY place, name COLLATE "C";

-- members of the extension that are none of these
SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
	AND x.extname = 'pg_gray'
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	AND d.classid NOT IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass, 'pg_type'::regclass);

SELECT gray_close(), gray_drop_release();
-- when it is over, the owner has nothing
SELECT name FROM object WHERE pg_temp.has(acl, 'owner') IS NOT NULL;
DROP VIEW object;
DROP SCHEMA rights CASCADE;
DROP OWNED BY regress_gray_gateway, regress_gray_operator, regress_gray_monitor, regress_gray_application,
	regress_gray_owner, regress_gray_nobody;
DROP ROLE regress_gray_gateway, regress_gray_operator, regress_gray_monitor, regress_gray_application,
	regress_gray_owner, regress_gray_nobody;
