-- An upgrade as an application makes it: a join table becomes an array, which version 2 has in place of it, and
-- another table gets a better name.  The tables' owner runs the migration, who is no superuser.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_owner;
CREATE SCHEMA web AUTHORIZATION regress_gray_owner;
SET search_path = web, public;
SET ROLE regress_gray_owner;
CREATE TABLE tags (id integer PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE user_tags (user_id integer REFERENCES users, tag_id integer REFERENCES tags,
	PRIMARY KEY (user_id, tag_id));
CREATE TABLE orders (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	total numeric(10,2) NOT NULL);
CREATE TABLE lines (id serial PRIMARY KEY,
	order_id integer NOT NULL REFERENCES orders ON DELETE CASCADE, sku text NOT NULL);
INSERT INTO tags VALUES (1, 'new'), (2, 'vip'), (3, 'beta');
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 20) i;
INSERT INTO user_tags SELECT i, i % 3 + 1 FROM generate_series(1, 20) i;
INSERT INTO orders (user_id, total) SELECT i % 20 + 1, i FROM generate_series(1, 40) i;
INSERT INTO lines (order_id, sku) SELECT i % 40 + 1, 'sku ' || i FROM generate_series(1, 80) i;
RESET ROLE;
CREATE FUNCTION structure() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attnum)
		FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE relnamespace = 'web'::regnamespace AND relkind = 'r' AND attnum > 0
	UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
		FROM pg_constraint WHERE connamespace = 'web'::regnamespace $$;
SELECT gray_create_release('v2');
SELECT production, gray FROM gray_clone_tree('users', 'id');
GRANT CREATE ON SCHEMA v2 TO regress_gray_owner;
CREATE TEMP TABLE structure_before AS SELECT * FROM structure();
CREATE TEMP TABLE rows_before AS SELECT u::text AS r FROM users u UNION ALL SELECT t::text FROM user_tags t
	UNION ALL SELECT o::text FROM orders o UNION ALL SELECT l::text FROM lines l;

-- the migration
SET ROLE regress_gray_owner;
SET search_path = v2, public;
BEGIN;
ALTER TABLE users ADD tags text[] NOT NULL DEFAULT '{}';
DROP TABLE user_tags;
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE purchases RENAME user_id TO buyer_id;
ALTER TABLE lines RENAME order_id TO purchase_id;
CREATE TABLE returns (id serial PRIMARY KEY,
	purchase_id integer NOT NULL REFERENCES purchases ON DELETE CASCADE, reason text);
COMMIT;
RESET ROLE;
SET search_path = web, public;

-- production is as before, the review shows the upgrade, and nothing is in the way
SELECT count(*) FROM (TABLE structure_before EXCEPT ALL SELECT * FROM structure()) x;
SELECT count(*) FROM (SELECT * FROM structure() EXCEPT ALL TABLE structure_before) x;
SELECT count(*) FROM (TABLE rows_before
	EXCEPT ALL (SELECT u::text FROM users u UNION ALL SELECT t::text FROM user_tags t
	UNION ALL SELECT o::text FROM orders o UNION ALL SELECT l::text FROM lines l)) x;
SELECT * FROM gray_diff();
SELECT object, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_open();

-- version 2 works; what production has of the dropped table is frozen
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1), gray_migrate(2);
SET ROLE regress_gray_owner;
SET search_path = v2, public;
UPDATE users SET tags = '{vip,beta}', name = 'One' WHERE id = 1;
INSERT INTO purchases (buyer_id, total) VALUES (1, 99);
UPDATE purchases SET total = 1.5 WHERE id = 1;
DELETE FROM purchases WHERE id = 20;
INSERT INTO returns (purchase_id, reason)
	SELECT id, 'too small' FROM purchases WHERE buyer_id IN (1, 2) ORDER BY id LIMIT 2;
UPDATE lines SET sku = 'other' WHERE purchase_id = 40;
SET search_path = web, public;
\set VERBOSITY terse
INSERT INTO user_tags VALUES (1, 3);
DELETE FROM user_tags WHERE user_id = 2;
\set VERBOSITY default
INSERT INTO user_tags VALUES (3, 3);
RESET ROLE;
CREATE VIEW gray_now AS SELECT 'return' AS t, r::text FROM v2.returns r UNION ALL SELECT 'user', u::text FROM v2.users u
	UNION ALL SELECT 'purchase', p::text FROM v2.purchases p UNION ALL SELECT 'line', l::text FROM v2.lines l;
CREATE TEMP TABLE stay AS TABLE gray_now;
SELECT * FROM stay ORDER BY 1, 2;

-- home: production has what it has a place for; tags live again, and version 1 works
SELECT gray_migrate_back(1), gray_migrate_back(2);
TABLE gray_now;
SELECT * FROM users WHERE id <= 2 ORDER BY 1;
SELECT * FROM orders WHERE user_id <= 2 ORDER BY 1;
SELECT order_id, sku FROM lines JOIN orders o ON o.id = order_id WHERE user_id <= 2 ORDER BY 1, 2;
SELECT * FROM user_tags WHERE user_id <= 3 ORDER BY 1, 2;
SET ROLE regress_gray_owner;
INSERT INTO user_tags VALUES (1, 3);
DELETE FROM user_tags WHERE user_id = 2;
UPDATE orders SET total = 2.5 WHERE id = 1;
RESET ROLE;

-- there again: all is there again, with what version 1 did
SELECT gray_migrate(1), gray_migrate(2);
SELECT * FROM stay EXCEPT ALL TABLE gray_now ORDER BY 1, 2;
TABLE gray_now EXCEPT ALL SELECT * FROM stay ORDER BY 1, 2;
SELECT gray_migrate_back(1), gray_migrate_back(2);
SELECT * FROM user_tags WHERE user_id <= 3 ORDER BY 1, 2;
SELECT gray_close();
DROP VIEW gray_now;
SELECT gray_drop_release(force => true);
DROP SCHEMA web CASCADE;
DROP OWNED BY regress_gray_owner CASCADE;
DROP ROLE regress_gray_owner;
DROP EXTENSION pg_gray;
