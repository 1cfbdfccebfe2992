-- What would go wrong with a release is shown before it does, and gray_open
-- refuses the errors among it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA checked;
SET search_path = checked, public;
SELECT gray_create_release('v2');
\x on
-- nothing there
SELECT * FROM gray_check();
SELECT gray_open();
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text, total integer);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, part integer);
CREATE INDEX ON orders (user_id);
CREATE INDEX ON items (order_id);
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_check();
-- nobody in the cohort is no error, and all is well with one user or a percentage
BEGIN; SELECT gray_open(); ROLLBACK;
BEGIN; SELECT gray_set_percent(1); SELECT * FROM gray_check(); ROLLBACK;
SELECT gray_add_user(1);
SELECT * FROM gray_check();
SELECT * FROM gray_check('v9');

-- keys: each of these does not serve
BEGIN;
ALTER TABLE items DROP CONSTRAINT items_pkey, ALTER id SET NOT NULL;
SELECT * FROM gray_check();
CREATE UNIQUE INDEX ON items (id) WHERE part IS NOT NULL;
CREATE UNIQUE INDEX ON items ((id + 0));
ALTER TABLE items ADD UNIQUE (part), ADD extra integer NOT NULL UNIQUE DEFAULT 0;
SELECT object, problem FROM gray_check();
SAVEPOINT a; SELECT gray_open(); ROLLBACK TO a;
-- and these do: a deferrable one is kept by all that is committed
SAVEPOINT a;
ALTER TABLE items ADD UNIQUE (id) DEFERRABLE INITIALLY DEFERRED;
SELECT count(*) FROM gray_check() WHERE problem LIKE 'no key%';
ROLLBACK TO a;
SAVEPOINT a;
ALTER TABLE items ADD PRIMARY KEY (id) DEFERRABLE;
SELECT count(*) FROM gray_check() WHERE problem LIKE 'no key%';
ROLLBACK TO a;
ALTER TABLE items ADD PRIMARY KEY (id);
SELECT * FROM gray_check();
ROLLBACK;
BEGIN; ALTER TABLE v2.orders DROP CONSTRAINT orders_pkey CASCADE; SELECT * FROM gray_check(); ROLLBACK;
BEGIN;
ALTER TABLE v2.orders DROP CONSTRAINT orders_pkey CASCADE, ADD PRIMARY KEY (user_id, id);
SELECT * FROM gray_check();
ROLLBACK;

-- columns that need a value and have no twin
CREATE DOMAIN needed AS text NOT NULL;
CREATE DOMAIN needed_more AS needed;
BEGIN;
CREATE DOMAIN with_default AS text NOT NULL DEFAULT 'x';
ALTER TABLE v2.orders
	ADD ok_1 text, ADD ok_2 text NOT NULL DEFAULT '', ADD ok_3 integer NOT NULL GENERATED ALWAYS AS (1) STORED,
	ADD ok_4 integer GENERATED ALWAYS AS IDENTITY, ADD ok_5 with_default NOT NULL,
	ADD bad_1 text NOT NULL, ADD bad_2 needed_more;
SELECT * FROM gray_check();
SELECT gray_open();
ROLLBACK;
BEGIN;
ALTER TABLE orders ALTER note SET NOT NULL, ALTER total SET NOT NULL, ALTER total SET DEFAULT 0;
ALTER TABLE v2.orders DROP note, DROP total;
SELECT * FROM gray_check();
SELECT gray_open();
ROLLBACK;
BEGIN; ALTER TABLE v2.orders DROP note; ALTER TABLE orders DROP total; SELECT * FROM gray_check(); ROLLBACK;
BEGIN;
ALTER TABLE v2.orders ALTER note SET NOT NULL;
ALTER TABLE orders ALTER total SET NOT NULL;
SELECT * FROM gray_check();
ROLLBACK;
-- also by its type
BEGIN; ALTER TABLE v2.orders ALTER note TYPE needed_more; SELECT * FROM gray_check(); ROLLBACK;

-- types
CREATE DOMAIN short AS varchar(3);
BEGIN;
ALTER TABLE v2.orders ALTER total TYPE bigint, ALTER note TYPE short;
ALTER TABLE v2.users ALTER name TYPE varchar(10);
SELECT * FROM gray_check();
ALTER TABLE v2.orders ALTER total TYPE text;
SELECT * FROM gray_check();
SAVEPOINT a; SELECT gray_open(); ROLLBACK TO a;
ALTER TABLE v2.orders ALTER total TYPE date USING NULL, ALTER note TYPE point USING NULL;
SELECT severity, object, problem FROM gray_check();
SELECT gray_open();
ROLLBACK;

-- indexes
BEGIN;
DROP INDEX orders_user_id_idx;
CREATE INDEX ON orders (total, user_id);
CREATE INDEX ON orders (user_id) WHERE total > 0;
CREATE INDEX ON orders ((user_id + 0));
DROP INDEX v2.items_order_id_idx;
SELECT * FROM gray_check();
SELECT gray_open();
ROLLBACK;

-- what is gone
BEGIN; DROP TABLE v2.items; SELECT * FROM gray_check(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE orders RENAME TO order_book; SELECT * FROM gray_check(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders DROP user_id; SELECT * FROM gray_check(); SELECT gray_open(); ROLLBACK;
BEGIN; ALTER TABLE items DROP order_id; SELECT * FROM gray_check(); ROLLBACK;
BEGIN; ALTER TABLE v2.orders DROP id CASCADE; SELECT * FROM gray_check(); ROLLBACK;
\x off
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA checked CASCADE;
