-- gray_diff of a whole upgrade reads like a review: tables of version 2's own, dropped and renamed
-- ones, columns, constraints, and what else came into the gray schema, a line each.  What can be
-- undone is undone by the statements of the page, in their order.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA review;
SET search_path = review, public;
CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE, name text);
CREATE TABLE plans (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users,
	total numeric(10,2), note text, plan_id integer);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, sku text, quantity smallint);
CREATE TABLE tags (user_id integer REFERENCES users, tag text, PRIMARY KEY (user_id, tag));
CREATE TABLE tag_uses (user_id integer, tag text, number integer, PRIMARY KEY (user_id, tag, number),
	FOREIGN KEY (user_id, tag) REFERENCES tags);
CREATE VIEW totals AS SELECT user_id, sum(total) FROM orders GROUP BY user_id;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');

-- nothing to review: the views that gray_clone made are no difference
SELECT * FROM gray_diff();

SET search_path = v2, review, public;
-- twins
ALTER TABLE users ALTER email SET NOT NULL, ADD locale text NOT NULL DEFAULT 'en';
ALTER TABLE orders RENAME total TO amount;
ALTER TABLE orders ALTER amount SET DEFAULT 0;
ALTER TABLE orders ADD CHECK (amount >= 0), ADD UNIQUE (user_id, note), ALTER note TYPE varchar(200),
	ADD FOREIGN KEY (plan_id) REFERENCES plans;
CREATE UNIQUE INDEX orders_note ON orders (lower(note)) WHERE amount > 0;
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE items ALTER quantity TYPE integer, ALTER quantity SET DEFAULT 1;
ALTER TABLE items RENAME TO lines;
-- a table is dropped, another one can't be reached without it
ALTER TABLE tag_uses DROP CONSTRAINT tag_uses_user_id_tag_fkey;
DROP TABLE tags;
-- version 2's own
CREATE TYPE kind AS ENUM ('usb', 'phone');
CREATE DOMAIN label AS text CHECK (value <> '');
CREATE SEQUENCE tickets;
CREATE FUNCTION short(label) RETURNS text LANGUAGE sql AS 'SELECT left($1, 3)';
CREATE TABLE passkeys (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
	kind kind, name label, made timestamptz DEFAULT now());
CREATE INDEX ON passkeys (user_id);
CREATE TABLE passkey_uses (passkey_id integer NOT NULL REFERENCES passkeys, user_id integer REFERENCES users, at date);
CREATE TABLE schema_migrations (version text PRIMARY KEY);
CREATE TABLE logs (day date) PARTITION BY RANGE (day);
CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW rich AS SELECT * FROM orders WHERE amount > 100;
RESET search_path;
\pset format unaligned
\pset null '(none)'
SELECT table_name, object, difference FROM gray_diff();
SELECT coalesce(undo, '-- ' || table_name || ': nothing to type') FROM gray_diff();

-- undone, as version 2 sees the database; the key to the dropped table waits for the table
SET search_path = v2, review, public;
\pset tuples_only on
SELECT undo FROM gray_diff() WHERE undo IS NOT NULL AND undo NOT LIKE '%REFERENCES v2.tags%' \gexec
RESET search_path;
SELECT * FROM gray_diff();
\pset tuples_only off

-- a table that was moved out of the gray schema
SET client_min_messages = warning;
CREATE SCHEMA elsewhere;
ALTER TABLE v2.orders SET SCHEMA elsewhere;
SELECT * FROM gray_diff() WHERE table_name = 'elsewhere.orders';
ALTER TABLE elsewhere.orders SET SCHEMA v2;
\pset format aligned
SELECT gray_drop_release();
DROP SCHEMA review, elsewhere CASCADE;
