-- An id is never handed out twice: both sides draw from production's sequences.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TABLE tags (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id integer REFERENCES users, n serial, tag text
);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_diff();
SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'v2'::regnamespace;
SELECT gray_open();
SELECT gray_add_user(42);
INSERT INTO tags (user_id, tag) VALUES (42, 'a') RETURNING id, n;
SELECT * FROM gray_route(42);
INSERT INTO v2.tags (user_id, tag) VALUES (42, 'b') RETURNING id, n;
INSERT INTO tags (user_id, tag) VALUES (7, 'c') RETURNING id, n;
INSERT INTO v2.tags (id, user_id, tag) OVERRIDING SYSTEM VALUE VALUES (1000, 42, 'd') RETURNING id, n;
-- what GENERATED ALWAYS forbids in production, gray allows, and gray_check says so
INSERT INTO tags (id, user_id) VALUES (1001, 7);
INSERT INTO v2.tags (id, user_id, tag) VALUES (1002, 42, 'e') RETURNING id, n;
SELECT object, problem FROM gray_check() WHERE problem LIKE '%ALWAYS%';
SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT * FROM tags ORDER BY n;
-- changed where it is no key: it can't be written
CREATE TABLE tickets (
	code text PRIMARY KEY, user_id integer REFERENCES users, number integer GENERATED ALWAYS AS IDENTITY
);
INSERT INTO tickets VALUES ('x', 42), ('y', 42);
SELECT gray_clone('tickets');
SELECT gray_open();
SELECT * FROM gray_route(42);
UPDATE v2.tickets SET user_id = 42 WHERE code = 'x';
UPDATE v2.tags SET tag = 'changed' WHERE id = 1;
UPDATE v2.tickets SET number = 77 WHERE code = 'y';
SELECT gray_close();
SELECT * FROM gray_route(42);
UPDATE v2.tickets SET number = 2 WHERE code = 'y';
SELECT gray_reset(42);
SELECT * FROM gray_route(42);
TABLE tickets;
SELECT * FROM tags WHERE id = 1;
INSERT INTO tags (user_id, tag) VALUES (7, 'f') RETURNING id, n;
SELECT gray_drop_release();
INSERT INTO tags (user_id, tag) VALUES (7, 'g') RETURNING id, n;
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
