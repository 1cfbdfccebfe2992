-- What a gateway has not seen since it read last: gray_changes gives it, and no more.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT pg_current_snapshot() AS seen \gset
-- a release without tables has nobody
SELECT * FROM gray_changes(:'seen');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();

-- the list: added, and taken off again
SELECT gray_add_user(1), gray_add_user(2);
SELECT * FROM gray_changes(:'seen') ORDER BY uid::int;
SELECT pg_current_snapshot() AS seen \gset
SELECT * FROM gray_changes(:'seen');
SELECT gray_remove_user(2);
SELECT * FROM gray_changes(:'seen');
SELECT * FROM gray_roster();
SELECT listed FROM gray.status;
SELECT side, state FROM gray_route(2);
-- what is so already is no change
SELECT pg_current_snapshot() AS seen \gset
SELECT gray_add_user(1), gray_remove_user(2), gray_remove_user(3);
SELECT * FROM gray_changes(:'seen');
-- once more on the list
SELECT gray_add_user(2);
SELECT * FROM gray_changes(:'seen');
SELECT * FROM gray_roster() ORDER BY uid::int;

-- states: every way to another one
SELECT pg_current_snapshot() AS seen \gset
SELECT side, state FROM gray_route(1);
SELECT * FROM gray_changes(:'seen');
SELECT pg_current_snapshot() AS seen \gset
SELECT side, state FROM gray_route(1);
SELECT * FROM gray_changes(:'seen');
SELECT gray_migrate_back(1);
SELECT * FROM gray_changes(:'seen');
ALTER TABLE v2.orders ADD CONSTRAINT none CHECK (total < 0);
SELECT pg_current_snapshot() AS seen \gset
SET client_min_messages = error;
SELECT side, state FROM gray_route(2);
RESET client_min_messages;
SELECT * FROM gray_changes(:'seen');
SELECT pg_current_snapshot() AS seen \gset
SELECT gray_reset(2);
SELECT * FROM gray_changes(:'seen');
ALTER TABLE v2.orders DROP CONSTRAINT none;
SELECT gray_migrate(2);
SELECT pg_current_snapshot() AS seen \gset
SELECT gray_discard(2);
SELECT * FROM gray_changes(:'seen');

-- the snapshot of a statement is that of its changes, or an earlier one
SELECT pg_current_snapshot() AS seen \gset
BEGIN;
SAVEPOINT part;
SELECT gray_add_user(7);
RELEASE part;
SELECT pg_current_snapshot() AS within \gset
COMMIT;
SELECT * FROM gray_changes(:'seen');
SELECT * FROM gray_changes(:'within');
SELECT min(seen) FILTER (WHERE uid IS NULL) IS NOT NULL AS snapshot, count(uid)
	FROM (SELECT pg_current_snapshot()::text, NULL::text
		UNION ALL SELECT NULL, uid FROM gray_changes(:'seen')) AS t (seen, uid);

-- ids of another cluster, where a dump is from, may be any: what is to come is no news
UPDATE gray.cohort_1 SET changed = '1000000000000' WHERE uid = 7;
SELECT * FROM gray_changes(:'seen');
SELECT * FROM gray_roster() WHERE uid = '7';

SELECT * FROM gray_changes(NULL);
SELECT * FROM gray_changes('1:1:', 'v9');
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
