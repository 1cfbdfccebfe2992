-- Which indexes moves need, and how to make them while production is in use; and constraints of gray that are no
-- weaker than production's are no finding.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA indexed;
SET search_path = indexed, public;
CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check() WHERE problem !~ 'cohort'
$$;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE "Pay ments" (id integer, user_id integer NOT NULL, at date NOT NULL, PRIMARY KEY (id,
	at)) PARTITION BY RANGE (at);
CREATE TABLE payments_1 (at date NOT NULL, id integer NOT NULL, user_id integer NOT NULL);
ALTER TABLE "Pay ments" ATTACH PARTITION payments_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE payments_2 PARTITION OF "Pay ments" FOR VALUES FROM ('2024-02-01') TO ('2025-01-01')
	PARTITION BY LIST (at);
CREATE TABLE payments_2_rest PARTITION OF payments_2 DEFAULT;
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL, total integer,
	CONSTRAINT positive CHECK (total > 0));
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('"Pay ments"', 'user_id'), gray_clone('orders', 'user_id');
\pset format unaligned
\pset tuples_only
\echo -- none
SELECT told();
\echo -- on each partition, at whatever level
CREATE INDEX ON payments_1 (user_id); CREATE INDEX ON v2.payments_1 (user_id);
CREATE INDEX ON orders (user_id); CREATE INDEX ON v2.orders (user_id);
SELECT told();
CREATE INDEX ON payments_2_rest (user_id); CREATE INDEX ON v2.payments_2 (user_id);
SELECT told();
\echo -- one of the whole table
DROP INDEX payments_1_user_id_idx; CREATE INDEX ON "Pay ments" (user_id);
SELECT told();
\echo -- a table without a key
BEGIN; ALTER TABLE orders DROP CONSTRAINT orders_pkey; SELECT told(); ROLLBACK;

\echo -- constraints that are the same for new rows: validated, or under another name, or with other actions
ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (user_id) REFERENCES users NOT VALID,
	ADD CONSTRAINT c CHECK (total < 100) NOT VALID;
ALTER TABLE v2.orders ADD CONSTRAINT k FOREIGN KEY (user_id) REFERENCES v2.users,
	ADD CONSTRAINT c CHECK (total < 100);
SELECT told();
ALTER TABLE v2.orders DROP CONSTRAINT c, DROP CONSTRAINT positive,
	ADD CONSTRAINT low CHECK (total < 100) NOT VALID, ADD CONSTRAINT high CHECK (total > 0);
ALTER TABLE v2.orders DROP CONSTRAINT k,
	ADD CONSTRAINT k FOREIGN KEY (user_id) REFERENCES v2.users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
SELECT told();
\echo -- and those that are not
ALTER TABLE v2.orders DROP CONSTRAINT low, ADD CONSTRAINT low CHECK (total < 200);
ALTER TABLE v2.orders DROP CONSTRAINT k, ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES v2.users;
SELECT told();
SELECT gray_drop_release();
DROP SCHEMA indexed CASCADE;
