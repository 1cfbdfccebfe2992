-- No statistics make a small user slow, and no state of relpages and reltuples: moves are planned without.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA shop;
SET search_path = shop, public;
SET jit = off; -- of what is not a move: believed costs are enormous
SET statement_timeout = '60s'; -- instead of hours
CREATE TABLE kinds (id integer PRIMARY KEY);
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, n integer NOT NULL);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, kind integer REFERENCES kinds,
	n integer NOT NULL);
CREATE TABLE tags (item_id integer NOT NULL REFERENCES items, n integer NOT NULL); -- without a key
CREATE TABLE visits (id integer, user_id integer NOT NULL REFERENCES users, n integer NOT NULL,
	PRIMARY KEY (id, user_id)) PARTITION BY HASH (id);
CREATE TABLE visits_0 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX orders_user_id ON orders (user_id);
CREATE INDEX items_order_id ON items (order_id);
CREATE INDEX tags_item_id ON tags (item_id);
CREATE INDEX visits_user_id ON visits (user_id);
INSERT INTO kinds SELECT generate_series(1, 1000);
INSERT INTO users SELECT generate_series(1, 40);
INSERT INTO orders SELECT i, 1 + i % 40, 0 FROM generate_series(1, 4000) i;
INSERT INTO items SELECT i, 1 + i % 4000, 1 + i % 1000, 0 FROM generate_series(1, 8000) i;
INSERT INTO tags SELECT i, 0 FROM generate_series(1, 8000) i;
INSERT INTO visits SELECT i, 1 + i % 40, 0 FROM generate_series(1, 4000) i;
ANALYZE;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.items ADD mood text DEFAULT 'fine';
ALTER TABLE v2.orders ALTER n TYPE numeric(10,2);
SELECT gray_set_percent(100), gray_open();

-- Each of 40 users has 600 rows. Shown is what a call reads of a table beyond 20 rows for each of these, and
-- which tables of production it reads whole.
CREATE VIEW tables AS SELECT oid, oid::regclass::text AS "table" FROM pg_class WHERE relkind IN ('r', 'p')
	AND (relnamespace IN ('shop'::regnamespace, 'v2'::regnamespace) OR relname ~ '^(kept|attempt|stay|state)_1$');
CREATE VIEW counted AS SELECT "table", pg_stat_get_xact_numscans(oid) AS scans,
	pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid) AS reads FROM tables;
CREATE FUNCTION too_much(call text, uid integer) RETURNS TABLE ("table" text, scans bigint, reads bigint)
	LANGUAGE plpgsql AS $$
DECLARE
	before jsonb := (SELECT jsonb_object_agg(c."table", to_jsonb(c)) FROM counted c);
	answer text;
BEGIN
	EXECUTE call INTO answer USING uid;
	RETURN QUERY SELECT now."table", now.scans, now.reads FROM (
		SELECT c."table", c.scans - (before -> c."table" ->> 'scans')::bigint AS scans,
			c.reads - (before -> c."table" ->> 'reads')::bigint AS reads FROM counted c) now
		WHERE now.reads > 12000 OR (now.scans > 0 AND now."table" !~ '^v2') ORDER BY 1;
	IF answer IN ('failed', 'stuck') THEN
		RAISE '%', answer;
	END IF;
END $$;
-- there, changed, home, there again with what was kept, and home the other way
CREATE FUNCTION trip(uid integer) RETURNS TABLE (what text, "table" text, scans bigint, reads bigint)
	LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT 'there', t.* FROM too_much('SELECT gray_migrate($1)', uid) t;
	SET LOCAL enable_nestloop = off; -- version 2 has its own plans
	UPDATE v2.orders SET n = n + 1.25 WHERE user_id = uid AND id % 3 = 0;
	UPDATE v2.items SET n = items.n + 1, mood = 'good' FROM v2.orders o
		WHERE o.id = order_id AND o.user_id = uid AND items.id % 5 = 0;
	DELETE FROM v2.tags USING v2.items i, v2.orders o
		WHERE i.id = item_id AND o.id = i.order_id AND o.user_id = uid AND item_id % 2000 = 7;
	UPDATE v2.visits SET n = n + 1 WHERE user_id = uid AND id % 9 = 0;
	SET LOCAL enable_nestloop = on;
	RETURN QUERY SELECT 'compared', t.* FROM too_much('SELECT count(*) FROM gray_verify($1)', uid) t;
	RETURN QUERY SELECT 'home', t.* FROM too_much('SELECT gray_migrate_back($1)', uid) t;
	RETURN QUERY SELECT 'there again', t.* FROM too_much('SELECT gray_migrate($1)', uid) t;
	SET LOCAL pg_gray.back_strategy = 'replace';
	RETURN QUERY SELECT 'home again', t.* FROM too_much('SELECT gray_migrate_back($1)', uid) t;
	SET LOCAL pg_gray.back_strategy = 'merge';
END $$;
SELECT count(gray_migrate(i)) FROM generate_series(1, 10) i;
SELECT * FROM trip(11);

-- gray was vacuumed while it was empty, and somebody read it meanwhile: its pages are still there
SELECT count(gray_migrate_back(i)) FROM generate_series(1, 10) i;
VACUUM (TRUNCATE false, ANALYZE) v2.users, v2.orders, v2.items, v2.tags, v2.visits;
SELECT relname, relpages > 0 AS pages, reltuples FROM pg_class WHERE oid = 'v2.items'::regclass;
SELECT count(gray_migrate(i)) FROM generate_series(1, 10) i;
SELECT * FROM trip(11);

-- anything may be in pg_class and pg_statistic: of all tables, of one side, of one table
SET allow_system_table_mods = on;
CREATE FUNCTION believe(pages integer, rows real, pattern text) RETURNS void LANGUAGE sql
	BEGIN ATOMIC
		UPDATE pg_class SET relpages = pages, reltuples = rows FROM tables t LEFT JOIN pg_index i ON i.indrelid = t.oid
			WHERE pg_class.oid IN (t.oid, i.indexrelid) AND "table" ~ pattern;
		UPDATE pg_statistic SET stadistinct = CASE rows WHEN 1e30 THEN -1 ELSE 1 END, stanullfrac = 0.9, stawidth = 9000
			FROM tables t WHERE starelid = t.oid AND "table" ~ pattern;
	END;
CREATE FUNCTION trips() RETURNS TABLE (pages integer, rows real, pattern text, what text, "table" text, scans bigint,
	reads bigint) LANGUAGE plpgsql AS $$
DECLARE
	uid integer := 11;
BEGIN
	FOREACH pattern IN ARRAY ARRAY['.', '^v2', '^(orders|items|tags|kinds)', '^gray'] LOOP
		FOR pages, rows IN VALUES (0, 0), (7, 0), (2000000000, 0), (1, 1e30) LOOP
			PERFORM believe(pages, rows, pattern);
			RETURN QUERY SELECT pages, rows, pattern, t.* FROM trip(uid) t;
			uid := uid + 1;
		END LOOP;
	END LOOP;
END $$;
SELECT * FROM trips();
DELETE FROM pg_statistic USING tables t WHERE starelid = t.oid;
SELECT * FROM trip(12);
RESET allow_system_table_mods;

-- nor do settings
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET enable_nestloop = off;
SET random_page_cost = 10000;
SET plan_cache_mode = force_custom_plan;
SELECT * FROM trip(13);
RESET ALL;
SET search_path = shop, public;
SET jit = off;
SET statement_timeout = '60s';

-- where an index is missing, its table is read once in a statement, and all others still go by theirs
DROP INDEX items_order_id, v2.tags_item_id;
SELECT * FROM trip(14);

-- what is planned meanwhile is planned as always, and an error leaves nothing behind
CREATE FUNCTION shop.look() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	EXECUTE 'EXPLAIN SELECT FROM shop.orders' INTO line;
	RAISE NOTICE '%', substring(line FROM 'rows=\d+');
	RETURN 1 / (current_setting('shop.looks') = 'well')::integer;
END $$;
CREATE FUNCTION shop.guess() RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN shop.look(); END';
ALTER TABLE v2.orders ADD guessed text;
ALTER TABLE v2.orders ALTER guessed SET DEFAULT shop.guess();
ANALYZE orders;
SET shop.looks = 'well';
SELECT gray_migrate(15);
SET shop.looks = 'ill';
SET client_min_messages = warning;
SELECT gray_migrate(16);
SHOW enable_material;
RESET client_min_messages;
SET shop.looks = 'well';
SELECT shop.look();

SET client_min_messages = warning;
SELECT gray_close();
SELECT count(gray_migrate_back(uid)) FROM gray_roster() WHERE state = 'on';
SELECT gray_drop_release(force => true);
DROP SCHEMA shop CASCADE;
DROP SCHEMA v2;
