-- In any session no gray table is dropped with rows of users who are in gray, or altered so they can not come home.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SET client_min_messages = warning;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
CREATE TABLE v2.notes (user_id integer NOT NULL REFERENCES v2.users, body text);
CREATE DOMAIN v2.number AS integer;
CREATE ROLE regress_gray_dev;
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = 'ZZ000';
EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
	RETURN 'yes';
WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TABLE attempt (id serial, statement text);
INSERT INTO attempt (statement) VALUES
	('DROP TABLE v2.items'),
	('DROP TABLE IF EXISTS v2.items, v2.notes'),
	('DROP TABLE v2.orders CASCADE'),
	('DROP TABLE v2.users, v2.orders, v2.items, v2.notes'),
	('DROP SCHEMA v2 CASCADE'),
	('ALTER TABLE v2.items OWNER TO regress_gray_owner; DROP OWNED BY regress_gray_owner CASCADE'),
	('ALTER TABLE v2.items RENAME TO lines; DROP TABLE v2.lines'),
	('ALTER TABLE v2.items SET SCHEMA public; DROP TABLE public.items'),
	('ALTER TABLE v2.items SET UNLOGGED'),
	('ALTER TABLE v2.items ADD x integer, SET UNLOGGED'),
	('ALTER TABLE v2.orders DROP user_id'),
	('ALTER TABLE v2.orders RENAME user_id TO owner; ALTER TABLE v2.orders DROP COLUMN IF EXISTS owner'),
	('ALTER TABLE v2.items DROP order_id'),
	('ALTER TABLE v2.orders DROP id CASCADE'),
	('ALTER TABLE v2.users DROP id CASCADE'),
	('ALTER TABLE v2.items ALTER order_id TYPE v2.number; DROP DOMAIN v2.number CASCADE'),
	('ALTER SCHEMA v2 RENAME TO v3'),
	('DROP TABLE v2.notes'),
	('DROP TABLE items'),
	('TRUNCATE v2.notes'),
	('ALTER TABLE v2.users DROP email'),
	('ALTER TABLE v2.users DROP COLUMN IF EXISTS missing'),
	('ALTER TABLE v2.items DROP product_id, ADD x integer'),
	('ALTER TABLE v2.items RENAME TO lines'),
	('ALTER TABLE v2.items SET SCHEMA public'),
	('ALTER TABLE v2.orders DROP CONSTRAINT orders_user_id_fkey'),
	('ALTER TABLE v2.notes SET UNLOGGED'),
	('ALTER TABLE items DROP order_id'),
	('ALTER TABLE v2.missing DROP id'),
	('ALTER SCHEMA shop RENAME TO laden'),
	('SET LOCAL pg_gray.guard = off; DROP SCHEMA v2 CASCADE');
CREATE ROLE regress_gray_owner;
GRANT regress_gray_owner TO CURRENT_USER;
CREATE VIEW now AS SELECT statement, try(statement) FROM attempt ORDER BY id;

-- closed, and nobody there
TABLE now;
-- open, and nobody there
SELECT gray_open(), gray_add_user(1);
TABLE now;
-- with a user in gray
SELECT gray_migrate(1);
TABLE now;
-- of a session that upgrades version 2, too
SET search_path = v2, shop, public;
DROP TABLE items;
ALTER TABLE orders DROP user_id;
SET search_path = shop, public;
-- closed, with a user in gray
SELECT gray_close();
SELECT statement, try FROM now WHERE try LIKE '55006%';
-- in words
DROP TABLE v2.items;
ALTER TABLE v2.items SET UNLOGGED;
ALTER TABLE v2.items DROP order_id;
ALTER SCHEMA v2 RENAME TO v3;
-- a table without rows holds nobody's
SELECT try('DELETE FROM v2.items; DROP TABLE v2.items');
SELECT try('TRUNCATE v2.items; DROP SCHEMA v2 CASCADE');
-- Who could not drop a table is not told what is in it.
GRANT USAGE ON SCHEMA v2, shop TO regress_gray_dev;
SET ROLE regress_gray_dev;
DROP TABLE v2.orders;
ALTER TABLE v2.orders DROP user_id;
DROP SCHEMA v2 CASCADE;
RESET ROLE;

-- A partitioned twin, and one that was made by a type.
CREATE TABLE parts (id int, user_id int REFERENCES users, PRIMARY KEY (id, user_id)) PARTITION BY HASH (user_id);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (modulus 2, remainder 1);
INSERT INTO parts SELECT i, i FROM generate_series(1, 10) i;
CREATE TYPE v2.named AS (id integer, user_id integer, body text);
SELECT gray_migrate_back(1);
SELECT gray_clone('parts', 'user_id');
SELECT gray_open();
SELECT gray_migrate(1);
SELECT try('DROP TABLE v2.parts');
SELECT try('ALTER TABLE v2.parts DROP user_id');
CREATE TABLE v2.typed OF v2.named;
INSERT INTO v2.typed VALUES (1, 1, 'x');
BEGIN;
ALTER TABLE v2.items RENAME TO old;
ALTER TABLE v2.typed RENAME TO items;
DROP TYPE v2.named CASCADE;
ROLLBACK;

-- The release itself ends as ever.
SELECT gray_close();
SELECT gray_migrate_back(1);
SELECT statement, try FROM now WHERE try LIKE '55006%';
DROP TABLE v2.notes, v2.typed;
DROP TYPE v2.named;
DROP DOMAIN v2.number;
SELECT gray_drop_release();

-- Tables that only version 2 has: with rows of users who are in gray, and with rows that wait for their next stay.
DROP SCHEMA IF EXISTS v2;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
CREATE TABLE v2.badges (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users, label text);
CREATE TABLE v2.ribbons (badge_id integer NOT NULL REFERENCES v2.badges);
CREATE TABLE v2.colours (name text);
SELECT gray_share_table('v2.colours');
SELECT gray_add_user(1);
SELECT gray_migrate(1);
INSERT INTO v2.badges VALUES (1, 1);
INSERT INTO v2.ribbons VALUES (1);
INSERT INTO v2.colours VALUES ('red');
CREATE TABLE own_attempt (id serial, statement text);
INSERT INTO own_attempt (statement) VALUES
	('DROP TABLE v2.ribbons'), ('DROP TABLE v2.badges CASCADE'), ('DROP TABLE v2.colours'), ('DROP SCHEMA v2 CASCADE'),
	('ALTER TABLE v2.badges SET UNLOGGED'), ('ALTER TABLE v2.badges DROP user_id'),
	('ALTER TABLE v2.badges DROP id CASCADE'), ('ALTER TABLE v2.ribbons DROP badge_id'),
	('ALTER TABLE v2.badges DROP label'), ('SET LOCAL pg_gray.guard = off; DROP TABLE v2.ribbons');
SELECT statement, try(statement) FROM own_attempt ORDER BY id;
SELECT gray_migrate_back(1);
SELECT statement, try(statement) FROM own_attempt ORDER BY id;
DROP TABLE v2.ribbons;
DROP TABLE v2.colours;
SELECT gray_close();
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS v2;
DROP SCHEMA shop CASCADE;
DROP ROLE regress_gray_dev, regress_gray_owner;
