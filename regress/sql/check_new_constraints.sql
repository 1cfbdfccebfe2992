-- What an upgrade demands of rows is tried on production's rows before anybody is moved: each new
-- constraint says how many rows of how many users it would refuse, and names one of them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA demands;
SET search_path = demands, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem) FROM gray_check() WHERE problem !~ 'cohort'
$$;
CREATE TABLE plans (id integer PRIMARY KEY);
CREATE TABLE users (id integer PRIMARY KEY, name text, email text NOT NULL);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, total integer NOT NULL,
	note text NOT NULL, plan_id integer, code integer NOT NULL);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, quantity integer NOT NULL);
CREATE INDEX ON orders (user_id);
CREATE INDEX ON items (order_id);
INSERT INTO plans VALUES (1);
INSERT INTO users SELECT n, CASE WHEN n < 10 THEN 'user ' || n END, 'mail' || n FROM generate_series(1, 10) AS n;
INSERT INTO orders SELECT n, 1 + n / 10, 20 - n, repeat('x', n), CASE WHEN n % 10 < 5 THEN 1 ELSE 2 END, n / 2
	FROM generate_series(1, 40) AS n;
INSERT INTO items SELECT n, 1 + n / 5, n % 7 FROM generate_series(1, 100) AS n;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
\pset format unaligned
\pset tuples_only on
\echo -- as cloned: nothing
SELECT told();
\echo -- CHECK, on rows that have their user, and on rows whose user is two tables away
ALTER TABLE v2.orders ADD CONSTRAINT paid CHECK (total > 0);
ALTER TABLE v2.items ADD CONSTRAINT any_number CHECK (quantity > 0);
ALTER TABLE v2.users ADD CONSTRAINT mail CHECK (email LIKE '%@%');
SELECT told();
\echo -- through the mapping
SELECT gray_map('v2.users', 'email', up => 'email || ''@example.org''', down => 'split_part(email, ''@'', 1)');
SELECT gray_map('v2.orders', 'total', up => 'total + 10', down => 'total - 10');
SELECT told();
SELECT gray_map('v2.orders', 'total'), gray_map('v2.users', 'email');
ALTER TABLE v2.orders DROP CONSTRAINT paid;
ALTER TABLE v2.items DROP CONSTRAINT any_number;
ALTER TABLE v2.users DROP CONSTRAINT mail;
\echo -- NOT NULL, a tighter type, a domain
CREATE DOMAIN v2.small AS integer CHECK (value < 5);
ALTER TABLE v2.users ALTER name SET NOT NULL;
ALTER TABLE v2.orders ALTER note TYPE varchar(10);
ALTER TABLE v2.items ALTER quantity TYPE v2.small;
SELECT told();
ALTER TABLE v2.users ALTER name DROP NOT NULL;
ALTER TABLE v2.orders ALTER note TYPE text;
ALTER TABLE v2.items ALTER quantity TYPE integer;
\echo -- UNIQUE, EXCLUDE, FOREIGN KEY
ALTER TABLE v2.orders ADD UNIQUE (code), ADD EXCLUDE (plan_id WITH =), ADD FOREIGN KEY (plan_id) REFERENCES plans;
SELECT told();
ALTER TABLE v2.orders DROP CONSTRAINT orders_code_key, DROP CONSTRAINT orders_plan_id_excl,
	DROP CONSTRAINT orders_plan_id_fkey;
\echo -- columns without a value, there and home, and values that have no way home
ALTER TABLE v2.orders ADD currency text NOT NULL;
ALTER TABLE orders ADD region text NOT NULL DEFAULT 'eu';
ALTER TABLE orders ALTER region DROP DEFAULT;
ALTER TABLE v2.items ALTER quantity TYPE inet USING '10.0.0.1';
SELECT told();
\echo -- a default, a mapping: no error is left
ALTER TABLE v2.orders ALTER currency SET DEFAULT 'EUR';
SELECT gray_map('v2.orders', 'region', down => '''eu''');
SELECT gray_map('v2.items', 'quantity', up => '''10.0.0.0''::inet + quantity',
	down => '(quantity - ''10.0.0.0'')::integer');
SELECT told();
\pset tuples_only off
\pset format aligned
SELECT gray_drop_release();
DROP SCHEMA demands, v2 CASCADE;
