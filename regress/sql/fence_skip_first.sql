-- pg_gray.fence = skip in a session's first statement: the library is not loaded before a row comes to the fence. Then
-- the statement is refused, to be tried again; never is a row written that it was to leave alone.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA first;
CREATE TABLE first.users (id integer PRIMARY KEY, seen integer DEFAULT 0);
CREATE TABLE first.orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES first.users ON DELETE CASCADE);
CREATE TABLE first.days (day date, user_id integer NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE first.days_26 PARTITION OF first.days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO first.users VALUES (1), (2);
INSERT INTO first.orders VALUES (1, 1), (2, 2);
SELECT gray_create_release('v2');
SELECT gray_clone('first.users', 'id'), gray_clone('first.orders', 'user_id'), gray_clone('first.days', 'user_id');
SELECT gray_add_user(1), gray_open();
SELECT gray_migrate(1);
-- tried again in the same session, it is heeded
\c -
SET pg_gray.fence = 'skip';
UPDATE first.users SET seen = seen + 1;
UPDATE first.users SET seen = seen + 1;
\c -
BEGIN;
SET LOCAL pg_gray.fence = 'skip';
DELETE FROM first.orders;
ROLLBACK;
BEGIN;
SET LOCAL pg_gray.fence = 'skip';
DELETE FROM first.orders;
ROLLBACK;
-- in a function, and prepared
\c -
SET pg_gray.fence = 'skip';
DO $$BEGIN UPDATE first.users SET seen = seen + 1; END$$;
DO $$BEGIN UPDATE first.users SET seen = seen + 1; UPDATE first.orders SET user_id = user_id; END$$;
\c -
SET pg_gray.fence = 'skip';
PREPARE p AS INSERT INTO first.orders VALUES (3, 1), (4, 2) RETURNING id;
EXECUTE p;
EXECUTE p;
-- where no row is to be left alone, the first statement does
\c -
SET pg_gray.fence = 'skip';
UPDATE first.users SET seen = seen + 1 WHERE id = 2;
UPDATE first.users SET seen = seen + 1;
-- a function loads the library, and sets it
\c -
SELECT gray_set_fence('skip');
SHOW pg_gray.fence;
UPDATE first.users SET seen = seen + 1;
SELECT gray_set_fence('skipp');
SELECT gray_set_fence(NULL);
SELECT gray_set_fence('check');
UPDATE first.users SET seen = seen + 1;
-- what can't leave rows alone is refused as always, when it is tried again
\c -
SET pg_gray.fence = 'skip';
COPY first.orders FROM stdin;
9	1
\.
COPY first.orders FROM stdin;
9	1
\.
INSERT INTO first.days VALUES ('2026-01-01', 1);
-- without the setting nothing is different
\c -
UPDATE first.users SET seen = seen + 1;

-- roles that have the setting, with and without the library
\c -
CREATE ROLE regress_gray_batch;
CREATE ROLE "regress_gray_Night";
CREATE ROLE regress_gray_ready;
ALTER ROLE regress_gray_batch SET pg_gray.fence = 'skip';
ALTER ROLE "regress_gray_Night" IN DATABASE contrib_regression SET pg_gray.fence = 'skip';
ALTER ROLE "regress_gray_Night" SET session_preload_libraries = 'auto_explain', 'auth_delay';
ALTER ROLE regress_gray_ready SET pg_gray.fence = 'skip';
ALTER ROLE regress_gray_ready SET session_preload_libraries = 'auto_explain', 'pg_gray';
SELECT severity, object, hint FROM gray_check() WHERE problem LIKE '%fence%';
ALTER ROLE "regress_gray_Night" IN DATABASE contrib_regression SET session_preload_libraries = 'pg_gray';
ALTER ROLE regress_gray_batch SET pg_gray.fence = 'check';
ALTER DATABASE contrib_regression SET pg_gray.fence = 'skip';
SELECT severity, object, hint FROM gray_check() WHERE problem LIKE '%fence%';
ALTER DATABASE contrib_regression SET session_preload_libraries = '$libdir/pg_gray';
SELECT severity, object, hint FROM gray_check() WHERE problem LIKE '%fence%';
\c -
UPDATE first.users SET seen = seen + 1;
SELECT * FROM first.users ORDER BY id;
ALTER DATABASE contrib_regression RESET session_preload_libraries;
ALTER DATABASE contrib_regression RESET pg_gray.fence;
\c -
SET client_min_messages = warning;
SELECT gray_migrate_back(1);
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA first CASCADE;
DROP ROLE regress_gray_batch, "regress_gray_Night", regress_gray_ready;
