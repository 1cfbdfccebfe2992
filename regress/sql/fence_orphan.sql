-- A row that comes before its owner row is looked at again before COMMIT, whatever has been done to its
-- table, and to what the session remembers, in between.
SET pg_gray.guard = off;
CREATE EXTENSION pg_gray;
CREATE SCHEMA works;
SET search_path = works, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE items (
	id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders DEFERRABLE INITIALLY DEFERRED, note text
);
CREATE INDEX ON orders (user_id);
CREATE INDEX ON items (order_id);
INSERT INTO users SELECT generate_series(1, 5);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(1);

-- what the session knew was forgotten
BEGIN;
INSERT INTO items VALUES (1, 1);
INSERT INTO orders VALUES (1, 1);
SELECT gray_set_percent(1);
COMMIT;
BEGIN;
INSERT INTO items VALUES (2, 2);
INSERT INTO orders VALUES (2, 1);
ALTER TABLE gray.release SET (fillfactor = 100);
PREPARE TRANSACTION 'regress_gray_orphan';
COMMIT PREPARED 'regress_gray_orphan';
SELECT * FROM items ORDER BY id;

-- Without a foreign key PostgreSQL lets tables be changed meanwhile. The order, of a user whose data is on
-- the other side, is there at the end: then the row is refused, if it is there yet.
SELECT gray_migrate(1);
ALTER TABLE items DROP CONSTRAINT items_order_id_fkey;
ALTER TABLE v2.items DROP CONSTRAINT items_order_id_fkey;
ALTER TABLE v2.orders DROP CONSTRAINT orders_user_id_fkey;
CREATE PROCEDURE late(change text, owner integer DEFAULT 2) LANGUAGE plpgsql AS $$
BEGIN
	-- orders are written behind the fence's back
	ALTER TABLE orders DISABLE TRIGGER USER;
	DELETE FROM orders WHERE id > 2;
	INSERT INTO items VALUES (3, 3), (4, 4);
	EXECUTE change;
	INSERT INTO orders VALUES (3, owner), (4, owner);
	ALTER TABLE orders ENABLE TRIGGER USER;
END $$;
CALL late('SELECT', 1);
BEGIN;
CALL late('SELECT', 1);
PREPARE TRANSACTION 'regress_gray_orphan';
\if :ERROR
\else
	ROLLBACK PREPARED 'regress_gray_orphan';
\endif
CALL late('CLUSTER items USING items_pkey', 1);
CALL late('ALTER TABLE items ALTER note TYPE varchar(10), ADD number serial', 1);
SET search_path = v2, works, public;
CALL late('SELECT');
CALL late('CLUSTER items USING items_pkey');
SELECT count(*) FROM items;
-- gone
CALL late('DELETE FROM items');
CALL late('DELETE FROM items; CLUSTER items USING items_pkey');
CALL late('TRUNCATE items');
SELECT count(*) FROM items;
CALL late('DROP TABLE items');
SELECT to_regclass('v2.items');

ALTER TABLE orders DISABLE TRIGGER USER;
DELETE FROM orders WHERE id > 2;
RESET search_path;
SET search_path = works, public;
SELECT gray_discard(1);
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA works CASCADE;
DROP EXTENSION pg_gray;
