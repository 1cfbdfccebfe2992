-- Who gave a row away comes home with whoever got it, where production has more of the row than gray can hold
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA giver;
SET search_path = giver, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text, legacy text);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, price numeric(10,3));
CREATE TABLE plain (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
INSERT INTO users SELECT u, 'user ' || u FROM generate_series(1, 8) u;
INSERT INTO orders SELECT u * 10, u, 'note', 'legacy of ' || u FROM generate_series(1, 8) u;
INSERT INTO items SELECT u * 100, u * 10, 1.125 FROM generate_series(1, 8) u;
INSERT INTO plain SELECT u, u FROM generate_series(1, 8) u;
SELECT gray_create_release('g', 'g');
SELECT gray_clone_tree('users', 'id');
ALTER TABLE g.orders DROP legacy;
ALTER TABLE g.items ALTER price TYPE numeric(10,1);
SELECT gray_set_percent(100), gray_open();
SELECT gray_migrate(u) FROM generate_series(1, 8) u;
CREATE FUNCTION orders_of(a integer, b integer)
	RETURNS TABLE (id integer, user_id integer, note text, legacy text, price numeric) LANGUAGE sql AS
	$$SELECT o.id, user_id, note, legacy, price FROM giver.orders o LEFT JOIN giver.items i ON order_id = o.id
		WHERE user_id IN (a, b) ORDER BY o.id$$;
-- the giver comes first
UPDATE g.orders SET user_id = 2 WHERE id = 10;
SELECT gray_migrate_back(1), gray_state(2);
SELECT * FROM orders_of(1, 2);
-- and by an item alone
UPDATE g.items SET order_id = 40 WHERE id = 300;
SELECT gray_migrate_back(3), gray_state(4);
SELECT * FROM orders_of(3, 4);
-- what gray holds all of needs nobody
UPDATE g.plain SET user_id = 6 WHERE id = 5;
SELECT gray_migrate_back(5), gray_state(6);
SELECT gray_migrate_back(6);
SELECT * FROM plain WHERE id IN (5, 6) ORDER BY id;
-- who got it can't come home: then the giver can't either, and nothing is lost
ALTER TABLE users ADD CONSTRAINT no_eight CHECK (name <> 'eight');
UPDATE g.orders SET user_id = 8 WHERE id = 70;
UPDATE g.users SET name = 'eight' WHERE id = 8;
SELECT gray_migrate_back(7), gray_state(8);
SELECT * FROM orders_of(7, 8);
SELECT sqlstate, message, detail FROM gray.incidents;
ALTER TABLE users DROP CONSTRAINT no_eight;
SELECT gray_reset(7), gray_migrate_back(7), gray_state(8);
SELECT * FROM orders_of(7, 8);
SELECT uid, kind, state FROM gray.history WHERE kind = 'migrate_back' ORDER BY uid;
SELECT gray_drop_release(force => true);
DROP SCHEMA giver CASCADE;
