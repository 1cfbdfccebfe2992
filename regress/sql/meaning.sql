-- ALTER ... TYPE ... USING price * 100 while users are in gray: nobody comes home with values of the other unit
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA meant;
SET search_path = meant, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE items (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, price numeric, note text);
CREATE TABLE loose (user_id integer NOT NULL REFERENCES users, price numeric, note text);
CREATE TABLE parts (id integer, user_id integer NOT NULL REFERENCES users, price numeric, note text,
	PRIMARY KEY (id, user_id)) PARTITION BY HASH (user_id);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO users SELECT generate_series(1, 6);
INSERT INTO items SELECT u * 10 + n, u, n + 0.25, 'n' FROM generate_series(1, 6) u, generate_series(1, 2) n;
INSERT INTO items SELECT u * 10, u, 0, 'nothing' FROM generate_series(1, 6) u;
INSERT INTO loose SELECT u, n + 0.25, 'n' FROM generate_series(1, 6) u, generate_series(1, 2) n;
INSERT INTO parts SELECT n, u, n + 0.25, 'n' FROM generate_series(1, 6) u, generate_series(1, 2) n;
CREATE INDEX ON items (user_id); CREATE INDEX ON loose (user_id); CREATE INDEX ON parts (user_id);
SELECT gray_create_release('m', 'm');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(1, 6) u;
SELECT gray_migrate(u) FROM generate_series(1, 6) u;

-- 1 wrote nothing, 2 all rows in another column, 3 one of them, 4 all prices, 5 has rows of zero alone as they came
UPDATE m.items SET note = 'written' WHERE user_id = 2 OR id = 31;
UPDATE m.loose SET note = 'written' WHERE user_id = 2 OR (user_id = 3 AND price < 2);
UPDATE m.parts SET note = 'written' WHERE user_id = 2 OR (user_id = 3 AND id = 1);
UPDATE m.items SET price = price + 1 WHERE user_id = 4;
UPDATE m.loose SET price = price + 1 WHERE user_id = 4;
UPDATE m.parts SET price = price + 1 WHERE user_id = 4;
UPDATE m.items SET note = 'written' WHERE user_id = 5 AND price > 0;

CREATE FUNCTION told() RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' | ', object, problem, hint) FROM gray_check() WHERE severity = 'error'
$$;
CREATE FUNCTION home() RETURNS TABLE (uid integer, state text, message text, detail text, differing bigint)
LANGUAGE plpgsql AS $$
BEGIN
	FOR uid IN SELECT generate_series(1, 5) LOOP
		differing := (SELECT sum(v.differing) FROM gray_verify(uid) v);
		PERFORM gray_reset(uid) WHERE gray_state(uid) = 'stuck';
		state := gray_migrate_back(uid);
		SELECT i.message, i.detail INTO message, detail FROM gray.incidents i WHERE i.uid = home.uid::text;
		RETURN NEXT;
	END LOOP;
END $$;
\pset format unaligned
\pset tuples_only

\echo -- in production, to another type and to the same
BEGIN; ALTER TABLE items ALTER price TYPE integer USING price * 100; SELECT told(); SELECT * FROM home(); ROLLBACK;
BEGIN; ALTER TABLE items ALTER price TYPE numeric USING price * 100; SELECT told(); SELECT * FROM home(); ROLLBACK;
BEGIN; ALTER TABLE parts ALTER price TYPE integer USING price * 100; SELECT told(); SELECT * FROM home(); ROLLBACK;
BEGIN; ALTER TABLE loose ALTER price TYPE integer USING price * 100; SELECT told(); SELECT * FROM home(); ROLLBACK;
\echo -- in gray, where ALTER TABLE writes all rows itself
BEGIN; ALTER TABLE m.items ALTER price TYPE integer USING price * 100; SELECT told(); SELECT * FROM home(); ROLLBACK;
BEGIN; ALTER TABLE m.parts ALTER price TYPE integer USING price * 100; SELECT told(); SELECT * FROM home(); ROLLBACK;
BEGIN; ALTER TABLE m.loose ALTER price TYPE integer USING price * 100; SELECT told(); SELECT * FROM home(); ROLLBACK;
\echo -- a key, by which rows and their twins know each other
BEGIN; ALTER TABLE items ALTER id TYPE bigint USING id + 1000; SELECT told();
SELECT * FROM home() WHERE uid IN (1, 3); ROLLBACK;
\echo -- all rows replaced: the same
BEGIN; ALTER TABLE items ALTER price TYPE integer USING price * 100; SET LOCAL pg_gray.back_strategy = 'replace';
SELECT * FROM home(); ROLLBACK;
\echo -- a type alone, and a change that was undone; whoever wrote all prices has to be told that it is so
BEGIN; ALTER TABLE items ALTER price TYPE numeric(12,4); ALTER TABLE loose ALTER price TYPE integer;
ALTER TABLE m.parts ALTER price TYPE real; ALTER TABLE items ALTER id TYPE bigint;
SELECT told(); SELECT * FROM home() WHERE uid <> 4;
SELECT * FROM items WHERE user_id = 3 ORDER BY id; SELECT * FROM loose WHERE user_id = 3 ORDER BY price; ROLLBACK;
BEGIN; ALTER TABLE items ALTER price TYPE integer USING price * 100;
ALTER TABLE items ALTER price TYPE numeric USING price / 100.0; SELECT told();
SELECT * FROM home(); SELECT gray_map('m.items', 'price', up => 'price', down => 'price');
SELECT gray_reset(4), gray_migrate_back(4); SELECT * FROM items WHERE user_id IN (2, 4) ORDER BY id; ROLLBACK;

\echo -- a type that the other side has already is followed
BEGIN; ALTER TABLE items ALTER price TYPE numeric(10,2); ALTER TABLE m.items ALTER price TYPE numeric(10,2);
ALTER TABLE m.parts ALTER note TYPE varchar(9); ALTER TABLE parts ALTER note TYPE varchar(9);
SELECT told(); SELECT * FROM home() WHERE uid IN (2, 4); SELECT * FROM items WHERE user_id = 4 ORDER BY id; ROLLBACK;
\echo -- answered: they come home with the right values
ALTER TABLE items ALTER price TYPE integer USING price * 100;
ALTER TABLE loose ALTER price TYPE integer USING price * 100;
ALTER TABLE m.parts ALTER price TYPE integer USING price * 100;
SELECT * FROM home();
SELECT hint FROM gray.incidents WHERE uid = '1';
SELECT gray_map('m.items', 'user_id', up => 'user_id');
SELECT gray_map('m.items', 'price', up => 'price / 100.0', down => 'price * 100');
SELECT gray_map('m.loose', 'price', up => 'price / 100.0', down => 'price * 100');
SELECT gray_map('m.parts', 'price', up => 'price * 100', down => 'price / 100.0');
SELECT told();
SELECT * FROM home();
SELECT * FROM items WHERE user_id < 6 ORDER BY id;
SELECT * FROM loose WHERE user_id < 6 ORDER BY user_id, price;
SELECT user_id, id, trim_scale(price), note FROM parts WHERE user_id < 6 ORDER BY user_id, id;
SELECT uid, sqlstate, message FROM gray.incidents ORDER BY uid;
\echo -- and are moved by it from then on
SELECT gray_migrate(1), gray_migrate_back(6);
SELECT * FROM m.items ORDER BY id;
UPDATE m.items SET price = 9.99 WHERE id = 11;
SELECT gray_migrate_back(1);
SELECT * FROM items WHERE user_id IN (1, 6) ORDER BY id;
\echo -- a mapping from before is no answer
DELETE FROM gray.kept_1;
SELECT gray_migrate(1);
UPDATE m.items SET note = 'all' WHERE user_id = 1;
BEGIN; ALTER TABLE items ALTER price TYPE numeric USING price / 100.0; SELECT told();
SELECT * FROM home() WHERE uid = 1;
SELECT gray_map('m.items', 'price'); SELECT told(); SELECT gray_reset(1), gray_migrate_back(1);
SELECT * FROM items WHERE user_id = 1 ORDER BY id; ROLLBACK;
SELECT gray_migrate_back(1);

SELECT gray_close();
SELECT gray_drop_release(force => true);
DROP SCHEMA meant CASCADE;
