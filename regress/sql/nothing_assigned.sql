-- Tables of which nothing can be written at home: a key that is GENERATED ALWAYS, and no other column of both sides
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA bare;
SET search_path = bare, public;
CREATE TABLE members (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, old text);
CREATE TABLE visits (member_id integer PRIMARY KEY REFERENCES members, old text,
	size integer GENERATED ALWAYS AS (length(old)) STORED);
CREATE TABLE marks (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL REFERENCES members (name), old text
);
INSERT INTO members (name, old) VALUES ('ann', 'a'), ('bob', 'b');
INSERT INTO visits (member_id, old) VALUES (1, 'a'), (2, 'b');
INSERT INTO marks (name, old) VALUES ('ann', 'a'), ('bob', 'b');
SELECT gray_create_release('b', 'b');
SELECT gray_clone_tree('members', 'name');
ALTER TABLE b.members DROP old, ADD fresh text;
ALTER TABLE b.visits DROP size, DROP old, ADD fresh text;
ALTER TABLE b.marks DROP old, ADD fresh text;
SELECT gray_open();
SELECT gray_add_user('ann'), gray_add_user('bob');

-- rows that were written, though in nothing that production has
SELECT gray_migrate('ann'), gray_migrate('bob');
UPDATE b.members SET fresh = 'f';
UPDATE b.visits SET fresh = 'f';
UPDATE b.marks SET fresh = 'f';
INSERT INTO b.marks (name, fresh) VALUES ('ann', 'new');
DELETE FROM b.visits WHERE member_id = 2;
SELECT gray_migrate_back('ann');
-- every row is compared
ALTER TABLE members ADD later text;
SELECT gray_migrate_back('bob');
SELECT * FROM members ORDER BY id;
SELECT * FROM visits ORDER BY member_id;
SELECT id, name, old FROM marks ORDER BY id;
-- and what gray alone holds is there again
SELECT gray_migrate('ann');
SELECT * FROM b.members;
SELECT * FROM b.visits;
SELECT id, name, fresh FROM b.marks ORDER BY id;

SELECT gray_migrate_back('ann');

SELECT gray_drop_release(force => true);
DROP SCHEMA bare CASCADE;
