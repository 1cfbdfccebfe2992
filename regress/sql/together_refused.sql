-- Users who need each other, and can't come home together either: only the one who was asked for is stuck,
-- and the incident says which row it is and who else is concerned.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA refused;
SET search_path = refused, public;
CREATE TABLE users (id text PRIMARY KEY);
CREATE TABLE orders (
	id serial PRIMARY KEY, user_id varchar(20) NOT NULL REFERENCES users, code integer UNIQUE, small integer
);
CREATE TABLE links (
	id serial PRIMARY KEY, user_id text NOT NULL REFERENCES users, order_id integer NOT NULL REFERENCES orders
);
CREATE INDEX ON orders (user_id);
CREATE INDEX ON links (user_id);
INSERT INTO users SELECT 'O''' || chr(64 + u) FROM generate_series(1, 4) u;
INSERT INTO orders SELECT 10 * u + i, 'O''' || chr(64 + u), 10 * u + i, 0
	FROM generate_series(1, 4) u, generate_series(1, 2) i;
SELECT gray_create_release('t');
SELECT gray_clone_tree('users', 'id', choices => '{"links": "user_id"}');
ALTER TABLE t.orders ALTER small TYPE bigint, DROP CONSTRAINT orders_code_key;
SELECT gray_set_percent(100), gray_open();
CREATE FUNCTION states() RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(uid || ' ' || state::text, ', ' ORDER BY uid) FROM gray_roster());
CREATE VIEW incidents AS SELECT uid, sqlstate, message, detail, hint, table_name, row_key FROM gray.incidents;
SELECT gray_migrate(id) FROM users;
\x on

-- a row of a third one in the ring
UPDATE t.orders SET user_id = CASE user_id WHEN 'O''A' THEN 'O''B' WHEN 'O''B' THEN 'O''C' ELSE 'O''A' END
	WHERE id IN (11, 21, 31);
UPDATE t.orders SET small = 3000000000 WHERE id = 32;
SELECT gray_migrate_back('O''A');
TABLE incidents;
SELECT states();
-- who is stuck comes along when somebody else comes home
UPDATE t.orders SET small = 1 WHERE id = 32;
SELECT gray_migrate_back('O''B');
SELECT states();
TABLE incidents;
SELECT count(*) FROM t.orders WHERE user_id <> 'O''D';
SELECT string_agg(id || ' of ' || user_id, ', ' ORDER BY id) FROM orders WHERE id IN (11, 21, 31);

-- both want one value and keep it
SELECT gray_migrate(id) FROM users WHERE gray_state(id) = 'off';
UPDATE t.orders SET code = 42 WHERE id = 12;
SELECT gray_set_unique('orders_code_key', false);
UPDATE t.orders SET code = 42 WHERE id = 12;
SELECT gray_migrate_back('O''A');
SELECT * FROM incidents;
SELECT states();
UPDATE t.orders SET code = 12 WHERE id = 12;
SELECT gray_reset('O''A');

-- the other one has given up what was done in gray, or has it in production
UPDATE t.orders SET user_id = 'O''D' WHERE id = 12;
UPDATE t.orders SET user_id = 'O''A' WHERE id = 42;
SELECT gray_discard('O''D');
SELECT gray_migrate_back('O''A');
SELECT * FROM incidents;
SELECT states();
SELECT gray_discard('O''A');
SELECT states();
SELECT string_agg(id || ' of ' || user_id, ', ' ORDER BY id) FROM orders WHERE id IN (12, 42);

-- at a request, nobody is brought home who is to be in gray, and could not be moved there again alone
SELECT gray_set_percent(0), gray_add_user(id) FROM users;
SELECT gray_migrate(id) FROM users WHERE gray_state(id) = 'off';
INSERT INTO t.orders (id, user_id) VALUES (100, 'O''A'), (101, 'O''B');
INSERT INTO t.links (user_id, order_id) VALUES ('O''A', 101), ('O''B', 100);
SELECT gray_remove_user('O''A');
SELECT gray_route('O''A');
SELECT * FROM incidents;
SELECT states();
-- the same when that one is due, too
SELECT gray_remove_user('O''B');
SELECT gray_route('O''B');
SELECT states();
SELECT string_agg(user_id || ' to ' || order_id, ', ' ORDER BY user_id) FROM links;

-- columns were altered between their moves
SELECT gray_add_user('O''A'), gray_add_user('O''B');
DELETE FROM links;
DELETE FROM orders WHERE id >= 100;
SELECT gray_migrate('O''A');
ALTER TABLE orders ADD late integer;
ALTER TABLE t.orders ADD late integer;
SELECT gray_migrate('O''B');
UPDATE t.orders SET user_id = CASE id WHEN 12 THEN 'O''B' ELSE 'O''A' END, late = 1 WHERE id IN (12, 22);
SELECT gray_migrate_back('O''B');
SELECT states();
SELECT string_agg(id || ' of ' || user_id || ': ' || late, ', ' ORDER BY id) FROM orders WHERE late > 0;
-- and when it can't be told which values are old
SELECT gray_migrate('O''A');
ALTER TABLE t.orders DROP late;
ALTER TABLE t.orders ADD late integer;
SELECT gray_migrate('O''B');
UPDATE t.orders SET user_id = CASE id WHEN 12 THEN 'O''A' ELSE 'O''B' END, late = NULL WHERE id IN (12, 22);
SELECT gray_migrate_back('O''B');
SELECT * FROM incidents;
SELECT states();
UPDATE t.orders SET user_id = CASE id WHEN 12 THEN 'O''B' ELSE 'O''A' END WHERE id IN (12, 22);
SELECT gray_reset('O''B');

SELECT gray_close();
SELECT gray_migrate_back(id) FROM users;
\x off
SELECT id, user_id, late FROM orders ORDER BY id;
SELECT gray_drop_release('t', true);
DROP SCHEMA refused CASCADE;
