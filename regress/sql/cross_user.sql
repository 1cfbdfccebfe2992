-- Rows of one user that refer to rows of another: no reference is ever left
-- without its row, on either side.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TABLE friends (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, friend_id integer REFERENCES users,
	friend_email text REFERENCES users (email)
);
INSERT INTO friends VALUES (1, 42, 7), (2, 8, 9);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id', choices => '{"friends": "user_id"}');
SELECT gray_open();
SELECT gray_add_user(42), gray_add_user(7), gray_add_user(9);

-- alone, 42 can't take a reference to 7 along
SELECT * FROM gray_route(42);
SELECT message, detail FROM gray.incidents;
SELECT * FROM gray_route(7);
SELECT gray_reset(42);
SELECT * FROM gray_route(42);

-- nor can 7 go home alone
SELECT gray_remove_user(7);
SELECT * FROM gray_route(7);
SELECT uid, message, detail, table_name, constraint_name FROM gray.incidents;
SELECT count(*) FROM v2.users;
SELECT gray_remove_user(42);
SELECT * FROM gray_route(42);
SELECT gray_reset(7);
SELECT * FROM gray_route(7);
SELECT count(*) FROM v2.users;

-- deleted in gray, but another user's row in production refers to it
SELECT * FROM gray_route(9);
DELETE FROM v2.orders WHERE user_id = 9;
DELETE FROM v2.users WHERE id = 9;
SELECT gray_close();
SELECT * FROM gray_route(9);
SELECT uid, message, detail, table_name, constraint_name FROM gray.incidents;
SELECT id FROM users WHERE id = 9;
UPDATE friends SET friend_id = NULL WHERE id = 2;
SELECT gray_reset(9);
SELECT * FROM gray_route(9);
SELECT id FROM users WHERE id = 9;
SELECT count(*) FROM orders WHERE user_id = 9;

-- changed in gray, and another user's row in production refers to the old value, which is not of the key
UPDATE friends SET friend_email = 'user10@example.org' WHERE id = 2;
SELECT gray_open();
SELECT gray_add_user(10);
SELECT * FROM gray_route(10);
UPDATE v2.users SET email = 'new@example.org' WHERE id = 10;
SELECT gray_close();
SELECT * FROM gray_route(10);
SELECT uid, message, detail, table_name, constraint_name FROM gray.incidents;
UPDATE friends SET friend_email = NULL WHERE id = 2;
SELECT gray_reset(10);
SELECT * FROM gray_route(10);
SELECT id, email FROM users WHERE id = 10;

-- a row given to another user in gray, who comes home together with its
-- former owner
SELECT gray_open();
SELECT gray_add_user(42), gray_add_user(7);
SELECT * FROM gray_route(7);
SELECT * FROM gray_route(42);
UPDATE v2.orders SET user_id = 7 WHERE id = 41;
SELECT gray_remove_user(7);
SELECT * FROM gray_route(7);
SELECT gray_state(42);
SELECT gray_remove_user(42);
SELECT id, user_id FROM orders WHERE user_id IN (42, 7) ORDER BY id;
SELECT * FROM gray.incidents;

SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
