-- A table owner's code never runs as the owner of the catalog when a parked table is made or follows its table.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SET client_min_messages = warning;
CREATE ROLE regress_gray_dev;
GRANT ALL ON SCHEMA shop TO regress_gray_dev;
ALTER TABLE users OWNER TO regress_gray_dev;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone('users', 'id');
SELECT gray_open();
GRANT ALL ON SCHEMA v2 TO regress_gray_dev;
CREATE TABLE v2.ran (who name, what text);
GRANT ALL ON v2.ran TO PUBLIC;
GRANT USAGE ON SCHEMA v2 TO PUBLIC;
CREATE FUNCTION v2.spy(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO v2.ran VALUES (current_user, spy.what);
	RETURN true;
END $$;
CREATE FUNCTION v2.spy_default() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	PERFORM v2.spy('default');
	RETURN 1;
END $$;
SET ROLE regress_gray_dev;
CREATE DOMAIN v2.number AS integer DEFAULT v2.spy_default() CHECK (v2.spy('check'));
CREATE TABLE v2.notes (user_id integer NOT NULL REFERENCES v2.users, a v2.number,
	parked_uid integer, parked_uid_2 integer);
RESET ROLE;
SELECT gray_add_user(1);
SELECT gray_migrate(1);
SET ROLE regress_gray_dev;
INSERT INTO v2.notes VALUES (1, 1), (1, DEFAULT);
RESET ROLE;
SELECT gray_migrate_back(1);
SET ROLE regress_gray_dev;
ALTER TABLE v2.notes ADD b v2.number, ADD c v2.number DEFAULT v2.spy_default() CHECK (v2.spy('check'));
RESET ROLE;
SELECT gray_migrate(1);
TABLE v2.notes;
SELECT DISTINCT * FROM v2.ran;
-- A domain is parked as its base type: so a value may leave the domain, and the domain may be dropped.
SELECT gray_migrate_back(1);
SET ROLE regress_gray_dev;
ALTER TABLE v2.notes ALTER a TYPE integer, DROP b, DROP c;
DROP DOMAIN v2.number;
CREATE DOMAIN v2.name AS varchar(10) COLLATE "C";
ALTER TABLE v2.notes ADD d v2.name DEFAULT 'x';
RESET ROLE;
SELECT gray_migrate(1);
TABLE v2.notes;
SELECT gray_migrate_back(1);
SELECT attname, atttypid::regtype, atttypmod, attcollation::regcollation FROM pg_attribute
	WHERE attrelid = 'gray.parked_1_2'::regclass AND attnum > 3 ORDER BY attnum;
-- A value that the domain does not take any more stays parked, and the user at home.
SET ROLE regress_gray_dev;
ALTER DOMAIN v2.name ADD CHECK (VALUE <> 'x');
RESET ROLE;
SELECT gray_migrate(1);
SELECT count(*) FROM gray.parked_1_2;
SET client_min_messages = warning;
SELECT gray_close();
SELECT gray_drop_release(force => true);
DROP SCHEMA v2 CASCADE;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
DROP ROLE regress_gray_dev;
