-- Moves write tables, and fire neither triggers nor rules: what hears of changes by one is shown, and what goes on
-- to act on production when it is called by version 2.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA fired;
CREATE EXTENSION lo SCHEMA fired;
SET search_path = fired, public;
CREATE FUNCTION told(which text DEFAULT '') RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, object, problem, hint) FROM gray_check()
		WHERE problem !~ 'cohort' AND concat_ws(' ', object, problem) ~ which
$$;
CREATE TABLE users (id integer PRIMARY KEY, orders integer DEFAULT 0);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text, body lo);
CREATE TABLE ratings (user_id integer NOT NULL REFERENCES users, artist_id integer NOT NULL, rating integer,
	PRIMARY KEY (user_id, artist_id));
CREATE TABLE artists (id integer PRIMARY KEY, rating numeric);
CREATE TABLE delta (id integer);
CREATE TABLE history (LIKE orders);
CREATE INDEX ON orders (user_id);
CREATE FUNCTION sets_column() RETURNS trigger LANGUAGE plpgsql
	AS 'BEGIN NEW.note := ''update orders''; RETURN NEW; END';
CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'UPDATE' THEN
		RETURN NULL;
	END IF;
	UPDATE ONLY users SET orders = orders + 1 WHERE id = NEW.user_id;
	RETURN NULL;
END$$;
CREATE FUNCTION logs() RETURNS trigger LANGUAGE plpgsql
	AS 'BEGIN INSERT INTO fired.delta VALUES (NEW.id); RETURN NEW; END';
CREATE FUNCTION tells() RETURNS trigger LANGUAGE plpgsql
	AS 'BEGIN PERFORM pg_notify(''orders'', NEW.id::text); RETURN NULL; END';
CREATE FUNCTION versioning() RETURNS trigger LANGUAGE plpgsql
	AS 'BEGIN EXECUTE format(''INSERT INTO %s SELECT $1.*'', TG_ARGV[1]) USING OLD; RETURN NEW; END';
CREATE FUNCTION recount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE artists a SET rating = (SELECT avg(r.rating) FROM ratings r WHERE r.artist_id = a.id)
		WHERE a.id = NEW.artist_id;
	RETURN NULL;
END$$;
\pset format unaligned
\pset tuples_only
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT gray_clone('users', 'id'), gray_clone('orders'), gray_clone('ratings');

\echo -- triggers that have an effect elsewhere, and those that have none
BEGIN; CREATE TRIGGER t BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION sets_column();
SELECT told('trigger'); ROLLBACK;
BEGIN; CREATE TRIGGER t AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION counts();
SELECT told('trigger'); ROLLBACK;
BEGIN; CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION logs(); SELECT told('trigger'); ROLLBACK;
BEGIN; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION logs();
CREATE TRIGGER u AFTER UPDATE ON orders
	FOR EACH STATEMENT EXECUTE FUNCTION tells(); SELECT told('trigger'); ROLLBACK;
BEGIN; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION sets_column();
ALTER TABLE orders ENABLE ALWAYS TRIGGER t;
SELECT told('trigger'); ALTER TABLE orders DISABLE TRIGGER t; SELECT told('trigger'); ROLLBACK;
BEGIN; CREATE TRIGGER t AFTER DELETE ON v2.orders FOR EACH ROW EXECUTE FUNCTION logs(); SELECT told('trigger');
ROLLBACK;

\echo -- names as arguments
BEGIN; CREATE TRIGGER v BEFORE UPDATE ON v2.orders FOR EACH ROW EXECUTE FUNCTION versioning('period',
	'fired.history', 'true'); SELECT told('given'); ROLLBACK;
BEGIN; CREATE TRIGGER v BEFORE UPDATE ON v2.orders FOR EACH ROW EXECUTE FUNCTION versioning('period',
	'fired.orders'); SELECT told('given'); ROLLBACK;
BEGIN; CREATE TRIGGER v BEFORE UPDATE ON v2.orders FOR EACH ROW EXECUTE FUNCTION versioning('orders');
SELECT told('given'); ROLLBACK;
BEGIN; CREATE TRIGGER v BEFORE UPDATE ON v2.orders FOR EACH ROW EXECUTE FUNCTION versioning('fired', 'history');
SELECT told('given'); ROLLBACK;
BEGIN; CREATE TRIGGER v BEFORE UPDATE ON v2.orders FOR EACH ROW EXECUTE FUNCTION versioning('history',
	'v2.orders', 'note'); SELECT told('given'); ROLLBACK;

\echo -- registries: a column of tables, of an extension a column of their names
BEGIN; CREATE TABLE periods (relation regclass, n integer); SELECT told('not the twins');
INSERT INTO periods VALUES ('orders', 1), ('users', 2), ('history', 3);
SELECT told('not the twins'); ROLLBACK;
BEGIN; CREATE TABLE parents (schema_name name, table_name name); ALTER EXTENSION lo ADD TABLE parents;
INSERT INTO parents VALUES ('fired', 'orders');
SELECT told('not the twins'); ROLLBACK;
BEGIN; CREATE TABLE parents (parent text); ALTER EXTENSION lo ADD TABLE parents;
INSERT INTO parents VALUES ('fired.users'), ('orders'); SELECT told('not the twins'); ROLLBACK;
BEGIN; CREATE TABLE parents (parent text); INSERT INTO parents VALUES ('fired.users'); SELECT told('not the twins');
ROLLBACK;

\echo -- large objects
BEGIN; CREATE TRIGGER body BEFORE UPDATE OR DELETE ON v2.orders FOR EACH ROW EXECUTE FUNCTION lo_manage(body);
SELECT told('large'); ROLLBACK;
SELECT told('large');

\echo -- a sum over all users, kept by a trigger in a table that both versions share
BEGIN; CREATE TRIGGER t AFTER INSERT OR UPDATE ON ratings FOR EACH ROW EXECUTE FUNCTION recount();
CREATE TRIGGER t AFTER INSERT OR UPDATE ON v2.ratings FOR EACH ROW EXECUTE FUNCTION recount();
SELECT told('recount|trigger'); ROLLBACK;
SELECT told('recount');
BEGIN; ALTER FUNCTION recount() SET search_path = fired; SELECT told('recount'); ROLLBACK;

\echo -- rules of tables on either side, and of views
BEGIN; CREATE RULE soft AS ON DELETE TO orders DO INSTEAD UPDATE orders SET note = 'deleted' WHERE id = OLD.id;
SELECT told('rules'); ROLLBACK;
BEGIN; CREATE RULE audit AS ON INSERT TO v2.orders DO ALSO INSERT INTO delta VALUES (NEW.id);
CREATE RULE last AS ON UPDATE TO v2.orders
	WHERE NEW.id = 0 DO INSTEAD NOTHING; SELECT told('rules');
	ALTER TABLE v2.orders DISABLE RULE audit, DISABLE RULE last; SELECT told('rules'); ROLLBACK;
BEGIN; CREATE VIEW some_orders AS SELECT * FROM orders;
CREATE RULE audit AS ON INSERT TO some_orders DO INSTEAD INSERT INTO delta VALUES (NEW.id);
CREATE RULE writes AS ON DELETE TO some_orders DO INSTEAD DELETE FROM orders WHERE id = OLD.id;
SELECT told('rules'); ROLLBACK;
SELECT gray_drop_release();
DROP SCHEMA fired CASCADE;
