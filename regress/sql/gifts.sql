-- In gray a user is given a row that others lead to: what comes along comes home, also where it is as the
-- giver's move left it, and the user has so much of the table that its pages are read
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA gifts;
SET search_path = gifts, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE orders (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE items (id serial PRIMARY KEY, order_id integer NOT NULL REFERENCES orders ON DELETE CASCADE);
CREATE TABLE notes (id serial PRIMARY KEY, item_id integer NOT NULL REFERENCES items ON DELETE CASCADE, text text);
CREATE TABLE marks (item_id integer NOT NULL REFERENCES items ON DELETE CASCADE, mark integer);
CREATE INDEX ON items (order_id);
CREATE INDEX ON notes (item_id);
INSERT INTO users SELECT generate_series(1, 3);
INSERT INTO orders (user_id) SELECT 1 FROM generate_series(1, 4);
INSERT INTO orders (user_id) SELECT 2 FROM generate_series(1, 3000);
INSERT INTO orders (user_id) SELECT 3 FROM generate_series(1, 3000);
INSERT INTO items (order_id) SELECT id FROM orders;
INSERT INTO notes (item_id, text) SELECT id, 'note of ' || id FROM items;
INSERT INTO marks SELECT id, n FROM items, generate_series(1, 2) n WHERE id <= 4;
SELECT gray_create_release('g', 'g');
SELECT gray_clone_tree('users', 'id');
SELECT gray_add_user(u) FROM generate_series(1, 3) u;
SELECT gray_open();

CREATE VIEW of_production AS
SELECT user_id, count(DISTINCT o.id) AS orders, count(DISTINCT i.id) AS items, count(DISTINCT n.id) AS notes,
	count(mark) AS marks, sum(n.id) AS note_ids
FROM orders o LEFT JOIN items i ON order_id = o.id LEFT JOIN notes n ON n.item_id = i.id
	LEFT JOIN marks m ON m.item_id = i.id
GROUP BY user_id ORDER BY user_id;
CREATE VIEW of_gray AS
SELECT user_id, count(DISTINCT o.id) AS orders, count(DISTINCT i.id) AS items, count(DISTINCT n.id) AS notes,
	count(mark) AS marks, sum(n.id) AS note_ids
FROM g.orders o LEFT JOIN g.items i ON order_id = o.id LEFT JOIN g.notes n ON n.item_id = i.id
	LEFT JOIN g.marks m ON m.item_id = i.id
GROUP BY user_id ORDER BY user_id;
CREATE VIEW left_in_gray AS
SELECT (SELECT count(*) FROM g.orders) AS orders, (SELECT count(*) FROM g.items) AS items,
	(SELECT count(*) FROM g.notes) AS notes, (SELECT count(*) FROM g.marks) AS marks;

-- one who was moved earlier gives; one row of what goes along was written
SELECT gray_migrate(1);
SELECT gray_migrate(2);
SELECT gray_migrate(3);
UPDATE g.orders SET user_id = 2 WHERE id = 1;
UPDATE g.items SET order_id = 5 WHERE id = 2;
UPDATE g.orders SET user_id = 3 WHERE id = 3;
UPDATE g.notes SET text = 'changed' WHERE item_id = 3;
TABLE of_gray;
SELECT gray_migrate_back(1), gray_migrate_back(2), gray_migrate_back(3);
TABLE of_production;
TABLE left_in_gray;
SELECT text FROM notes WHERE item_id = 3;

-- from one large user to the other, who gives some of it back
SELECT gray_migrate(2);
SELECT gray_migrate(3);
SELECT gray_migrate(1);
UPDATE g.orders SET user_id = 3 WHERE id BETWEEN 100 AND 139;
UPDATE g.orders SET user_id = 2 WHERE id BETWEEN 130 AND 139;
UPDATE g.items SET order_id = 3200 WHERE order_id BETWEEN 140 AND 149;
DELETE FROM g.items WHERE order_id = 100;
TABLE of_gray;
SELECT gray_migrate_back(2), gray_migrate_back(3), gray_migrate_back(1);
TABLE of_production;
TABLE left_in_gray;

-- all that the giver had
SELECT gray_migrate(1);
SELECT gray_migrate(2);
SELECT gray_migrate(3);
UPDATE g.orders SET user_id = 2 WHERE user_id = 1;
TABLE of_gray;
SELECT gray_migrate_back(1), gray_migrate_back(2), gray_migrate_back(3);
TABLE of_production;
TABLE left_in_gray;

DROP VIEW of_gray, left_in_gray;
SELECT gray_drop_release();
DROP SCHEMA gifts CASCADE;
