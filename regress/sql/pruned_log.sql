-- The log of moves is only a log: whoever prunes it, also of users who are in gray, changes no way home
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA pruned;
SET search_path = pruned, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE items (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, price numeric, note text);
CREATE INDEX ON items (user_id);
INSERT INTO users SELECT u, 'user ' || u FROM generate_series(1, 9) u;
INSERT INTO items SELECT u * 100 + n, u, n + 0.25, 'n' FROM generate_series(1, 9) u, generate_series(1, 9) n;
SELECT gray_create_release('p', 'p');
SELECT count(*) FROM gray_clone_tree('users', 'id');
ALTER TABLE p.items ADD mood text DEFAULT 'fine';
-- production can't take a note like this
ALTER TABLE items ADD CONSTRAINT short CHECK (length(note) < 9);
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(1, 8) u;
-- an earlier stay
SELECT count(gray_migrate(u)) FROM generate_series(1, 8) u;
SELECT count(gray_migrate_back(u)) FROM generate_series(1, 8) u;
SELECT count(*) FROM gray.stay_1;

-- 1 and 2 write nothing, 3 and 4 some rows, 5 and 6 one that keeps them from coming home, 7 and 8 are discarded.
-- Nobody keeps what was logged of 2, 4, 6 and 8.
SELECT count(gray_migrate(u)) FROM generate_series(1, 8) u;
UPDATE p.items SET note = 'written' WHERE user_id IN (3, 4) AND id % 100 = 1;
DELETE FROM p.items WHERE user_id IN (3, 4) AND id % 100 = 2;
INSERT INTO p.items SELECT u * 100 + 10, u, 10, 'new', 'new' FROM generate_series(3, 4) u;
UPDATE p.items SET note = 'much too long' WHERE user_id IN (5, 6) AND id % 100 = 1;
SELECT u, gray_migrate_back(u) FROM generate_series(5, 6) u;
DELETE FROM gray.attempt_1 WHERE uid % 2 = 0;
SELECT uid, count(*) FROM gray.history GROUP BY uid ORDER BY uid;
SELECT uid FROM gray.incidents;
SELECT count(*) FROM gray.stay_1;

-- what nobody wrote is not even read in production
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT u, gray_migrate_back(u), pg_stat_get_xact_tuples_fetched('items_pkey'::regclass) AS fetched
	FROM generate_series(1, 2) u;
ROLLBACK;

-- columns come to both sides while they are in gray
ALTER TABLE items ADD mood text DEFAULT 'good', ADD made text DEFAULT 'here';
ALTER TABLE p.items ADD made text;

-- a price that means something else is seen, and nobody comes home with it until it is said what it means
BEGIN;
ALTER TABLE items ALTER price TYPE integer USING price * 100;
SELECT object FROM gray_check() WHERE severity = 'error';
SELECT u, gray_migrate_back(u) FROM generate_series(1, 4) u;
SELECT gray_map('p.items', 'price', up => 'price / 100.0', down => 'price * 100');
SELECT u, gray_reset(u), gray_migrate_back(u) FROM generate_series(1, 4) u;
SELECT DISTINCT id % 100 AS item, price FROM items WHERE user_id < 5 ORDER BY 1;
ROLLBACK;

SELECT u, gray_migrate_back(u) FROM generate_series(1, 4) u;
UPDATE p.items SET note = 'short' WHERE user_id IN (5, 6) AND id % 100 = 1;
SELECT u, gray_reset(u), gray_migrate_back(u) FROM generate_series(5, 6) u;
SELECT u, gray_discard(u) FROM generate_series(7, 8) u;
-- each pair has the same
SELECT id % 100 AS item, price, note, mood, made, string_agg(user_id::text, ' ' ORDER BY user_id) AS users
	FROM items GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 6;
SELECT count(*) FROM gray.stay_1;

-- and with nothing in the log at all
SELECT count(gray_migrate(u)) FROM generate_series(1, 8) u;
TRUNCATE gray.attempt_1;
UPDATE p.items SET note = 'again' WHERE id % 100 = 3;
SELECT gray_migrate_back(u), count(*) FROM generate_series(1, 8) u GROUP BY 1;
SELECT note, count(*) FROM items WHERE id % 100 = 3 GROUP BY note ORDER BY note;

-- what is left of a stay whose state was set by hand is not taken for the next one
INSERT INTO gray.stay_1 (uid) VALUES (1);
SELECT gray_migrate(1);
SELECT uid, xid IS NOT NULL AS known FROM gray.stay_1;
SELECT gray_migrate_back(1);

SELECT gray_drop_release(force => true);
SELECT to_regclass('gray.stay_1');
DROP SCHEMA pruned CASCADE;
