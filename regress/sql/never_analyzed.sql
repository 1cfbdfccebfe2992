-- Small users are moved by indexes, also right after tables were loaded, when PostgreSQL
-- knows nothing of them, and while gray fills up.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA bulk;
SET search_path = bulk, public;
CREATE TABLE users (id integer PRIMARY KEY, name text) WITH (autovacuum_enabled = off);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text)
	WITH (autovacuum_enabled = off);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, what text)
	WITH (autovacuum_enabled = off);
CREATE INDEX ON orders (user_id);
CREATE INDEX items_order_id_idx ON items (order_id);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.items ADD mood text DEFAULT 'fine';
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 2000) i;
INSERT INTO orders SELECT i, 1 + i % 2000, 'order ' || i FROM generate_series(1, 10000) i;
INSERT INTO items SELECT i, 1 + i % 10000, 'item ' || i FROM generate_series(1, 40000) i;
SELECT gray_set_percent(100), gray_open();
CREATE VIEW read_whole AS SELECT relid::regclass AS "table", seq_scan FROM pg_stat_xact_user_tables
	WHERE schemaname IN ('bulk', 'v2', 'gray')
	AND relname IN ('users', 'orders', 'items', 'state_1', 'stay_1', 'attempt_1', 'kept_1') AND seq_scan > 0 ORDER BY 1;
-- statements are prepared when gray is empty
SELECT gray_migrate(1), gray_migrate_back(1), gray_migrate(1);
SELECT count(gray_migrate(i)) FROM generate_series(2, 600) i;

-- there and back: no table is read whole
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT count(gray_migrate(i)) FROM generate_series(601, 620) i;
TABLE read_whole;
UPDATE v2.items SET what = 'changed', mood = 'good' WHERE id = 611;
DELETE FROM v2.items WHERE id = 612;
INSERT INTO v2.items VALUES (50000, 613, 'new');
SELECT count(gray_migrate_back(i)) FROM generate_series(601, 620) i;
TABLE read_whole;
SELECT count(gray_migrate(i)) FROM generate_series(601, 620) i;
SELECT count(gray_discard(i)) FROM generate_series(601, 620) i;
TABLE read_whole;
COMMIT;

-- where an index is missing, PostgreSQL plans as it likes: one reading, and not one for each row
DROP INDEX items_order_id_idx;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT gray_migrate(700);
TABLE read_whole;
ROLLBACK;

SELECT gray_close(), count(gray_migrate_back(i)) FROM generate_series(1, 600) i;
SELECT gray_drop_release(force => true);
SET client_min_messages = warning;
DROP SCHEMA bulk CASCADE;
