-- Another table takes production's name while users are in gray: it has no fence, and what is written there is not lost
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA swapped;
SET search_path = swapped, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE items (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text DEFAULT 'old');
CREATE TABLE marks (user_id integer NOT NULL REFERENCES users, mark text);
INSERT INTO users SELECT generate_series(1, 4);
INSERT INTO items SELECT u * 10 + n, u FROM generate_series(1, 4) u, generate_series(1, 3) n;
INSERT INTO marks SELECT u, 'mark ' || n FROM generate_series(1, 4) u, generate_series(1, 3) n;
SELECT gray_create_release('s', 's');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(1, 4) u;
SELECT gray_migrate(u) FROM generate_series(1, 4) u;
DELETE FROM s.items WHERE id % 10 = 1 AND user_id < 4;
UPDATE s.items SET note = 'gray' WHERE id % 10 = 2;
DELETE FROM s.marks WHERE mark = 'mark 1' AND user_id < 4;

CREATE PROCEDURE swap(name text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE %1$s_new (LIKE %1$s INCLUDING ALL); INSERT INTO %1$s_new SELECT * FROM %1$s;
		ALTER TABLE %1$s_new ADD FOREIGN KEY (user_id) REFERENCES users;
		ALTER TABLE %1$s RENAME TO %1$s_old; ALTER TABLE %1$s_new RENAME TO %1$s;', name);
END $$;
CALL swap('items');
CALL swap('marks');
INSERT INTO items VALUES (100, 1, 'written without a fence');
INSERT INTO marks VALUES (2, 'written without a fence'), (2, 'and another'), (4, 'one');
\pset format unaligned
\pset tuples_only
SELECT object, problem, hint FROM gray_check() WHERE severity = 'error';
SELECT gray_migrate_back(1);
SELECT message, hint FROM gray.incidents;
SELECT gray_open();
INSERT INTO items VALUES (101, 1, 'too late');

-- what gray deleted is still in the tables that were put aside
SELECT gray_reset(1), gray_migrate_back(1), gray_migrate_back(2), gray_migrate_back(3), gray_migrate_back(4);
SELECT uid, row_key, message, hint FROM gray.incidents ORDER BY uid;
DROP TABLE items_old, marks_old;
-- then it can't be told from what was written without the fence
SELECT gray_reset(u), gray_migrate_back(u) FROM generate_series(1, 4) u;
SELECT uid, row_key, message, detail, hint FROM gray.incidents ORDER BY uid;
SET pg_gray.back_strategy = 'replace';
SELECT gray_reset(1), gray_migrate_back(1);
RESET pg_gray.back_strategy;
INSERT INTO s.items SELECT * FROM items p WHERE user_id < 4 AND NOT EXISTS (SELECT FROM s.items g WHERE g.id = p.id);
INSERT INTO s.marks SELECT * FROM marks p WHERE user_id < 5 EXCEPT SELECT * FROM s.marks;
SELECT gray_reset(u), gray_migrate_back(u) FROM generate_series(1, 4) u;
SELECT user_id, string_agg(concat(id, ' ', note), ', ' ORDER BY id) FROM items GROUP BY user_id ORDER BY user_id;
SELECT user_id, string_agg(mark, ', ' ORDER BY mark) FROM marks GROUP BY user_id ORDER BY user_id;
-- the next stay is as ever
SELECT gray_migrate(1);
DELETE FROM s.items WHERE id IN (11, 13);
SELECT gray_migrate_back(1);
SELECT * FROM items WHERE user_id = 1 ORDER BY id;

SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA swapped CASCADE;
