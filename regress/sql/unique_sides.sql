-- A value that is unique in production is not taken on both sides by two users.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
ALTER TABLE items ADD code text UNIQUE;
UPDATE items SET code = 'code ' || id;
\set VERBOSITY default
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(1), gray_add_user(2);
SELECT state FROM gray_route(1);
SELECT state FROM gray_route(2);

-- what is taken in gray is refused in production: INSERT, UPDATE, COPY, MERGE, ON CONFLICT
UPDATE v2.users SET email = 'new@example.org' WHERE id = 1;
INSERT INTO users VALUES (51, 'x', 'new@example.org');
UPDATE users SET email = 'new@example.org' WHERE id = 3;
COPY users FROM stdin;
51	x	new@example.org
\.
MERGE INTO users u USING (VALUES (3)) AS s (id) ON u.id = s.id WHEN MATCHED THEN UPDATE SET email = 'new@example.org';
INSERT INTO users VALUES (51, 'x', 'new@example.org') ON CONFLICT (email) DO NOTHING;
INSERT INTO users VALUES (51, 'x', 'other@example.org'), (52, 'x', 'new@example.org');
-- as PostgreSQL's own, for applications that know the constraint by name
DO $$
DECLARE
	s text; t text; c text; state text; message text; detail text;
BEGIN
	INSERT INTO users VALUES (51, 'x', 'new@example.org');
EXCEPTION WHEN unique_violation THEN
	GET STACKED DIAGNOSTICS s = SCHEMA_NAME, t = TABLE_NAME, c = CONSTRAINT_NAME, state = RETURNED_SQLSTATE,
		message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RAISE NOTICE '%|%|%|%|%|%', state, s, t, c, message, detail;
END $$;
-- what is not, is not
INSERT INTO users VALUES (51, 'x', 'other@example.org');
UPDATE users SET name = 'y', email = email WHERE id = 3;
INSERT INTO users VALUES (52, 'x', NULL), (53, 'x', NULL);
UPDATE v2.users SET email = NULL WHERE id = 2;
UPDATE users SET email = 'user2@example.org' WHERE id = 3;

-- what is taken in production is refused in gray
UPDATE v2.users SET email = 'other@example.org' WHERE id = 1;
UPDATE v2.users SET email = upper('x') || email WHERE id = 1;
UPDATE v2.users SET email = 'user4@example.org' WHERE id = 1;
DO $$
DECLARE
	s text; t text; c text;
BEGIN
	UPDATE v2.users SET email = 'user4@example.org' WHERE id = 1;
EXCEPTION WHEN unique_violation THEN
	GET STACKED DIAGNOSTICS s = SCHEMA_NAME, t = TABLE_NAME, c = CONSTRAINT_NAME;
	RAISE NOTICE '%|%|%', s, t, c;
END $$;
-- a user's own frozen row does not stand in the way, another's does: discarded, it is live again
UPDATE v2.users SET email = 'user2@example.org' WHERE id = 1;
UPDATE v2.users SET email = 'user2@example.org' WHERE id = 2;
UPDATE v2.users SET email = 'user1@example.org' WHERE id = 1;
UPDATE v2.users SET email = 'again@example.org' WHERE id = 1;

-- by owner path: item 49 is user 1's, 150 user 2's, and 1 user 3's
INSERT INTO items VALUES (1001, 2, 1, 1, 'code x');
INSERT INTO v2.items VALUES (1002, 50, 1, 1, 'code x');
INSERT INTO items VALUES (1002, 2, 1, 1, 'code 49');
UPDATE v2.items SET code = 'code y' WHERE id = 49;
INSERT INTO items VALUES (1002, 2, 1, 1, 'code y');
UPDATE v2.items SET code = 'code 150' WHERE id = 49;
UPDATE v2.items SET code = 'code 49' WHERE id = 49;
-- the owner's row may be written by the very same statement
DELETE FROM v2.items WHERE id = 49;
WITH o AS (INSERT INTO v2.orders (id, user_id) VALUES (1001, 1) RETURNING id)
	INSERT INTO v2.items SELECT 1003, id, 1, 1, 'code 49' FROM o;
WITH o AS (INSERT INTO v2.orders (id, user_id) VALUES (1002, 2) RETURNING id)
	INSERT INTO v2.items SELECT 1004, id, 1, 1, 'code 49' FROM o;
DELETE FROM v2.items WHERE id = 1003;
WITH o AS (INSERT INTO v2.orders (id, user_id) VALUES (1002, 2) RETURNING id)
	INSERT INTO v2.items SELECT 1004, id, 1, 1, 'code 49' FROM o;
-- (also where no other query, such as that of a foreign key, comes between the two)
ALTER TABLE v2.orders DROP CONSTRAINT orders_user_id_fkey;
UPDATE v2.orders SET total = 1 WHERE id = 50;
UPDATE v2.items SET quantity = 1 WHERE order_id = 50;
WITH o AS (INSERT INTO v2.orders (id, user_id) VALUES (1003, 1) RETURNING id)
	INSERT INTO v2.items SELECT 1003, id, 1, 1, 'code 49' FROM o;
-- rows of nobody are live in production
INSERT INTO orders (id, user_id) VALUES (1004, NULL);
INSERT INTO items VALUES (1004, 1004, 1, 1, 'nobody');
UPDATE v2.items SET code = 'nobody' WHERE id = 1003;
UPDATE v2.items SET code = 'somebody' WHERE id = 1003;
UPDATE items SET code = 'somebody' WHERE id = 1004;

-- within a transaction that writes both sides, and within one statement
BEGIN;
UPDATE users SET email = 'free@example.org' WHERE id = 4;
UPDATE v2.users SET email = 'user4@example.org' WHERE id = 1;
SAVEPOINT s;
UPDATE users SET email = 'user4@example.org' WHERE id = 5;
ROLLBACK TO s;
UPDATE v2.users SET email = 'again@example.org' WHERE id = 1;
UPDATE users SET email = 'user4@example.org' WHERE id = 5;
ROLLBACK;
WITH a AS (UPDATE users SET email = 'both@example.org' WHERE id = 4),
	b AS (UPDATE v2.users SET email = 'both@example.org' WHERE id = 1) SELECT 1;

-- in cascades and in triggers of the application
CREATE FUNCTION take() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.email := ''again@example.org''; RETURN NEW; END';
CREATE TRIGGER take BEFORE UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION take();
UPDATE users SET name = 'z' WHERE id = 4;
DROP TRIGGER take ON users;

-- moves are not hindered, and free the values
SELECT gray_migrate_back(1);
SELECT email FROM users WHERE id = 1;
INSERT INTO users VALUES (54, 'x', 'user1@example.org');
SELECT gray_discard(2);
SELECT email FROM users WHERE id IN (2, 3) ORDER BY id;
SELECT state FROM gray_route(1);
UPDATE v2.users SET email = 'last@example.org' WHERE id = 1;
SELECT gray_discard(1);
INSERT INTO users VALUES (55, 'x', 'last@example.org');
-- rows that were put into gray when nobody watched, of a user whose data is not there, hold nothing
ALTER TABLE v2.users DISABLE TRIGGER USER;
INSERT INTO v2.users VALUES (99, 'x', 'left@example.org');
ALTER TABLE v2.users ENABLE TRIGGER USER;
INSERT INTO users VALUES (56, 'x', 'left@example.org');
DELETE FROM users WHERE id = 56;
TRUNCATE v2.users CASCADE;

-- a writer needs no right on the other side, is not fooled by row security, and is told no key it may not read
SELECT state FROM gray_route(2);
CREATE ROLE unique_production;
CREATE ROLE unique_gray;
GRANT USAGE ON SCHEMA shop TO unique_production;
GRANT USAGE ON SCHEMA v2 TO unique_gray;
GRANT SELECT, INSERT, UPDATE ON users TO unique_production;
GRANT INSERT, SELECT (id), UPDATE (name, email, id) ON v2.users TO unique_gray;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY none ON users USING (false);
SET ROLE unique_gray;
UPDATE v2.users SET email = 'user5@example.org' WHERE id = 2;
RESET ROLE;
GRANT SELECT ON v2.users TO unique_gray;
SET ROLE unique_gray;
UPDATE v2.users SET email = 'user5@example.org' WHERE id = 2;
UPDATE v2.users SET email = 'held@example.org' WHERE id = 2;
RESET ROLE;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
ALTER TABLE v2.users ENABLE ROW LEVEL SECURITY;
SET ROLE unique_production;
UPDATE users SET email = 'held@example.org' WHERE id = 5;
RESET ROLE;

GRANT SELECT, UPDATE ON v2.items TO unique_gray;
SET ROLE unique_gray;
UPDATE v2.items SET code = 'code y' WHERE code = 'code 150';
UPDATE v2.items SET code = 'code 150' WHERE code = 'code y';
UPDATE v2.items SET code = 'code 1' WHERE code = 'code 150';
RESET ROLE;

-- a snapshot that is older than the other's write does not hide it
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM users WHERE email = 'held@example.org';
UPDATE users SET email = 'held@example.org' WHERE id = 5;
ROLLBACK;

-- closed with somebody in gray it goes on; dropped, nothing is left
SELECT gray_close();
UPDATE users SET email = 'held@example.org' WHERE id = 5;
SELECT gray_migrate_back(2);
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP ROLE unique_production, unique_gray;
