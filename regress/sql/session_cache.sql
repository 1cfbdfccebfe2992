-- What a session remembers of tables is dropped when it is stale, and nothing stays of what an error cut short.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
INSERT INTO orders (id, user_id) VALUES (1001, 1);
CREATE VIEW remembered AS SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'pg_gray cached';
SELECT count AS before FROM remembered \gset

-- loading fails: the table has a fence, but is none of the release
CREATE TEMP TABLE own (user_id integer);
CREATE TRIGGER "00_pg_gray_fence" AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION gray.fence('v2', 'production');
BEGIN;
DO $$
BEGIN
	FOR i IN 1 .. 20
	LOOP
		BEGIN
			INSERT INTO own VALUES (1);
			RAISE 'it was written';
		EXCEPTION WHEN object_not_in_prerequisite_state THEN
			NULL;
		END;
	END LOOP;
END $$;
SELECT count - :before AS more FROM remembered;
COMMIT;

-- loaded anew in each turn, after the turn was rolled back, too
DO $$
BEGIN
	FOR i IN 1 .. 20
	LOOP
		BEGIN
			ALTER TABLE users ALTER name SET STATISTICS 100;
			ALTER TABLE orders ALTER id SET STATISTICS 100;
			INSERT INTO orders (id, user_id) VALUES (1001 + i, 1);
			RAISE division_by_zero;
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
		INSERT INTO orders (id, user_id) VALUES (1001 + i, 1);
	END LOOP;
END $$;
SELECT count - :before AS more FROM remembered;
SELECT count(*) FROM orders WHERE id > 1000;

SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
