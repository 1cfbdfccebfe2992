-- Who may do what with a gray table is who may do so in production.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE ROLE regress_gray_reader;
CREATE ROLE regress_gray_clerk;
GRANT USAGE ON SCHEMA shop TO regress_gray_reader, regress_gray_clerk;
GRANT SELECT ON orders TO regress_gray_reader WITH GRANT OPTION;
SET ROLE regress_gray_reader;
GRANT SELECT ON shop.orders TO regress_gray_clerk;
RESET ROLE;
GRANT SELECT (id, name), UPDATE (name) ON users TO regress_gray_clerk;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders TO regress_gray_clerk
	USING (user_id IN (SELECT u.id FROM users u WHERE u.name = 'user 42'));
CREATE POLICY few ON orders AS RESTRICTIVE FOR SELECT TO PUBLIC USING (id < 100);
-- default privileges of the gray schema don't add to it
CREATE SCHEMA v2;
ALTER DEFAULT PRIVILEGES IN SCHEMA v2 GRANT ALL ON TABLES TO regress_gray_clerk;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_diff();
SELECT c.oid::regclass, p.grantee::regrole, p.grantor::regrole = c.relowner::regrole AS by_owner,
	p.privilege_type, p.is_grantable
	FROM pg_class c, aclexplode(c.relacl) p
	WHERE c.oid IN ('orders'::regclass, 'v2.orders'::regclass) AND p.grantee <> c.relowner
	ORDER BY c.oid::regclass::text COLLATE "C", p.grantee::regrole::text COLLATE "C", 4;
SELECT polrelid::regclass, polname, pg_get_expr(polqual, polrelid) FROM pg_policy
	ORDER BY polname, polrelid::regclass::text COLLATE "C";
SELECT r, has_schema_privilege(r, 'shop', 'usage') AS production, has_schema_privilege(r, 'v2', 'usage') AS gray
	FROM (VALUES ('regress_gray_reader'), ('regress_gray_clerk')) AS r (r);

GRANT USAGE ON SCHEMA v2 TO regress_gray_clerk;
SELECT gray_open();
SELECT gray_add_user(42);
SELECT * FROM gray_route(42);
SET ROLE regress_gray_clerk;
SELECT id FROM v2.users;
SELECT email FROM v2.users;
SELECT id FROM v2.orders ORDER BY id;
DELETE FROM v2.orders;
RESET ROLE;
SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA v2, shop CASCADE;
DROP OWNED BY regress_gray_reader, regress_gray_clerk;
DROP ROLE regress_gray_reader, regress_gray_clerk;
