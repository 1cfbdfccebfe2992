-- gray_verify compares tables of as many columns as PostgreSQL allows, with and without a key, and such
-- rows come home.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA wide;
SET search_path = wide, public;
CREATE TABLE users (id integer PRIMARY KEY);
SELECT format('CREATE TABLE keyed (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, %s)',
	string_agg('c' || i || ' integer', ', ')) AS statement FROM generate_series(1, 1598) AS i \gset
:statement;
SELECT format('CREATE TABLE keyless (user_id integer NOT NULL REFERENCES users, %s)',
	string_agg('c' || i || ' integer', ', ')) AS statement FROM generate_series(1, 1599) AS i \gset
:statement;
INSERT INTO users VALUES (1);
INSERT INTO keyed (id, user_id, c1598) SELECT i, 1, i FROM generate_series(1, 4) AS i;
INSERT INTO keyless (user_id, c1599) SELECT 1, i FROM generate_series(1, 4) AS i;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_add_user(1), gray_open(), gray_migrate(1);
SELECT * FROM gray_verify(1);
UPDATE v2.keyed SET c1598 = 0 WHERE id = 1;
DELETE FROM v2.keyed WHERE id = 2;
INSERT INTO v2.keyed (id, user_id) VALUES (5, 1);
UPDATE v2.keyless SET c1 = 1 WHERE c1599 = 1;
SELECT * FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT id, c1598 FROM keyed ORDER BY id;
SELECT c1, c1599 FROM keyless ORDER BY c1599;
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA wide CASCADE;
