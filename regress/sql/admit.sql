-- What the owner of a release's tables was granted for it follows ALTER OWNER, and ends with the release.
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE "regress_gray_ First";
CREATE ROLE regress_gray_second;
CREATE ROLE regress_gray_outside;
CREATE SCHEMA admit;
GRANT ALL ON SCHEMA admit TO "regress_gray_ First", regress_gray_second, regress_gray_outside;
SET search_path = admit, public;
CREATE TABLE shelves (id integer, day date NOT NULL DEFAULT '2026-01-01', PRIMARY KEY (id,
	day)) PARTITION BY RANGE (day);
CREATE TABLE shelves_26 PARTITION OF shelves FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE shelves OWNER TO regress_gray_outside;
ALTER TABLE shelves_26 OWNER TO regress_gray_outside;
GRANT REFERENCES ON shelves TO "regress_gray_ First", regress_gray_second;
SET ROLE "regress_gray_ First";
CREATE TABLE users (id integer PRIMARY KEY, note text);
CREATE TABLE days (user_id integer NOT NULL REFERENCES users, day date, PRIMARY KEY (user_id,
	day)) PARTITION BY RANGE (day);
CREATE TABLE days_26 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE books (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, shelf integer, day date,
	FOREIGN KEY (shelf, day) REFERENCES shelves ON DELETE CASCADE);
INSERT INTO users VALUES (1, 'a'), (2, 'b');
INSERT INTO days VALUES (1, '2026-02-02'), (2, '2026-02-02');
RESET ROLE;
-- what these roles have of schema gray and of v2
CREATE FUNCTION granted() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format('%s: %s', grantee, string_agg(what, ', ' ORDER BY what COLLATE "C")) FROM (
		SELECT a.grantee::regrole::text, regexp_replace(c.oid::regclass::text, '\d+',
			'N') || ' ' || lower(string_agg(privilege_type, '+' ORDER BY privilege_type))
			FROM pg_class c, aclexplode(relacl) a WHERE relnamespace = 'gray'::regnamespace GROUP BY 1, c.oid
		UNION ALL SELECT a.grantee::regrole::text,
		regexp_replace(attrelid::regclass::text, '\d+', 'N') || '.' || attname
			FROM pg_attribute, aclexplode(attacl) a WHERE attrelid IN (SELECT oid FROM pg_class
			WHERE relnamespace = 'gray'::regnamespace)
		UNION ALL SELECT a.grantee::regrole::text, p.oid::regprocedure::text FROM pg_proc p, aclexplode(proacl) a
			WHERE pronamespace = 'gray'::regnamespace
		UNION ALL SELECT a.grantee::regrole::text, nspname || ' ' || lower(privilege_type) FROM pg_namespace,
		aclexplode(nspacl) a
			WHERE nspname IN ('v2', 'gray')) AS g (grantee, what)
	WHERE grantee LIKE '%regress\_gray%' GROUP BY grantee ORDER BY grantee COLLATE "C" $$;

SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\echo -- while there is a release
SELECT granted();
SELECT gray_add_user(1), gray_add_user(2), gray_open();
SELECT granted();
\echo -- a new partition gets the fence, as its owner
SET ROLE "regress_gray_ First";
CREATE TABLE days_27 PARTITION OF days FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
SET ROLE regress_gray_outside;
CREATE TABLE shelves_27 PARTITION OF shelves FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
RESET ROLE;
ALTER TABLE v2.users ADD COLUMN extra text DEFAULT 'x';
CREATE TABLE v2.days_27 PARTITION OF v2.days FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
ALTER TABLE v2.days_27 OWNER TO "regress_gray_ First";
SELECT side, state FROM gray_route(1);
UPDATE v2.users SET extra = 'kept' WHERE id = 1;
SELECT gray_migrate_back(1);

\echo -- another owner: told, then taken from the one, and given to the other; by a move
BEGIN;
REASSIGN OWNED BY "regress_gray_ First" TO regress_gray_second;
SELECT object ~ '^gray.kept_', problem FROM gray_check() WHERE problem ~ 'regress_gray_ First';
SELECT side, state FROM gray_route(1);
SELECT extra FROM v2.users;
SELECT granted();
ROLLBACK;
\echo -- by gray_open
BEGIN;
REASSIGN OWNED BY "regress_gray_ First" TO regress_gray_second;
SELECT gray_open();
SELECT granted();
SELECT count(*) FROM gray_check() WHERE problem ~ 'regress_gray_ First';
ROLLBACK;
\echo -- and by a move that fails
BEGIN;
REASSIGN OWNED BY "regress_gray_ First" TO regress_gray_second;
REVOKE ALL ON SCHEMA admit FROM regress_gray_second;
SET LOCAL client_min_messages = error;
SELECT side, state FROM gray_route(2);
SELECT granted();
ROLLBACK;

\echo -- as long as another release needs it, and no longer
SET ROLE "regress_gray_ First";
CREATE TABLE others (id integer PRIMARY KEY);
RESET ROLE;
SELECT gray_create_release('v3');
SELECT gray_clone('others', 'id', 'v3');
SELECT gray_open('v3');
SELECT gray_close('v2'), gray_drop_release('v2', true);
SELECT granted();
SELECT gray_drop_release('v3');
SELECT granted();

DROP SCHEMA admit CASCADE;
DROP OWNED BY "regress_gray_ First", regress_gray_second, regress_gray_outside;
DROP ROLE "regress_gray_ First", regress_gray_second, regress_gray_outside;
