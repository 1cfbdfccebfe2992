-- Triggers behave in gray as in production: timing, columns, WHEN, transition
-- tables, constraint triggers, and whether they are enabled.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TABLE seen (trigger_name text, table_name text, note text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO shop.seen VALUES (TG_NAME, TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_ARGV[0]);
	RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO shop.seen SELECT TG_NAME, TG_TABLE_SCHEMA, count(*)::text FROM made;
	RETURN NULL;
END $$;
CREATE TRIGGER "Of Total" BEFORE UPDATE OF total ON orders FOR EACH ROW WHEN (OLD.total IS DISTINCT FROM NEW.total)
	EXECUTE FUNCTION see('it''s "total"');
CREATE TRIGGER statement AFTER INSERT ON orders REFERENCING NEW TABLE AS made FOR EACH STATEMENT
	EXECUTE FUNCTION count_rows();
CREATE CONSTRAINT TRIGGER late AFTER DELETE ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
	EXECUTE FUNCTION see('late');
CREATE TRIGGER silent BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION see('silent');
CREATE TRIGGER always AFTER UPDATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION see('always');
ALTER TABLE orders DISABLE TRIGGER silent, ENABLE ALWAYS TRIGGER always;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_diff();
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal
	AND tgrelid IN ('orders'::regclass, 'v2.orders'::regclass) ORDER BY tgname, tgrelid::regclass::text COLLATE "C";

SELECT gray_open();
SELECT gray_add_user(42);
-- a move fires none of them
SELECT * FROM gray_route(42);
TABLE seen;
-- version 2 fires them all, in gray
INSERT INTO v2.orders (user_id) VALUES (42), (42);
UPDATE v2.orders SET total = total + 1 WHERE id = 41;
UPDATE v2.orders SET total = total WHERE id = 41;
BEGIN;
DELETE FROM v2.orders WHERE id = 141;
SELECT count(*) FROM seen WHERE trigger_name = 'late';
COMMIT;
SELECT * FROM seen;
SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT count(*) FROM seen;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
