-- Whatever is done to the tables in gray, production is written by those who are not there, the
-- release can be closed, and what is left can be given up and dropped.
SET pg_gray.guard = off;
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(1);
SELECT gray_migrate(1);
SELECT min(id) AS o FROM orders WHERE user_id = 1 \gset
SELECT min(id) AS i FROM items WHERE order_id = :o \gset

-- Does it, asks who can write what in production, and takes it back.
CREATE TABLE attempt (id serial, statement text);
INSERT INTO attempt (statement) VALUES
	('SELECT'),
	('DROP TABLE v2.items'),
	('DROP TABLE v2.orders CASCADE'),
	('DROP TABLE v2.users, v2.orders, v2.items'),
	('ALTER TABLE v2.items RENAME TO lines'),
	('ALTER TABLE v2.items SET SCHEMA public'),
	('ALTER SCHEMA v2 RENAME TO v3'),
	('ALTER TABLE v2.orders DROP user_id CASCADE'),
	('ALTER TABLE v2.orders RENAME user_id TO owner'),
	('ALTER TABLE v2.items DROP order_id'),
	('ALTER TABLE v2.orders DROP CONSTRAINT orders_pkey CASCADE'),
	('ALTER TABLE v2.users DROP CONSTRAINT users_email_key'),
	('ALTER TABLE v2.users DROP email'),
	('ALTER TABLE v2.users ALTER email TYPE integer USING NULL'),
	('ALTER TABLE v2.items OWNER TO pg_monitor'),
	('CREATE TABLE m AS TABLE v2.items; DROP TABLE v2.items; CREATE VIEW v2.items AS TABLE m'),
	('ALTER TABLE v2.orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'),
	('DROP SCHEMA v2 CASCADE');
CREATE FUNCTION after(statement text, OUT others text, OUT moved text, OUT gray text, OUT home text, OUT closed text,
	OUT discarded text, OUT dropped text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	others := try($s$INSERT INTO users VALUES (100, 'new', 'new@example.org');
		UPDATE users SET email = 'x' WHERE id = 100;
		INSERT INTO orders VALUES (1001, 100);
		UPDATE orders SET user_id = 2 WHERE id = 1001;
		INSERT INTO items VALUES (1001, 1001, 1, 1);
		UPDATE items SET order_id = (SELECT min(id) FROM orders WHERE user_id = 3) WHERE id = 1001;
		DELETE FROM items WHERE id = 1001$s$);
	moved := try(format('UPDATE items SET quantity = 9 WHERE order_id = %s',
		(SELECT min(id) FROM orders WHERE user_id = 1)));
	gray := try(format('UPDATE v2.items SET quantity = 9 WHERE id = %s',
		(SELECT min(id) FROM items WHERE order_id = (SELECT min(id) FROM orders WHERE user_id = 1))));
	home := try('DO $d$ BEGIN IF gray_migrate_back(1) = ''stuck'' THEN'
		' RAISE ''%'', (SELECT message FROM gray.incidents); END IF; END $d$');
	closed := try('SELECT gray_close()');
	discarded := try('SELECT gray_discard(1)');
	dropped := try('SELECT gray_drop_release(force => true)');
	RAISE 'enough' USING DETAIL = row_to_json((others, moved, gray, home, closed, discarded, dropped));
EXCEPTION WHEN raise_exception THEN
	DECLARE
		detail json;
	BEGIN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		SELECT detail ->> 'f1', detail ->> 'f2', detail ->> 'f3', detail ->> 'f4',
				detail ->> 'f5', detail ->> 'f6', detail ->> 'f7'
			INTO others, moved, gray, home, closed, discarded, dropped;
	END;
END $$;
SET client_min_messages = error;
\x on
SELECT statement, a.* FROM attempt, after(statement) AS a ORDER BY id;
\x off
RESET client_min_messages;

-- stuck, with an incident; a table of that name is taken again, but not for one that the user's rows were in
DROP TABLE v2.items;
SELECT gray_migrate_back(1);
SELECT uid, state, sqlstate, message FROM gray.incidents;
SELECT gray_discard(1);
SELECT gray_migrate(1);
CREATE TABLE v2.items (LIKE items INCLUDING ALL, FOREIGN KEY (order_id) REFERENCES v2.orders ON DELETE CASCADE);
SELECT gray_reset(1);
SELECT gray_open();
SELECT gray_migrate(1);
UPDATE v2.items SET quantity = 9 WHERE id = :i;
SELECT gray_migrate_back(1);
SELECT quantity FROM items WHERE id = :i;
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP EXTENSION pg_gray;
