-- Names that mean something else to version 2: what the gray schema has of its own hides what both versions share.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA hides;
CREATE SCHEMA more;
SET search_path = hides, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check() WHERE problem ~ 'hides'
$$;
CREATE TABLE users (id serial PRIMARY KEY);
CREATE TABLE orders (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users) PARTITION BY RANGE (id);
CREATE TABLE orders_1 PARTITION OF orders DEFAULT;
CREATE TABLE more.items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders);
CREATE TABLE colours (name text);
CREATE VIEW all_orders AS SELECT * FROM orders;
CREATE VIEW shades AS SELECT * FROM colours;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;
CREATE SEQUENCE numbers;
CREATE TYPE mood AS ENUM ('good');
CREATE DOMAIN code AS text;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\pset format unaligned
\pset tuples_only
\echo -- twins of tables, partitions and views hide theirs on purpose
CREATE MATERIALIZED VIEW v2.totals AS SELECT count(*) FROM v2.orders;
SELECT told();
\echo -- and these do not
BEGIN; CREATE TABLE v2.colours (name text); SELECT told(); ROLLBACK;
BEGIN; CREATE VIEW v2.shades AS SELECT 1 AS one; SELECT told(); ROLLBACK;
BEGIN; CREATE TABLE v2.shades (id integer); SELECT told(); ROLLBACK;
BEGIN; CREATE SEQUENCE v2.numbers; SELECT told(); ROLLBACK;
BEGIN; CREATE TABLE v2.numbers (id integer); SELECT told(); ROLLBACK;
BEGIN; CREATE SEQUENCE v2.orders_id_seq; SELECT told(); ROLLBACK;
BEGIN; CREATE TYPE v2.mood AS ENUM ('good', 'bad'); SELECT told(); ROLLBACK;
BEGIN; CREATE DOMAIN v2.code AS varchar; CREATE TYPE v2.colours AS (a integer); SELECT told(); ROLLBACK;
BEGIN; CREATE TABLE more.users (id integer); SELECT told(); ROLLBACK;
\echo -- what is new, or elsewhere, is nobody else
BEGIN; CREATE TABLE v2.prices (id integer PRIMARY KEY); CREATE INDEX numbers ON v2.prices (id);
CREATE TYPE v2.item AS (a integer);
CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.prices (id integer); SELECT told(); ROLLBACK;
DROP MATERIALIZED VIEW v2.totals;
SELECT gray_drop_release();
DROP SCHEMA hides, more CASCADE;
