-- Rows that the other side would refuse are found before a move fails at them: gray_check counts them, and
-- names one.  Nothing is written.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA fit;
CREATE EXTENSION btree_gist SCHEMA fit;
SET search_path = fit, public;
CREATE FUNCTION told(which text DEFAULT '') RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem) FROM gray_check()
		WHERE object <> 'v2' AND problem ~ which AND problem !~ 'belongs to nobody'
$$;
\pset format unaligned
\pset tuples_only
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN even AS integer CHECK (VALUE % 2 = 0);
CREATE TABLE kinds (id integer PRIMARY KEY);
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users, note text, small integer,
	price numeric,
	mood text, even integer, tags text[], filled integer, qty integer, kind integer, email text, room integer,
		during int4range);
CREATE INDEX ON orders (user_id);
INSERT INTO users VALUES (1), (2);
INSERT INTO kinds VALUES (1);
INSERT INTO orders SELECT i, 1, 'fits', i, i, 'good', i * 2, '{a}', i, i, 1, 'e' || i, i, int4range(i, i + 1)
	FROM generate_series(1, 10) AS i;
INSERT INTO orders SELECT i, 2, 'is too long', i * 10000, i * 1000, 'ugly', i, '{abcdef}', NULL, -i, 99, 'e1', 1,
	'[1,5)'
	FROM generate_series(11, 13) AS i;
-- nobody's row, which stays where it is
INSERT INTO orders VALUES (14, NULL, 'is too long', 40000, 5000, 'none', 1, '{abcdef}', NULL, -1, 99, 'e2', 1, '[1,5)');
ALTER TABLE orders ADD CONSTRAINT sold CHECK (qty > 0) NOT VALID,
	ADD CONSTRAINT of_kind FOREIGN KEY (kind) REFERENCES kinds NOT VALID;
ALTER TABLE orders ADD CONSTRAINT kept CHECK (id > 0);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\echo -- what production itself tolerates
SELECT * FROM told();

\echo -- each of these, one by one
ALTER TABLE v2.orders DROP CONSTRAINT sold;
SELECT told();
BEGIN; ALTER TABLE v2.orders ALTER note TYPE varchar(5); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER note TYPE char(5); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER small TYPE smallint; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER price TYPE numeric(5,2); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER mood TYPE mood USING mood::mood; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER even TYPE even; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER tags TYPE varchar(5)[]; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER filled SET NOT NULL; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD CHECK (price < 12); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD CHECK ((orders).price < 12); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD UNIQUE (email); SELECT told(); ROLLBACK;
BEGIN; CREATE UNIQUE INDEX folded ON v2.orders (left(email, 1), room) WHERE qty < 5; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD UNIQUE NULLS NOT DISTINCT (filled); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD EXCLUDE USING gist (room WITH =, during WITH &&); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders VALIDATE CONSTRAINT of_kind; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD FOREIGN KEY (room) REFERENCES kinds; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD FOREIGN KEY (qty) REFERENCES v2.users; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD doubled integer GENERATED ALWAYS AS (qty * 2) STORED CHECK (doubled > 2);
SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD inverse integer GENERATED ALWAYS AS (1 / (id - 2)) STORED; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD extra integer DEFAULT 5 CHECK (extra > qty); SELECT told(); ROLLBACK;
\echo -- and none of these
BEGIN; ALTER TABLE v2.orders ADD UNIQUE (id, email), ADD UNIQUE (email, id), ALTER small TYPE bigint,
	ALTER note TYPE varchar; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD stamp timestamptz NOT NULL DEFAULT now() CHECK (stamp > '2020-01-01');
SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders RENAME id TO number; ALTER TABLE v2.orders RENAME CONSTRAINT kept TO held;
SELECT told(); ROLLBACK;

\echo -- the value that a mapping gives
BEGIN; ALTER TABLE v2.orders ALTER note TYPE varchar(5);
SELECT gray_map('v2.orders', 'note', up => 'left(note, 5)'); SELECT told('refused'); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ALTER filled SET NOT NULL;
SELECT gray_map('v2.orders', 'filled', up => 'nullif(id, 3)'); SELECT told('refused'); ROLLBACK;
BEGIN; SELECT gray_map('v2.orders', 'small', up => 'small / (id - 2)'); SELECT told('refused'); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD extra varchar(1); SELECT gray_map('v2.orders', 'extra', up => 'id::text');
SELECT told('refused'); ROLLBACK;
BEGIN; ALTER TABLE v2.orders ADD UNIQUE (note); SELECT gray_map('v2.orders', 'note', up => 'left(email, 2)');
SELECT told('together'); ROLLBACK;

\echo -- home: what production alone demands, of what users in gray changed
UPDATE orders SET note = 'short', email = id, room = id, kind = 1, qty = 1, filled = 1, mood = 'good', price = 1;
SELECT gray_set_percent(100), gray_open(), gray_migrate(1);
ALTER TABLE v2.orders DROP CONSTRAINT of_kind, DROP CONSTRAINT kept;
SELECT told();
UPDATE v2.orders SET id = id - 3, note = 'changed', price = 500, filled = NULL, kind = 99, room = 7, qty = -1
	WHERE id = 1;
INSERT INTO v2.orders (id, user_id, note, email) VALUES (20, 1, 'new', 'e3'), (21, 1, 'new', '5');
SELECT told();
BEGIN; ALTER TABLE orders ALTER filled SET NOT NULL; SELECT told('null'); ROLLBACK;
BEGIN; ALTER TABLE orders ADD CONSTRAINT cheap CHECK (price < 100); SELECT told('cheap'); ROLLBACK;
BEGIN; ALTER TABLE orders ALTER note TYPE varchar(6); SELECT told('refused'); ROLLBACK;
BEGIN; ALTER TABLE orders ADD CONSTRAINT emails UNIQUE (email); SELECT told('together'); ROLLBACK;
BEGIN; ALTER TABLE orders ADD CONSTRAINT rooms UNIQUE (room); SELECT told('together'); ROLLBACK;
BEGIN; ALTER TABLE orders VALIDATE CONSTRAINT of_kind; SELECT told('nothing'); ROLLBACK;
\echo -- nothing of it was written
SELECT gray_migrate_back(1);
SELECT sqlstate, constraint_name, row_key FROM gray.incidents;
SELECT gray_discard(1);
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA fit CASCADE;
