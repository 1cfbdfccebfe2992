-- pg_gray.back_strategy = 'replace': all of a user's rows are deleted in production, and those
-- of gray put in their place.  What others' rows refer to is not lost by that.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
-- a circle of references, a table without a key, a partitioned one
ALTER TABLE users ADD best_order integer REFERENCES orders DEFERRABLE INITIALLY DEFERRED;
UPDATE users SET best_order = (SELECT min(id) FROM orders WHERE user_id = users.id);
CREATE TABLE notes (user_id integer NOT NULL REFERENCES users, body text);
CREATE TABLE hits (user_id integer NOT NULL REFERENCES users, kind text, PRIMARY KEY (user_id, kind))
	PARTITION BY LIST (kind);
CREATE TABLE hits_a PARTITION OF hits FOR VALUES IN ('a');
CREATE TABLE hits_rest PARTITION OF hits DEFAULT;
CREATE INDEX ON notes (user_id);
INSERT INTO notes SELECT u, 'note' FROM generate_series(40, 45) u, generate_series(1, 2);
INSERT INTO hits SELECT u, kind FROM generate_series(40, 45) u, unnest('{a,b}'::text[]) kind;
CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN RAISE EXCEPTION '% fired on %', TG_NAME, TG_TABLE_NAME; END$$;
CREATE TRIGGER forbids AFTER INSERT OR UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION forbid();
CREATE TRIGGER forbids BEFORE INSERT OR UPDATE OR DELETE ON hits FOR EACH ROW EXECUTE FUNCTION forbid();
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('orders', 'user_id'), gray_clone('items', 'order_id'),
	gray_clone('notes', 'user_id'), gray_clone('hits', 'user_id');
ALTER TABLE v2.orders ALTER total TYPE integer, DROP updated;
DROP TRIGGER count_update ON v2.orders;
DROP TRIGGER forbids ON v2.notes;
DROP TRIGGER forbids ON v2.hits;
ALTER TABLE v2.users DROP name, ADD full_name text;
SELECT gray_map('v2.users', 'full_name', up => 'upper(name)');
SELECT gray_map('v2.users', 'name', down => 'lower(full_name)');
UPDATE orders SET total = total + 0.25;
UPDATE users SET name = 'Mixed ' || name;
-- outside the release
CREATE TABLE stickers (
	order_id integer REFERENCES orders ON DELETE CASCADE,
	user_email text REFERENCES users (email) ON DELETE SET NULL
);
CREATE TABLE marks (kind text, user_id integer, FOREIGN KEY (user_id, kind) REFERENCES hits ON DELETE CASCADE);
SELECT gray_set_percent(100);
SELECT gray_open();
SET pg_gray.back_strategy = 'none';
SHOW pg_gray.back_strategy;

-- nothing was changed: merged, nothing is written; replaced, everything
CREATE TABLE before AS SELECT ctid AS at, o.* FROM orders o WHERE user_id = 42;
SELECT * FROM gray_route(42);
SELECT gray_migrate_back(42);
SELECT * FROM gray_route(42);
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(42);
SELECT kind, state, row_count FROM gray.history;
SELECT o.id, o.total, o.updated, b.at = o.ctid AS same FROM orders o LEFT JOIN before b USING (id)
	WHERE o.user_id = 42 ORDER BY id;
SELECT id, name, email, best_order FROM users WHERE id = 42;

-- changed, deleted, new; a value given to another row
SELECT * FROM gray_route(42);
UPDATE v2.users SET full_name = 'ELSE', best_order = 141 WHERE id = 42;
UPDATE v2.orders SET total = 1000 WHERE id = 41;
DELETE FROM v2.items WHERE order_id = 91;
DELETE FROM v2.orders WHERE id = 91;
INSERT INTO v2.items VALUES (1001, 141, 1, 1);
UPDATE v2.notes SET body = 'changed' WHERE ctid = (SELECT min(ctid) FROM v2.notes);
UPDATE v2.hits SET kind = CASE kind WHEN 'a' THEN 'b' ELSE 'c' END WHERE kind = 'b';
INSERT INTO stickers VALUES (91, NULL);
SELECT gray_migrate_back(42);
SELECT kind, state, row_count, message FROM gray.history ORDER BY started DESC LIMIT 1;
SELECT * FROM users WHERE id = 42;
SELECT * FROM orders WHERE user_id = 42 ORDER BY id;
SELECT i.* FROM items i JOIN orders o ON o.id = order_id WHERE user_id = 42 ORDER BY id;
SELECT * FROM notes WHERE user_id = 42 ORDER BY body;
SELECT tableoid::regclass, * FROM hits WHERE user_id = 42 ORDER BY kind;
-- the sticker of a deleted order went with it
TABLE stickers;

-- rows outside that refer to what would be written anew: refused, and merged instead
INSERT INTO stickers VALUES (41, NULL), (1, 'user42@example.org');
SELECT * FROM gray_route(42);
UPDATE v2.orders SET total = 2000 WHERE id = 41;
SELECT gray_migrate_back(42);
SELECT sqlstate, message, detail, hint, table_name, constraint_name FROM gray.incidents;
SELECT gray_reset(42);
DELETE FROM stickers WHERE order_id = 41;
SELECT gray_migrate_back(42);
DELETE FROM stickers;
INSERT INTO marks VALUES ('a', 42);
SELECT gray_reset(42);
SELECT gray_migrate_back(42);
SELECT message, detail FROM gray.incidents;
SELECT total FROM orders WHERE id = 41;
SELECT gray_reset(42);
INSERT INTO stickers VALUES (41, 'user42@example.org');
SET pg_gray.back_strategy = 'merge';
SELECT gray_migrate_back(42);
TABLE stickers;
TABLE marks;
SELECT total FROM orders WHERE id = 41;
DELETE FROM stickers;
DELETE FROM marks;
SET pg_gray.back_strategy = 'replace';

-- rows of other users: what they refer to must come back
UPDATE users SET best_order = 41 WHERE id = 7;
SELECT * FROM gray_route(42);
SELECT gray_migrate_back(42);
SELECT id FROM orders WHERE user_id = 42 ORDER BY id;
SELECT * FROM gray_route(42);
DELETE FROM v2.items WHERE order_id = 41;
DELETE FROM v2.orders WHERE id = 41;
SELECT gray_migrate_back(42);
SELECT message, detail FROM gray.incidents;
UPDATE users SET best_order = NULL WHERE id = 7;
-- all foreign keys of what is written are checked
ALTER TABLE v2.items DROP CONSTRAINT items_product_id_fkey;
UPDATE v2.items SET product_id = 99 WHERE order_id = 141;
SELECT gray_reset(42);
SELECT gray_migrate_back(42);
SELECT message, detail FROM gray.incidents;
SELECT id FROM orders WHERE user_id = 42 ORDER BY id;
UPDATE v2.items SET product_id = 5 WHERE order_id = 141;
SELECT gray_reset(42);
SELECT gray_migrate_back(42);
SELECT id FROM orders WHERE user_id = 42 ORDER BY id;
SELECT (SELECT count(*) FROM v2.users) AS users, (SELECT count(*) FROM v2.orders) AS orders,
	(SELECT count(*) FROM v2.notes) AS notes;
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
