-- A user of the cohort is moved to the gray tables at the first request,
-- under any spelling of the uid, with rows that have no uid column, and
-- without firing triggers.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT * FROM gray_clone_tree('users', 'id');
ALTER TABLE v2.orders ADD COLUMN gift text NOT NULL DEFAULT 'none', ALTER total TYPE numeric(14,4);
ALTER TABLE v2.items RENAME quantity TO pieces;

-- before the switch is opened, and outside the cohort, nobody moves
SELECT * FROM gray_route(42);
SELECT gray_migrate(42);
SELECT gray_open();
SELECT * FROM gray_route(42);
SELECT gray_migrate(42);
SELECT count(*) FROM gray.history;

-- in the cohort: one move, whatever the spelling
SELECT gray_add_user(42);
SELECT * FROM gray_route('042');
SELECT * FROM gray_route(42::bigint);
SELECT * FROM gray_route(' +42 ');
SELECT gray_migrate(42::smallint), gray_migrate('42'), gray_state(42);
PREPARE by_text(text) AS SELECT * FROM gray_route($1);
EXECUTE by_text('00042');
SELECT release, uid, kind, state, row_count, duration > '0' AS timed, sqlstate FROM gray.history;

-- the rows are there, once, as they were
SELECT * FROM gray_verify(42);
TABLE v2.users;
SELECT id, user_id, total, updated, gift FROM v2.orders ORDER BY id;
SELECT id, order_id, product_id, pieces FROM v2.items ORDER BY id;
SELECT count(*) FROM orders WHERE user_id = 42;

-- another user does not come along, and the percentage brings more
SELECT gray_state(7);
SELECT gray_set_percent(100);
SELECT * FROM gray_route(7);
SELECT users_on, users_failed, users_stuck, listed, percent FROM gray.status;
SELECT * FROM gray_roster();

SELECT gray_close();
SELECT * FROM gray_route(7);
SELECT * FROM gray_route(42);
SELECT gray_drop_release();
\d orders
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
