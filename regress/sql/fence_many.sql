-- A transaction that writes rows of many users locks the release instead of each of them.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(41, 45) u;
SELECT side, state FROM generate_series(41, 45) u, gray_route(u);
CREATE VIEW locks AS SELECT objsubid, mode, count(*) FROM pg_locks
	WHERE pid = pg_backend_pid() AND locktype = 'advisory' GROUP BY 1, 2 ORDER BY 1, 2;

SHOW pg_gray.max_user_locks;
SET pg_gray.max_user_locks = 5;
BEGIN;
UPDATE users SET name = 'x' WHERE id <= 5;
SELECT * FROM locks;
SAVEPOINT a;
UPDATE users SET name = 'x' WHERE id <= 40;
SELECT * FROM locks;
-- both sides are still told apart
UPDATE v2.users SET name = 'y';
SAVEPOINT b;
UPDATE orders SET total = 5 WHERE id = 41;
ROLLBACK TO b;
INSERT INTO v2.users (id, name) VALUES (7, 'x');
ROLLBACK TO b;
INSERT INTO items VALUES (1001, 42, 1, 1);
ROLLBACK TO b;
-- gone with its subtransaction
ROLLBACK TO a;
SELECT * FROM locks;
UPDATE users SET name = 'x' WHERE id <= 4;
SELECT * FROM locks;
-- or its parent's, when it is released
SAVEPOINT c;
UPDATE users SET name = 'x' WHERE id = 6;
RELEASE c;
UPDATE users SET name = 'x' WHERE id <= 40;
SELECT * FROM locks;
COMMIT;
SELECT * FROM locks;
-- a move in the same transaction
BEGIN;
UPDATE users SET name = 'x' WHERE id <= 40;
SELECT gray_migrate_back(45);
UPDATE users SET name = 'x' WHERE id = 45;
SAVEPOINT a;
SELECT gray_migrate_back(44);
UPDATE users SET name = 'x' WHERE id <= 40 OR id = 44;
ROLLBACK TO a;
UPDATE users SET name = 'x' WHERE id <= 40 OR id = 45;
UPDATE users SET name = 'x' WHERE id = 44;
ROLLBACK;
-- none at all, one by one
SET pg_gray.max_user_locks = 0;
BEGIN;
UPDATE users SET name = 'x' WHERE id = 7;
SELECT * FROM locks;
UPDATE v2.users SET name = 'x' WHERE id = 42;
SAVEPOINT a;
UPDATE users SET name = 'x' WHERE id = 42;
COMMIT;
RESET pg_gray.max_user_locks;
SELECT gray_close();
SELECT gray_migrate_back(u) FROM generate_series(41, 45) u;
SELECT gray_drop_release();

-- uids of text, and more users than the lock table has room for
CREATE TABLE people (name text PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
INSERT INTO people SELECT 'somebody whose name is ' || i FROM generate_series(1, 200000) i;
SELECT gray_create_release('v3');
SELECT gray_clone('people', 'name');
SELECT gray_add_user('somebody whose name is ' || i) FROM generate_series(1, 5) i;
SELECT gray_open();
SELECT gray_migrate('somebody whose name is ' || i) FROM generate_series(1, 5) i;
BEGIN;
UPDATE people SET visits = 1 WHERE NOT name LIKE '% _';
SELECT * FROM locks;
UPDATE v3.people SET visits = 2;
UPDATE people SET visits = 2 WHERE name LIKE '% 4';
ROLLBACK;
SELECT gray_discard('somebody whose name is ' || i) FROM generate_series(1, 5) i;
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
