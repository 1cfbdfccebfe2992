-- A way home in the transaction that wrote in gray comes after its deferred checks.
SET client_min_messages = warning;
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (
	id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, user_id integer NOT NULL REFERENCES users, note text
);
CREATE TABLE visits (
	user_id integer REFERENCES users DEFERRABLE INITIALLY DEFERRED, day integer, PRIMARY KEY (user_id, day)
) PARTITION BY RANGE (day);
CREATE TABLE visits_all PARTITION OF visits DEFAULT;
INSERT INTO users VALUES (1);
INSERT INTO orders VALUES (1, 1, 'first'), (2, 1, 'second');
CREATE EXTENSION IF NOT EXISTS pg_gray SCHEMA public;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_set_percent(100), gray_open();
SELECT gray_migrate(1);

-- two orders that have one key: neither value is lost
BEGIN;
UPDATE v2.orders SET id = 1, note = note || ', changed';
SAVEPOINT a;
SELECT gray_migrate_back(1);
ROLLBACK TO a;
SELECT gray_state(1);
UPDATE v2.orders SET id = 2 WHERE note LIKE 'second%';
SET CONSTRAINTS ALL IMMEDIATE;
SELECT gray_migrate_back(1);
COMMIT;
TABLE orders ORDER BY id;

-- in a partition
SELECT gray_migrate(1);
BEGIN;
INSERT INTO v2.visits VALUES (1, 7);
SELECT gray_migrate_back(1);
ROLLBACK;

-- checked as they were written: nothing is pending
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO v2.visits VALUES (1, 7);
SELECT gray_migrate_back(1);
COMMIT;
TABLE visits;
SELECT kind, state, row_count FROM gray.history ORDER BY started;

-- to gray: rows that are still to be checked may be moved, since the frozen ones are checked at COMMIT
BEGIN;
INSERT INTO visits VALUES (1, 8);
SELECT gray_migrate(1);
COMMIT;
SELECT gray_migrate_back(1);
BEGIN;
DELETE FROM orders;
DELETE FROM users;
SELECT gray_migrate(1);
COMMIT;
BEGIN;
UPDATE orders SET id = 1;
-- wrong rows are the transaction's fault: the user is not failed, and it can go on
SAVEPOINT a;
SELECT gray_migrate(1);
ROLLBACK TO a;
SELECT gray_state(1);
UPDATE orders SET id = 2 WHERE note LIKE 'second%';
SELECT gray_migrate(1);
UPDATE v2.orders SET note = note || ', in gray';
COMMIT;
SELECT gray_migrate_back(1);
TABLE orders ORDER BY id;
-- where gray has no such key, the rows can be moved, and COMMIT refuses both
ALTER TABLE v2.orders DROP CONSTRAINT orders_pkey;
BEGIN;
UPDATE orders SET id = 1;
SELECT gray_migrate(1);
UPDATE v2.orders SET note = 'of two' WHERE note LIKE 'first%';
SELECT gray_migrate_back(1);
COMMIT;
SELECT gray_state(1);
TABLE orders ORDER BY id;
-- not deferred, but of the statement that moves
SELECT gray_migrate(1);
WITH written AS (UPDATE v2.orders SET id = 1 RETURNING user_id) SELECT gray_migrate_back(min(user_id)) FROM written;
SELECT gray_state(1);
SELECT gray_migrate_back(1);
WITH written AS (UPDATE orders SET id = 1 RETURNING user_id) SELECT gray_migrate(min(user_id)) FROM written;
SELECT gray_state(1);
TABLE orders ORDER BY id;

SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA shop CASCADE;
