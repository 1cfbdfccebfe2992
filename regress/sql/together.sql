-- Users who gave each other rows in gray, took values from each other or refer to each other's rows come
-- home together, as if they were one user.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA together;
SET search_path = together, public;
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
	id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, position integer NOT NULL,
	code integer UNIQUE, mail text, price integer DEFAULT 1, ours text DEFAULT 'lost', UNIQUE (user_id, position)
);
CREATE UNIQUE INDEX orders_mail ON orders (lower(mail)) WHERE position < 1000;
CREATE TABLE items (
	id serial PRIMARY KEY, order_id integer NOT NULL REFERENCES orders ON DELETE CASCADE, ours text DEFAULT 'lost'
);
CREATE TABLE notes (id serial PRIMARY KEY, item_id integer NOT NULL REFERENCES items ON DELETE CASCADE);
CREATE TABLE marks (user_id bigint NOT NULL REFERENCES users, mark integer);
CREATE TABLE pages (item_id integer NOT NULL REFERENCES items ON DELETE CASCADE, page integer);
CREATE TABLE links (
	id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, order_id integer NOT NULL REFERENCES orders
);
CREATE TABLE visits (id integer, user_id integer NOT NULL REFERENCES users, day integer, PRIMARY KEY (id, day))
	PARTITION BY RANGE (day);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM (0) TO (10);
CREATE TABLE visits_2 (day integer NOT NULL, user_id integer NOT NULL, id integer NOT NULL);
ALTER TABLE visits ATTACH PARTITION visits_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE payments (order_id integer REFERENCES orders ON DELETE CASCADE);
CREATE INDEX ON items (order_id);
CREATE INDEX ON notes (item_id);
CREATE INDEX ON marks (user_id);
CREATE INDEX ON pages (item_id);
CREATE INDEX ON links (user_id);
CREATE INDEX ON visits (user_id);
INSERT INTO users SELECT generate_series(1, 7);
INSERT INTO orders
	SELECT 10 * u + i, u, i, 10 * u + i, 'M' || 10 * u + i, 1, 'ours'
	FROM generate_series(1, 7) u, generate_series(1, 3) i;
INSERT INTO items SELECT 10 * id + i, id, 'ours' FROM orders, generate_series(1, 2) i;
INSERT INTO notes SELECT id, id FROM items;
INSERT INTO marks SELECT u, 100 * u + i FROM generate_series(1, 7) u, generate_series(1, 3) i;
INSERT INTO pages SELECT id, n FROM items, generate_series(1, 2) n;
INSERT INTO visits SELECT u, u, 5 FROM generate_series(1, 7) u;
INSERT INTO visits SELECT u, u, 15 FROM generate_series(1, 7) u;
INSERT INTO payments SELECT id FROM orders;
SELECT gray_create_release('t');
SELECT gray_clone_tree('users', 'id', choices => '{"links": "user_id"}', leave_out => '{payments}');
ALTER TABLE t.orders DROP ours, ADD gift text DEFAULT 'none', ALTER price TYPE numeric(9, 2);
ALTER TABLE t.items DROP ours;
-- what other tests show: a value of the other side is refused when it is written
SELECT gray_set_unique('orders_code_key', false), gray_set_unique('orders_mail', false);
SELECT gray_set_percent(100), gray_open();

CREATE FUNCTION states() RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(gray_state(u)::text, ' ' ORDER BY u) FROM generate_series(1, 7) u);
CREATE VIEW in_production AS
SELECT u.id,
	(SELECT string_agg(concat_ws('/', o.id, position, ours), ' ' ORDER BY o.id)
		FROM orders o WHERE user_id = u.id) AS orders,
	(SELECT string_agg(concat_ws('/', i.id, i.order_id, i.ours), ' ' ORDER BY i.id)
		FROM items i JOIN orders o ON o.id = order_id WHERE user_id = u.id AND o.id <> i.id / 10) AS strange_items,
	(SELECT string_agg(mark::text, ' ' ORDER BY mark) FROM marks m WHERE user_id = u.id) AS marks,
	(SELECT string_agg(concat_ws('/', v.id, day), ' ' ORDER BY v.id, day) FROM visits v WHERE user_id = u.id) AS visits
FROM users u;
CREATE VIEW counts AS
SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM items) AS items,
	(SELECT count(*) FROM notes) AS notes, (SELECT count(*) FROM pages) AS pages,
	(SELECT count(*) FROM payments) AS payments;
CREATE FUNCTION away() RETURNS text LANGUAGE sql AS $$
	SELECT gray_migrate(u) FROM generate_series(1, 6) u WHERE gray_state(u) = 'off';
	SELECT states();
$$;
CREATE FUNCTION left_in_gray() RETURNS bigint LANGUAGE sql
RETURN (SELECT count(*) FROM t.orders) + (SELECT count(*) FROM t.items) + (SELECT count(*) FROM t.notes)
	+ (SELECT count(*) FROM t.marks) + (SELECT count(*) FROM t.pages) + (SELECT count(*) FROM t.links)
	+ (SELECT count(*) FROM t.visits);

-- a swap: of rows with what leads to them, of rows without a key, in partitions; what production alone has
-- stays, and what gray alone has is kept for the new owner
SELECT away();
UPDATE t.orders SET user_id = 3 - user_id, position = position + 10, gift = 'from ' || user_id, price = 1.25
	WHERE id IN (11, 21);
UPDATE t.marks SET user_id = 3 - user_id WHERE mark IN (101, 201);
UPDATE t.visits SET user_id = 3 - user_id WHERE user_id <= 2;
SELECT * FROM gray_verify(1) WHERE differing > 0;
SELECT gray_migrate_back(1);
SELECT states();
SELECT * FROM in_production WHERE id <= 2;
TABLE counts;
SELECT uid, kind, state FROM gray.history WHERE kind <> 'migrate' ORDER BY uid;
SELECT away();
SELECT id, user_id, gift, price FROM t.orders WHERE gift <> 'none' ORDER BY id;
SELECT gray_discard(u) FROM generate_series(1, 6) u;
SELECT left_in_gray();

-- a ring of three, at a request, and one who stays
SELECT away();
UPDATE t.orders SET user_id = user_id % 3 + 1, position = 40 WHERE position = 2 AND user_id <= 3;
UPDATE t.orders SET user_id = 4, position = 42 WHERE id = 43;
SELECT gray_close();
SELECT gray_route(2);
SELECT states();
SELECT id, orders FROM in_production WHERE id <= 4;
TABLE counts;

-- gifts that cross: two there, one back; and a chain, whose giver comes along
SELECT gray_open();
SELECT away();
UPDATE t.orders SET user_id = 5, position = position + 20 WHERE id IN (41, 42);
UPDATE t.orders SET user_id = 4, position = position + 20 WHERE id = 51;
UPDATE t.orders SET user_id = 5, position = position + 30 WHERE id = 61;
SELECT gray_migrate_back(4);
SELECT states();
SELECT id, orders FROM in_production WHERE id BETWEEN 4 AND 6;
SELECT gray_migrate_back(6);
TABLE counts;

-- rows that went from the order of one to that of another
SELECT away();
UPDATE t.items SET order_id = order_id + 10 WHERE order_id = 13;
UPDATE t.items SET order_id = order_id - 10 WHERE id IN (231, 232);
UPDATE t.notes SET item_id = item_id + 100 WHERE item_id = 122;
UPDATE t.pages SET item_id = item_id + 100 WHERE item_id = 121;
SELECT gray_migrate_back(2);
SELECT states();
SELECT id, strange_items FROM in_production WHERE strange_items IS NOT NULL;
SELECT item_id, count(*) FROM pages WHERE item_id IN (121, 221) GROUP BY item_id;
SELECT item_id, count(*) FROM notes WHERE item_id IN (122, 222) GROUP BY item_id;
TABLE counts;

-- unique values that went round: of columns, of an expression; to a new row
SELECT away();
UPDATE t.orders SET code = -code, mail = '-' || mail WHERE id IN (33, 43, 53);
UPDATE t.orders SET code = CASE id WHEN 33 THEN 43 WHEN 43 THEN 53 ELSE 33 END WHERE code < 0;
UPDATE t.orders SET mail = CASE id WHEN 33 THEN 'm53' WHEN 43 THEN 'm33' ELSE 'm43' END WHERE mail LIKE '-%';
SELECT gray_migrate_back(3);
SELECT states();
SELECT id, code, mail, ours FROM orders WHERE id IN (33, 43, 53) ORDER BY id;
UPDATE t.orders SET code = 1062 WHERE id = 62;
INSERT INTO t.orders (id, user_id, position, code) VALUES (100, 1, 9, 62);
SELECT gray_migrate_back(1);
SELECT states();
SELECT id, code FROM orders WHERE id IN (62, 100);

-- references to each other's rows
SELECT away();
INSERT INTO t.orders (id, user_id, position) VALUES (201, 1, 201), (202, 2, 202);
INSERT INTO t.links (user_id, order_id) VALUES (1, 202), (2, 201), (3, 11);
SELECT gray_migrate_back(1);
SELECT states();
SELECT user_id, order_id FROM links ORDER BY user_id;
DELETE FROM links;
DELETE FROM orders WHERE id > 99;

-- delete and copy
SELECT away();
UPDATE t.orders SET user_id = 7 - user_id, position = position + 50 WHERE id IN (31, 43);
UPDATE t.marks SET user_id = 7 - user_id WHERE mark IN (302, 402);
UPDATE t.visits SET user_id = 7 - user_id WHERE user_id IN (3, 4) AND day = 5;
DELETE FROM payments;
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(3);
RESET pg_gray.back_strategy;
SELECT states();
SELECT * FROM in_production WHERE id IN (3, 4);
TABLE counts;

SELECT gray_close();
SELECT gray_migrate_back(u) FROM generate_series(1, 7) u;
SELECT left_in_gray();
SELECT * FROM gray.incidents;
DROP FUNCTION left_in_gray;
SELECT gray_drop_release('t', true);
DROP SCHEMA together CASCADE;
