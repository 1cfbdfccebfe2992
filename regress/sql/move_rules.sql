-- Rules of the application (CREATE RULE) act on its own statements, and never on those of a move:
-- a move writes tables.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA ruled;
SET search_path = ruled, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE log (what text);
CREATE TABLE soft (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, note text);
CREATE TABLE told (LIKE soft INCLUDING ALL, FOREIGN KEY (user_id) REFERENCES users);
CREATE TABLE odd (LIKE soft INCLUDING ALL, FOREIGN KEY (user_id) REFERENCES users);
CREATE TABLE frozen (LIKE soft INCLUDING ALL, FOREIGN KEY (user_id) REFERENCES users);
CREATE TABLE bag (user_id integer NOT NULL REFERENCES users, note text); -- without a key
CREATE TABLE parts (id integer, kind text, user_id integer NOT NULL REFERENCES users, note text, PRIMARY KEY (id, kind))
	PARTITION BY LIST (kind);
CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a');
CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b');
CREATE TABLE loose (kind text, user_id integer NOT NULL REFERENCES users, note text) PARTITION BY LIST (kind);
CREATE TABLE loose_a PARTITION OF loose FOR VALUES IN ('a');
CREATE TABLE loose_b PARTITION OF loose FOR VALUES IN ('b');
INSERT INTO users VALUES (1), (2);
INSERT INTO soft SELECT i, 1, 'row ' || i FROM generate_series(1, 3) i;
INSERT INTO told TABLE soft;
INSERT INTO odd TABLE soft;
INSERT INTO frozen TABLE soft;
INSERT INTO bag SELECT 1, 'row ' || i FROM generate_series(1, 3) i;
INSERT INTO parts SELECT i, chr(97 + i % 2), 1, 'row ' || i FROM generate_series(1, 4) i;
INSERT INTO loose SELECT chr(97 + i % 2), 1, 'row ' || i FROM generate_series(1, 4) i;
-- instead, also, and under a condition; on a root and on its partitions
CREATE RULE soft_delete AS ON DELETE TO soft DO INSTEAD UPDATE soft SET note = 'deleted' WHERE id = OLD.id;
CREATE RULE told_insert AS ON INSERT TO told DO ALSO INSERT INTO log VALUES ('inserted ' || NEW.id);
CREATE RULE told_update AS ON UPDATE TO told DO ALSO INSERT INTO log VALUES ('updated ' || NEW.id);
CREATE RULE told_delete AS ON DELETE TO told DO ALSO INSERT INTO log VALUES ('deleted ' || OLD.id);
CREATE RULE odd_insert AS ON INSERT TO odd WHERE NEW.note = 'odd' DO INSTEAD INSERT INTO log VALUES ('odd');
CREATE RULE odd_update AS ON UPDATE TO odd WHERE NEW.note = 'odd' DO INSTEAD NOTHING;
CREATE RULE frozen_insert AS ON INSERT TO frozen DO INSTEAD NOTHING;
CREATE RULE frozen_update AS ON UPDATE TO frozen DO INSTEAD NOTHING;
CREATE RULE frozen_delete AS ON DELETE TO frozen DO INSTEAD NOTHING;
CREATE RULE bag_insert AS ON INSERT TO bag WHERE NEW.note = 'archived' DO INSTEAD NOTHING;
CREATE RULE bag_delete AS ON DELETE TO bag DO INSTEAD UPDATE bag SET note = 'deleted' WHERE note = OLD.note;
CREATE RULE parts_delete AS ON DELETE TO parts DO INSTEAD NOTHING;
CREATE RULE parts_update AS ON UPDATE TO parts DO INSTEAD NOTHING;
CREATE RULE parts_a_insert AS ON INSERT TO parts_a DO INSTEAD INSERT INTO log VALUES ('parts_a');
CREATE RULE loose_a_insert AS ON INSERT TO loose_a DO INSTEAD INSERT INTO log VALUES ('loose_a');
CREATE RULE loose_b_delete AS ON DELETE TO loose_b DO INSTEAD INSERT INTO log VALUES ('loose_b');
CREATE TEMP VIEW production AS
	SELECT 'soft' AS t, id::text, note FROM soft UNION ALL SELECT 'told', id::text, note FROM told
	UNION ALL SELECT 'odd', id::text, note FROM odd UNION ALL SELECT 'frozen', id::text, note FROM frozen
	UNION ALL SELECT 'bag', NULL, note FROM bag
	UNION ALL SELECT tableoid::regclass::text, id::text, note FROM parts
	UNION ALL SELECT tableoid::regclass::text, NULL, note FROM loose;
CREATE TABLE before AS TABLE production;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT severity, object, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_add_user(1);
SELECT gray_open();
CREATE TEMP VIEW gray AS
	SELECT 'soft' AS t, id::text, note FROM v2.soft UNION ALL SELECT 'told', id::text, note FROM v2.told
	UNION ALL SELECT 'odd', id::text, note FROM v2.odd UNION ALL SELECT 'frozen', id::text, note FROM v2.frozen
	UNION ALL SELECT 'bag', NULL, note FROM v2.bag
	UNION ALL SELECT relname, id::text, note FROM v2.parts p JOIN pg_class c ON c.oid = p.tableoid
	UNION ALL SELECT relname, NULL, note FROM v2.loose p JOIN pg_class c ON c.oid = p.tableoid;

-- there and back without a change
SELECT gray_migrate(1);
(TABLE before EXCEPT ALL TABLE gray) UNION ALL (TABLE gray EXCEPT ALL TABLE before);
SELECT gray_migrate_back(1);
(TABLE before EXCEPT ALL TABLE production) UNION ALL (TABLE production EXCEPT ALL TABLE before);
SELECT * FROM gray UNION ALL SELECT 'log', what, '' FROM log;

-- each row is changed, deleted or new, in spite of version 2's own rules
SELECT gray_migrate(1);
CREATE PROCEDURE rules(action text) LANGUAGE plpgsql AS $$DECLARE r record; BEGIN
	FOR r IN SELECT ev_class::regclass AS t, rulename FROM pg_rewrite
		WHERE ev_class::regclass::text LIKE 'v2.%' AND ev_type <> '1'
	LOOP EXECUTE format('ALTER TABLE %s %s RULE %I', r.t, action, r.rulename); END LOOP;
END$$;
CREATE PROCEDURE change() LANGUAGE plpgsql AS $$DECLARE t text; BEGIN
	FOREACH t IN ARRAY ARRAY['soft', 'told', 'odd', 'frozen'] LOOP
		EXECUTE format('DELETE FROM v2.%1$s WHERE id = 1', t);
		EXECUTE format('UPDATE v2.%1$s SET note = ''odd'' WHERE id = 2', t);
		EXECUTE format('INSERT INTO v2.%1$s VALUES (9, 1, ''odd'')', t);
	END LOOP;
	DELETE FROM v2.bag WHERE note = 'row 1';
	UPDATE v2.bag SET note = 'archived' WHERE note = 'row 2';
	DELETE FROM v2.parts WHERE id IN (1, 2);
	UPDATE v2.parts SET note = 'changed' WHERE id IN (3, 4);
	INSERT INTO v2.parts VALUES (9, 'a', 1, 'new'), (10, 'b', 1, 'new');
	DELETE FROM v2.loose WHERE note IN ('row 1', 'row 2');
	UPDATE v2.loose SET note = 'changed' WHERE note IN ('row 3', 'row 4');
END$$;
CALL rules('DISABLE');
CALL change();
CALL rules('ENABLE');
CREATE TABLE changed AS TABLE gray;
SELECT sum(differing) FROM gray_verify(1);
SELECT gray_migrate_back(1);
(TABLE changed EXCEPT ALL TABLE production) UNION ALL (TABLE production EXCEPT ALL TABLE changed);
SELECT * FROM gray UNION ALL SELECT 'log', what, '' FROM log;

-- in place of the frozen rows; the rule of a table may change while a session has its statements prepared
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate(1);
(TABLE changed EXCEPT ALL TABLE gray) UNION ALL (TABLE gray EXCEPT ALL TABLE changed);
CREATE OR REPLACE RULE told_insert AS ON INSERT TO told DO INSTEAD NOTHING;
SELECT gray_migrate_back(1);
RESET pg_gray.back_strategy;
(TABLE changed EXCEPT ALL TABLE production) UNION ALL (TABLE production EXCEPT ALL TABLE changed);
SELECT * FROM gray UNION ALL SELECT 'log', what, '' FROM log;

-- given up; and large users, whose statements are planned for them
SELECT gray_migrate(1);
SELECT gray_discard(1);
SELECT * FROM gray UNION ALL SELECT 'log', what, '' FROM log;
CALL rules('DISABLE');
ALTER TABLE odd DISABLE RULE odd_insert;
INSERT INTO odd SELECT i, 2, 'odd' FROM generate_series(1001, 4000) i;
ALTER TABLE odd ENABLE RULE odd_insert;
CALL rules('ENABLE');
SELECT gray_add_user(2);
SELECT gray_migrate(2);
SELECT count(*) FROM v2.odd;
SELECT gray_migrate_back(2);
SELECT (SELECT count(*) FROM v2.odd) AS gray, (SELECT count(*) FROM odd) AS production;

-- what the application does is still ruled, also in a function that a move calls
SELECT gray_migrate(1);
DELETE FROM v2.soft WHERE id = 9;
SELECT * FROM v2.soft WHERE id = 9;
SELECT gray_migrate_back(1);
CREATE FUNCTION audit(integer) RETURNS boolean LANGUAGE plpgsql AS
	$$BEGIN INSERT INTO ruled.calls VALUES ($1); RETURN true; END$$;
CREATE TABLE calls (id integer);
CREATE RULE calls_told AS ON INSERT TO calls DO ALSO INSERT INTO ruled.log VALUES ('call ' || NEW.id);
ALTER TABLE v2.users ADD CHECK (ruled.audit(id));
SELECT gray_migrate(1);
TABLE log;
SHOW session_replication_role;
ALTER TABLE v2.users DROP CONSTRAINT users_id_check;
SELECT gray_migrate_back(1);
SELECT gray_close();

-- Rules that are enabled ALWAYS, or for replicas, are passed over, too: there, back, in both ways, and given up.
CREATE PROCEDURE all_rules(schema_name text, action text) LANGUAGE plpgsql AS $$DECLARE r record; BEGIN
	FOR r IN SELECT ev_class::regclass AS t, rulename FROM pg_rewrite
		JOIN pg_class c ON c.oid = ev_class WHERE relnamespace = schema_name::regnamespace AND ev_type <> '1'
	LOOP EXECUTE format('ALTER TABLE %s %s RULE %I', r.t, action, r.rulename); END LOOP;
END$$;
TRUNCATE log, before, changed;
INSERT INTO before TABLE production;
CALL all_rules('ruled', 'ENABLE ALWAYS');
CALL all_rules('v2', 'ENABLE ALWAYS');
SELECT severity, object, problem FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
SELECT gray_migrate(1);
(SELECT * FROM before WHERE note <> 'odd' OR id::integer < 1000 EXCEPT ALL TABLE gray) UNION ALL
	(TABLE gray EXCEPT ALL TABLE before);
CALL all_rules('v2', 'DISABLE');
UPDATE v2.frozen SET note = 'again';
UPDATE v2.odd SET note = 'odd' WHERE id = 3;
DELETE FROM v2.told WHERE id = 9;
INSERT INTO v2.soft VALUES (10, 1, 'new');
UPDATE v2.bag SET note = 'again' WHERE note = 'row 3';
DELETE FROM v2.parts WHERE id = 9;
UPDATE v2.parts SET note = 'again' WHERE id IN (3, 4);
INSERT INTO v2.loose VALUES ('a', 1, 'again'), ('b', 1, 'again');
DELETE FROM v2.loose WHERE note = 'changed';
CALL all_rules('v2', 'ENABLE REPLICA');
INSERT INTO changed TABLE gray;
SELECT gray_migrate_back(1);
TABLE log;
(SELECT * FROM production WHERE note <> 'odd' OR id::integer < 1000 EXCEPT ALL TABLE changed) UNION ALL
	(TABLE changed EXCEPT ALL TABLE production);
CALL all_rules('ruled', 'ENABLE REPLICA');
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate(1);
SELECT gray_migrate_back(1);
RESET pg_gray.back_strategy;
(SELECT * FROM production WHERE note <> 'odd' OR id::integer < 1000 EXCEPT ALL TABLE changed) UNION ALL
	(TABLE changed EXCEPT ALL TABLE production);
SELECT gray_migrate(2);
SELECT gray_discard(2);
SELECT * FROM gray UNION ALL SELECT 'log', what, '' FROM log;
SELECT kind, sqlstate, message FROM gray.history WHERE sqlstate IS NOT NULL;
-- they act on what the application does, as before
CALL all_rules('ruled', 'ENABLE ALWAYS');
DELETE FROM soft WHERE id = 10;
SELECT * FROM soft WHERE id = 10;
SELECT gray_close();
DROP VIEW gray;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA ruled CASCADE;
