-- The fence can't be passed by session_replication_role. Where somebody has switched it off, nobody is
-- moved to gray, and who comes from there is looked at by a person.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_migrate(1);

-- a subscription, or a restore
SET session_replication_role = replica;
UPDATE orders SET total = 5 WHERE user_id = 1;
INSERT INTO orders (id, user_id) VALUES (1001, 1);
DELETE FROM users WHERE id = 1;
TRUNCATE items;
UPDATE v2.orders SET user_id = 2 WHERE user_id = 1;
UPDATE orders SET total = 5 WHERE user_id = 2;
SELECT gray_migrate(2);
RESET session_replication_role;

-- switched off
ALTER TABLE orders DISABLE TRIGGER USER;
SELECT gray_migrate(2);
SELECT gray_state(2);
SELECT gray_migrate_back(1);
SELECT uid, state, sqlstate, message FROM gray.incidents;
SELECT gray_open();
SELECT gray_reset(1);
SELECT gray_migrate_back(1), gray_migrate(2);

-- dropped, in gray
DROP TRIGGER "00_pg_gray_fence" ON v2.items;
SELECT gray_migrate(1);
SELECT gray_migrate_back(2);
SELECT gray_discard(2);
SELECT gray_open();
SELECT gray_migrate(1), gray_migrate_back(1);
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
