-- A foreign key that every partition of a table has is followed as if the table had it:
-- in the tree, as an owner path, and as the column of gray_clone.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA shared;
SET search_path = shared, public;
CREATE TABLE customers (id integer PRIMARY KEY, name text);
CREATE TABLE shops (code text PRIMARY KEY);
CREATE TABLE rentals (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers);
CREATE INDEX ON rentals (customer_id);

-- the uid in a column; in a partition it is another column's number
CREATE TABLE payments (id integer, customer_id integer NOT NULL, at date NOT NULL, amount numeric,
	PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE payments_1 PARTITION OF payments FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE payments_2 (gone text, at date NOT NULL, amount numeric, customer_id integer NOT NULL,
	id integer NOT NULL);
ALTER TABLE payments_2 DROP gone;
ALTER TABLE payments ATTACH PARTITION payments_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
ALTER TABLE payments_1 ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE payments_2 ADD CONSTRAINT another_name FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE;

-- an owner path over levels: one key is that of a partitioned partition
CREATE TABLE returns (id integer, rental integer, at date NOT NULL, shop text, note text) PARTITION BY RANGE (at);
CREATE TABLE returns_1 PARTITION OF returns FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY LIST (shop);
CREATE TABLE returns_1a PARTITION OF returns_1 FOR VALUES IN ('a');
CREATE TABLE returns_1b PARTITION OF returns_1 DEFAULT;
CREATE TABLE returns_2 (note text, shop text, rental integer, at date NOT NULL, id integer);
ALTER TABLE returns ATTACH PARTITION returns_2 DEFAULT;
ALTER TABLE returns_1 ADD FOREIGN KEY (rental) REFERENCES rentals (id);
ALTER TABLE returns_2 ADD FOREIGN KEY (rental) REFERENCES rentals (id);
ALTER TABLE returns_2 ADD FOREIGN KEY (shop) REFERENCES shops;
CREATE UNIQUE INDEX ON returns (id, at, shop);
CREATE INDEX ON returns (rental);

-- an owner path of two columns, named in another order; keys to a partitioned table have shadows,
-- which are none; and not all partitions have the one to customers
CREATE TABLE notes (id integer, payment integer, at date NOT NULL, customer integer) PARTITION BY RANGE (at);
CREATE TABLE notes_1 PARTITION OF notes FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE notes_2 PARTITION OF notes DEFAULT;
ALTER TABLE notes_1 ADD FOREIGN KEY (payment, at) REFERENCES payments;
ALTER TABLE notes_2 ADD FOREIGN KEY (at, payment) REFERENCES payments (at, id);
ALTER TABLE notes_1 ADD FOREIGN KEY (customer) REFERENCES customers;
-- a partition lacks the key, or has another
CREATE TABLE half (id integer, customer_id integer) PARTITION BY LIST (id);
CREATE TABLE half_1 PARTITION OF half FOR VALUES IN (1);
CREATE TABLE half_2 PARTITION OF half DEFAULT;
ALTER TABLE half_1 ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE half_2 ADD FOREIGN KEY (id) REFERENCES customers;

INSERT INTO customers VALUES (1, 'one'), (2, 'two');
INSERT INTO shops VALUES ('a'), ('b');
INSERT INTO rentals VALUES (11, 1), (12, 1), (21, 2);
INSERT INTO payments VALUES (1, 1, '2024-01-05', 5), (2, 1, '2024-02-05', 6), (3, 2, '2024-02-05', 7);
INSERT INTO returns VALUES (1, 11, '2024-01-05', 'a'), (2, 12, '2024-01-05', 'b'), (3, 12, '2024-02-05', 'b'),
	(4, 21, '2024-02-05', 'b'), (5, NULL, '2024-02-05', 'b');
INSERT INTO notes VALUES (1, 1, '2024-01-05', 1), (2, 2, '2024-02-05', 1), (3, 3, '2024-02-05', 2);

SELECT gray_create_release('v2');
SELECT production, owner FROM gray_clone_tree('customers', 'id', dry_run => true);
BEGIN;
SELECT gray_clone('customers', 'id');
SELECT gray_clone('payments');
SELECT gray_clone('rentals');
SELECT gray_clone('returns', 'rental');
SELECT gray_clone('notes', 'payment');
SELECT production, owner FROM gray_clone_tree('customers', 'id', dry_run => true);
ROLLBACK;
-- one that not all have counts when people say it: also as a path to a table that has the uid
BEGIN;
CREATE TABLE lines (id integer, rental integer) PARTITION BY LIST (id);
CREATE TABLE lines_1 PARTITION OF lines FOR VALUES IN (1);
CREATE TABLE lines_2 PARTITION OF lines DEFAULT;
ALTER TABLE lines_2 ADD FOREIGN KEY (rental) REFERENCES rentals;
SELECT production, owner, hint FROM gray_clone_tree('customers', 'id', dry_run => true)
	WHERE production IN ('lines'::regclass, 'half'::regclass);
SELECT hint AS call FROM gray_clone_tree('customers', 'id', true, '{"half": "customer_id", "lines": "rental"}')
	WHERE owner ~ '^all of' \gset
\echo :call
:call
SELECT hint FROM gray_clone_tree('customers', 'id', true) WHERE owner ~ '^all of';
SELECT object, hint FROM gray_check() WHERE problem ~ 'foreign key';
SELECT gray_drop_release();
SELECT gray_create_release('v2');
SELECT gray_clone('lines', 'rental');
ROLLBACK;
BEGIN;
SELECT gray_clone('customers', 'id');
SAVEPOINT s;
SELECT gray_clone('half');
ROLLBACK TO s;
SELECT gray_clone('half', 'customer_id');
SELECT hint FROM gray_clone_tree('customers', 'id', true) WHERE owner ~ '^all of';
ROLLBACK;
SELECT production, owner FROM gray_clone_tree('customers', 'id');
SELECT t.position, t.production, t.uid_attnum, p.production AS parent, t.path_attnums, t.parent_attnums
	FROM gray.release_table t LEFT JOIN gray.release_table p ON p.position = t.parent_position ORDER BY 1;
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
	WHERE contype = 'f' AND connamespace = 'v2'::regnamespace AND conparentid = 0 ORDER BY 1::text, 2;
SELECT * FROM gray_diff();

-- there and back
CREATE FUNCTION content() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(r, E'\n' ORDER BY r) FROM (SELECT 'payments ' || p FROM payments p
		UNION ALL SELECT 'returns ' || r FROM returns r UNION ALL SELECT 'notes ' || n FROM notes n
		UNION ALL SELECT 'rentals ' || r FROM rentals r) AS x (r)
$$;
CREATE TABLE before AS SELECT content() AS content;
SELECT gray_add_user(1);
SELECT gray_open();
SELECT * FROM gray_route(1);
SELECT * FROM v2.payments ORDER BY id;
SELECT * FROM v2.returns ORDER BY id;
SELECT * FROM v2.notes ORDER BY id;
SELECT * FROM gray_verify(1);
UPDATE returns SET note = 'x' WHERE id = 1;
UPDATE returns_2 SET note = 'x' WHERE id = 4;
UPDATE v2.returns SET note = 'gray' WHERE id IN (2, 3);
DELETE FROM v2.payments WHERE id = 2;
DELETE FROM v2.notes WHERE id = 2;
DELETE FROM v2.payments WHERE id = 2;
INSERT INTO v2.payments VALUES (4, 1, '2024-02-06', 8);
INSERT INTO v2.payments VALUES (5, 2, '2024-02-06', 8);
INSERT INTO v2.returns VALUES (6, 21, '2024-01-05', 'a');
SELECT gray_remove_user(1);
SELECT * FROM gray_route(1);
SELECT regexp_split_to_table(content(), '\n') EXCEPT SELECT regexp_split_to_table(content, '\n') FROM before ORDER BY 1;
SELECT regexp_split_to_table(content, '\n') FROM before EXCEPT SELECT regexp_split_to_table(content(), '\n') ORDER BY 1;
SELECT (SELECT count(*) FROM v2.payments) AS payments, (SELECT count(*) FROM v2.returns) AS returns;
SELECT gray_close();

-- a partition that comes later, without the key
SELECT object, problem, hint FROM gray_check() WHERE problem ~ 'foreign key';
ALTER TABLE returns DETACH PARTITION returns_2;
ALTER TABLE v2.returns DETACH PARTITION v2.returns_2;
DROP TABLE v2.returns_2;
CREATE TABLE returns_3 PARTITION OF returns FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE v2.returns_3 PARTITION OF v2.returns FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
SELECT object, problem, hint FROM gray_check() WHERE problem ~ 'foreign key';
ALTER TABLE shared.returns_3 ADD FOREIGN KEY (rental) REFERENCES shared.rentals (id);
ALTER TABLE v2.returns_3 ADD FOREIGN KEY (rental) REFERENCES v2.rentals (id);
SELECT object, problem, hint FROM gray_check() WHERE problem ~ 'foreign key';

SET client_min_messages = warning;
SELECT gray_drop_release();
DROP SCHEMA shared CASCADE;
