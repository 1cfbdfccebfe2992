-- The end of a successful release, as docs/end.md has it: production gets version 2's columns, and users come home
-- to them
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA ends;
SET search_path = ends, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text);
CREATE INDEX ON orders (user_id);
INSERT INTO users SELECT generate_series(1, 4);
INSERT INTO orders SELECT u * 10 + n, u, 'note' FROM generate_series(1, 4) u, generate_series(1, 2) n;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.orders ADD gift text DEFAULT '', ADD wrap text;
SELECT gray_add_user(u) FROM generate_series(1, 3) u;
SELECT gray_open();
SELECT gray_migrate(u) FROM generate_series(1, 3) u;
-- 1 comes home and stays there, 2 is in gray for the second time, 3 for the first, 4 never was
UPDATE v2.orders SET gift = 'first stay', wrap = 'paper' WHERE id % 10 = 1;
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT gray_remove_user(1);
SELECT gray_migrate(2);
UPDATE v2.orders SET gift = 'second stay' WHERE id = 22;
SELECT users_on, users_kept FROM gray.status;
SELECT * FROM gray.kept;

ALTER TABLE orders ADD gift text DEFAULT '';
SELECT * FROM gray_diff() WHERE object LIKE 'column%';
SELECT * FROM gray_check();
SELECT gray_drop_release();
SELECT gray_add_user(uid) FROM (SELECT DISTINCT uid FROM gray.kept) AS k;
SELECT format('SELECT gray_migrate(%L)', uid) FROM (SELECT DISTINCT uid FROM gray.kept ORDER BY uid) AS k \gexec
SELECT gray_close();
SELECT format('SELECT gray_migrate_back(%L)', uid) FROM gray_roster() WHERE state = 'on' ORDER BY uid \gexec
SELECT gray_close();
SELECT users_on, users_failed, users_stuck, users_kept FROM gray.status;
SELECT * FROM orders ORDER BY id;

-- production never got this one
SELECT * FROM gray_check() WHERE problem ~ 'kept';
SELECT * FROM gray.kept;
SELECT gray_drop_release();
-- until now
SELECT gray_open();
ALTER TABLE orders ADD wrap varchar(10);
SELECT format('SELECT gray_migrate(%L)', uid) FROM (SELECT DISTINCT uid FROM gray.kept ORDER BY uid) AS k \gexec
SELECT gray_close();
SELECT format('SELECT gray_migrate_back(%L)', uid) FROM gray_roster() WHERE state = 'on' ORDER BY uid \gexec
SELECT gray_close();
SELECT users_on, users_failed, users_stuck, users_kept FROM gray.status;
SELECT gray_drop_release();
SELECT * FROM orders ORDER BY id;
DROP SCHEMA ends CASCADE;
