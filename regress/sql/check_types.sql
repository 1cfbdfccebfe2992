-- Types that differ are cast, and what else they may mean is asked; a change of meaning during a stay is found by
-- rows that nobody wrote.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA typed;
SET search_path = typed, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check() WHERE problem !~ 'cohort'
$$;
CREATE COLLATION fold (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE users (id text PRIMARY KEY);
CREATE TABLE items (id integer PRIMARY KEY, user_id text NOT NULL REFERENCES users, price numeric, cents integer,
	note text, tags text[]);
CREATE TABLE parts (id integer PRIMARY KEY, item_id integer NOT NULL REFERENCES items, n integer);
CREATE INDEX ON items (user_id); CREATE INDEX ON parts (item_id);
INSERT INTO users VALUES ('a'), ('b');
INSERT INTO items SELECT i, 'a', i + 0.25, i * 100, 'note' FROM generate_series(1, 4) AS i;
INSERT INTO parts VALUES (1, 1, 7);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\pset format unaligned
\pset tuples_only

\echo -- asked, until it is told
BEGIN; ALTER TABLE v2.items ALTER price TYPE integer; SELECT told();
SELECT gray_map('v2.items', 'price', up => 'price::integer', down => 'price::numeric');
SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.items ALTER cents TYPE text; SELECT told();
SELECT gray_map('v2.items', 'cents', up => 'cents::text'); SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE v2.items ALTER cents TYPE date USING NULL; SELECT told(); ROLLBACK;
\echo -- longer integers and texts are the same
BEGIN; ALTER TABLE v2.items ALTER cents TYPE bigint, ALTER note TYPE varchar, ALTER tags TYPE varchar[];
SELECT told(); ROLLBACK;

\echo -- a uid, and what leads to it, that takes different texts for one
BEGIN; ALTER TABLE v2.items ALTER user_id TYPE text COLLATE fold; SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE items DROP CONSTRAINT items_user_id_fkey; ALTER TABLE users ALTER id TYPE text COLLATE fold;
SELECT count(*) FROM told() WHERE line ~ 'fold'; ROLLBACK;
BEGIN; ALTER TABLE v2.items ALTER note TYPE text COLLATE fold; SELECT told(); ROLLBACK;

\echo -- during a stay
SELECT gray_add_user('a'), gray_open(), gray_migrate('a');
SELECT told();
BEGIN; ALTER TABLE items ALTER price TYPE integer USING price * 100; SELECT told();
UPDATE v2.items SET note = 'touched'; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE items ALTER cents TYPE integer USING cents / 100; SELECT told(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE items ALTER cents TYPE bigint; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE parts ALTER n TYPE numeric USING n * 100; SELECT told(); ROLLBACK;
BEGIN; ALTER TABLE items ALTER note SET DEFAULT 'x', ALTER price SET STATISTICS 10;
ALTER TABLE items RENAME cents TO hundredths; SELECT told(); ROLLBACK;
\echo -- columns that became a pair meanwhile are compared anyway
BEGIN; ALTER TABLE v2.items ADD extra integer DEFAULT 1; ALTER TABLE items ADD extra integer DEFAULT 2;
SELECT told(); ROLLBACK;
\echo -- what was kept of an earlier stay is no change
SELECT gray_migrate_back('a');
ALTER TABLE v2.items ALTER cents TYPE numeric;
SELECT gray_migrate('a');
UPDATE v2.items SET cents = cents + 0.5;
SELECT gray_migrate_back('a'), gray_migrate('a');
BEGIN; ALTER TABLE items ALTER cents SET STATISTICS 10; SELECT told(); ROLLBACK;
SELECT gray_migrate_back('a');
SELECT gray_close();
SELECT gray_drop_release(force => true);
DROP SCHEMA typed CASCADE;
