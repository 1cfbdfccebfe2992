-- The side of a session: gray when the gray schema is in its search_path, unless it says otherwise.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(42);
SELECT * FROM gray_route(42);
SHOW pg_gray.side;

-- qualified names: search_path does not tell
SELECT gray_enter(42);
SET pg_gray.side = 'gray';
SELECT gray_enter(42);
SELECT gray_enter(7);
-- version 2 calls a function that has a search_path of its own
SET pg_gray.side = 'auto';
CREATE FUNCTION enter(uid integer) RETURNS void LANGUAGE sql SET search_path = shop, public AS 'SELECT gray_enter(uid)';
SET search_path = v2, shop, public;
SELECT shop.enter(42);
BEGIN; SET LOCAL pg_gray.side = 'gray'; SELECT shop.enter(42); COMMIT;
SELECT shop.enter(42);
SET pg_gray.side = 'production';
SELECT gray_enter(7);
SELECT gray_enter(42);
SET pg_gray.side = 'both';
RESET pg_gray.side;

-- said before anything has loaded the library
\c
SET pg_gray.side = 'gray';
SELECT gray_enter(42);
SELECT gray_enter(7);
\c
BEGIN; SET LOCAL pg_gray.side = 'gray'; SELECT gray_enter(42); COMMIT;
SELECT gray_enter(42);
\c
SET pg_gray.side = 'both';
SELECT gray_enter(7);
SHOW pg_gray.side;

SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
