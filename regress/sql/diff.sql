-- gray_diff: nothing right after a clone, exactly the upgrade after an ALTER,
-- and each difference with the statement that would undo it.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
ALTER TABLE orders ADD COLUMN note text, ADD CONSTRAINT total_ok CHECK (total >= 0 AND note <> 'total');
CREATE INDEX orders_note ON orders (lower(note)) WHERE total > 10;
COMMENT ON COLUMN orders.note IS 'what the user wrote';
CREATE STATISTICS orders_stat ON user_id, total FROM orders;
ALTER TABLE orders ALTER note SET STATISTICS 500, ALTER note SET STORAGE EXTERNAL;
CREATE TABLE labels (id serial PRIMARY KEY, user_id integer REFERENCES users, label text,
	number integer GENERATED ALWAYS AS IDENTITY, UNIQUE (user_id, label));
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_diff();

-- columns
ALTER TABLE v2.orders ADD COLUMN gift text NOT NULL DEFAULT 'none';
COMMENT ON COLUMN v2.orders.gift IS 'goes and comes with its column';
ALTER TABLE v2.orders RENAME note TO message;
ALTER TABLE v2.orders ALTER total TYPE numeric(14,4), ALTER total SET DEFAULT 1;
ALTER TABLE v2.users ALTER name DROP NOT NULL, ALTER email SET NOT NULL;
ALTER TABLE v2.items DROP COLUMN quantity, ADD COLUMN double integer GENERATED ALWAYS AS (id * 2) STORED;
ALTER TABLE users ADD COLUMN phone text NOT NULL DEFAULT '';
-- and the rest
ALTER TABLE v2.users DROP CONSTRAINT users_email_key;
CREATE UNIQUE INDEX users_email_key ON v2.users (lower(email));
DROP TRIGGER count_update ON v2.orders;
ALTER TABLE v2.items DROP CONSTRAINT items_product_id_fkey;
ALTER TABLE v2.items DROP CONSTRAINT items_order_id_fkey,
	ADD CONSTRAINT items_order_id_fkey FOREIGN KEY (order_id) REFERENCES v2.orders;
ALTER TABLE v2.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON v2.orders USING (user_id = 1);
GRANT SELECT ON v2.orders TO PUBLIC;
REVOKE DELETE ON v2.items FROM CURRENT_USER;
ALTER TABLE v2.orders ALTER message SET STATISTICS -1;
COMMENT ON TABLE v2.labels IS 'new';
ALTER TABLE v2.labels SET (fillfactor = 50);
\pset format unaligned
\pset tuples_only on
SELECT table_name, object, difference FROM gray_diff();
SELECT undo || ';' FROM gray_diff();
-- what of it may stop a row on the way home is warned of
SELECT object, problem, hint FROM gray_check() WHERE severity = 'warning';
-- to be run as version 2 sees the database
SET search_path = v2, shop, public;
SELECT undo FROM gray_diff() \gexec
RESET search_path;
-- all undone: a column that comes back under the same name is the twin again
SELECT * FROM gray_diff();
\pset tuples_only off
\pset format aligned
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
