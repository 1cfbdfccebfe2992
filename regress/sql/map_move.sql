-- Values go through gray_map's expressions on both ways; what was not changed in gray
-- comes home bit for bit, also where the expressions lose something.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (
	id integer PRIMARY KEY, name text, price numeric(10,3), born text, note text DEFAULT 'new', code varchar(3)
);
INSERT INTO users VALUES (1, 'Ann  Lee', 1.234, '2001-02-03', 'n1', 'abc'), (2, 'Bob', NULL, NULL, NULL, NULL),
	(3, 'Cy Dee', 5, '1999-12-31', 'n3', 'x');
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users, euros numeric, cents integer);
INSERT INTO orders SELECT i, 1 + i % 3, i, 50 FROM generate_series(1, 9) i;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
-- a split, a price in cents, a text that becomes a date, two columns that become one
ALTER TABLE v2.users DROP name, ADD first_name text, ADD last_name text,
	ALTER price TYPE integer USING price * 100, ALTER born TYPE date USING born::date;
ALTER TABLE v2.orders DROP cents, ALTER euros TYPE integer;
ALTER TABLE v2.orders RENAME euros TO total;
SELECT gray_map('v2.users', 'first_name', up => 'split_part(name, '' '', 1)'),
	gray_map('v2.users', 'last_name', up => 'substr(name, strpos(name || '' '', '' '') + 1)'),
	gray_map('v2.users', 'name', down => 'concat_ws('' '', first_name, last_name)'),
	gray_map('v2.users', 'price', up => 'price * 100', down => 'price / 100.0'),
	gray_map('v2.orders', 'total', up => 'euros * 100 + cents', down => 'total / 100'),
	gray_map('v2.orders', 'cents', down => 'total % 100');
SELECT object, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_set_percent(100), gray_open();
CREATE TABLE before AS SELECT *, ctid AS at FROM users;
CREATE TABLE orders_before AS SELECT *, ctid AS at FROM orders;

SELECT gray_migrate(i) FROM generate_series(1, 3) i;
SELECT id, first_name, last_name, price, born, note, code FROM v2.users ORDER BY id;
SELECT * FROM v2.orders ORDER BY id;
SELECT * FROM gray_verify(1);

-- untouched: nothing is written
SELECT gray_migrate_back(i) FROM generate_series(1, 3) i;
SELECT count(*) FROM users u
	JOIN before b ON u.ctid = b.at AND u IS NOT DISTINCT FROM (b.id, b.name, b.price, b.born, b.note, b.code)::users;
SELECT count(*) FROM orders JOIN orders_before ON orders.ctid = at;

-- touched elsewhere, or with the same value: two blanks and a tenth of a cent stay
SELECT gray_migrate(i) FROM generate_series(1, 3) i;
UPDATE v2.users SET note = 'other' WHERE id = 1;
UPDATE v2.users SET price = price WHERE id = 3;
-- changed: each expression sees all of the row
UPDATE v2.users SET last_name = 'Dylan', price = 99 WHERE id = 2;
UPDATE v2.orders SET total = 777 WHERE id = 1;
INSERT INTO v2.orders VALUES (100, 1, 1234);
INSERT INTO v2.users (id, first_name, last_name, price) VALUES (4, 'Di', 'E', 10);
SELECT gray_migrate_back(i) FROM generate_series(1, 3) i;
SELECT id, name, price, born, note, code FROM users ORDER BY id;
SELECT * FROM orders WHERE id IN (1, 2, 100) ORDER BY id;

-- the same by comparison alone, as after a restore
UPDATE users SET name = 'Ann  Lee' WHERE id = 1;
SELECT gray_migrate(1);
UPDATE gray.stay_1 SET xid = NULL;
CREATE TABLE again AS SELECT ctid AS at FROM users WHERE id = 1;
SELECT gray_migrate_back(1);
SELECT name, users.ctid = at AS unwritten FROM users, again WHERE id = 1;

-- a value that the expression can't make
SELECT gray_map('v2.users', 'born', up => '(born || ''x'')::date', down => 'born::text');
SELECT gray_migrate(1);
SELECT sqlstate, message FROM gray.incidents;

SELECT gray_reset(1), gray_close();
SELECT gray_drop_release();
DROP SCHEMA shop CASCADE;
