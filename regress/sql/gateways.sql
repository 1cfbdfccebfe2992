-- Gateways have leases, and each holds a user's requests before the user is moved: what is announced is seen by all,
-- and the move waits for those that have a lease and have not read so far.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_add_user(1), gray_open();
\set a '''aaaaaaaa-0000-0000-0000-000000000000'''
\set b '''bbbbbbbb-0000-0000-0000-000000000000'''

-- leases: renewed, counted, over after their time, ended
SELECT gray_renew(:a, NULL, 60000, 'here:8080');
SELECT gray_renew(:b, NULL, 60000), gray_renew(:b, pg_current_snapshot(), 60000, 'there');
SELECT release, label, gateway, has_lease FROM gray.gateways ORDER BY label;
SELECT gray_renew(:b, NULL, 1) > 0;
SELECT pg_sleep(0.002);
SELECT gray_renew(:a, NULL, 60000, 'here:8080');
SELECT label, has_lease FROM gray.gateways ORDER BY label;
SELECT gray_leave(:b), gray_leave(:b);
SELECT label, has_lease FROM gray.gateways ORDER BY label;

-- wrong arguments
SELECT gray_renew(NULL, NULL, 1000);
SELECT gray_renew(:a, NULL, NULL);
SELECT gray_renew(:a, NULL, 0);
SELECT gray_renew(:a, NULL, 600001);
SELECT gray_renew(:a, NULL, 1000, 'x', 'v3');
SELECT gray_announce('x', :a);
SELECT gray_announce('1', NULL);
SELECT gray_route_announced('1', NULL);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT gray_route_announced('1', :a);
ROLLBACK;

-- nobody is announced for whom no move is due: of the cohort or not, with rows or without
SELECT gray_add_user(999);
SELECT * FROM gray_announce('2', :a);
SELECT * FROM gray_announce('999', :a);
SELECT count(*) FROM gray.announcement;

-- alone, a gateway waits for nobody
SELECT * FROM gray_announce('01', :a);
SELECT * FROM gray_announced(:a);
SELECT * FROM gray_announced(:b);
SELECT * FROM gray_announced();
SELECT side, state, transaction IS NOT NULL AS moved FROM gray_route_announced('1', :a);
SELECT * FROM gray_announced(:b);
-- nobody is moved without an announcement
SELECT * FROM gray_route_announced('1', :a);
-- not due any more: the user stays
SELECT gray_remove_user(1);
SELECT due FROM gray_announce('1', :a);
SELECT gray_add_user(1);
SELECT * FROM gray_route_announced('1', :a);
SELECT gray_remove_user(1);
-- withdrawn
SELECT due FROM gray_announce('1', :a);
SELECT gray_withdraw('1', :a), gray_withdraw('1', :a);
SELECT * FROM gray_announced(:b);

-- with another one, whose reading does not show the announcement yet
SELECT gray_renew(:b, pg_current_snapshot(), 60000);
SELECT due, alone, side, state FROM gray_announce('1', :a);
SET statement_timeout = '100ms';
SELECT side, state FROM gray_route_announced('1', :a);
RESET statement_timeout;
SELECT gray_state(1);
-- said once more, it is the same announcement; acknowledged, the move goes on
SELECT gray_renew(:b, pg_current_snapshot(), 60000);
SELECT due FROM gray_announce('1', :a);
SELECT side, state, transaction IS NOT NULL AS moved FROM gray_route_announced('1', :a);
-- one that begins to read has acknowledged nothing
SELECT gray_renew(:b, NULL, 60000);
SELECT gray_add_user(1);
SELECT due, alone FROM gray_announce('1', :a);
SET statement_timeout = '100ms';
SELECT side, state FROM gray_route_announced('1', :a);
RESET statement_timeout;
SELECT gray_renew(:b, pg_current_snapshot(), 60000);
SELECT side, state FROM gray_route_announced('1', :a);
-- its lease is over: it is not waited for
SELECT gray_renew(:b, pg_current_snapshot(), 1) > 0;
SELECT pg_sleep(0.002);
SELECT gray_remove_user(1);
SELECT due, alone FROM gray_announce('1', :a);
SELECT side, state FROM gray_route_announced('1', :a);

-- what a gateway leaves behind that is gone without a word is cleared away
SELECT gray_add_user(1);
SELECT due FROM gray_announce('1', :a);
SELECT gray_renew(:a, NULL, 1) > 0;
SELECT pg_sleep(0.002);
SELECT gray_renew(:b, NULL, 60000);
SELECT count(*) FROM gray.announcement;
UPDATE gray.gateway SET lease_until = now() - interval '2 days' WHERE gateway = :a;
SELECT gray_renew(:b, NULL, 60000);
SELECT gateway FROM gray.gateways;

-- who opens a release is told of those that are cut off
SELECT gray_close();
UPDATE gray.gateway SET label = 'there', lease_until = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SELECT gray_open();

-- a release that is dropped takes its gateways along
SELECT gray_renew(:b, NULL, 60000);
SELECT due FROM gray_announce('1', :b);
SELECT gray_close();
SELECT gray_drop_release();
SELECT count(*) FROM gray.gateway;
SELECT count(*) FROM gray.announcement;
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
