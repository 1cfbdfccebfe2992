-- What users wrote into definitions is taken as it is, whatever is in it: control
-- characters, words of ours, other names.  What gray_diff would undo, too.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA texts;
SET search_path = texts, public;
-- all that a table says, one line a definition
CREATE FUNCTION said(which regclass) RETURNS TABLE (kind text, text text)
	LANGUAGE sql SET search_path = pg_catalog AS $$
	SELECT 'default', pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = which
	UNION ALL SELECT 'constraint', pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = which
	UNION ALL SELECT 'index', pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = which
	UNION ALL SELECT 'statistics', pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = which
	UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = which AND NOT tgisinternal
	UNION ALL SELECT 'rule', pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = which
	UNION ALL SELECT 'policy', pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = which
	UNION ALL SELECT 'comment on ' || d.classoid::regclass, d.description FROM pg_description d
		WHERE d.objoid = which
		OR d.objoid IN (SELECT oid FROM pg_constraint WHERE conrelid = which)
		OR d.objoid IN (SELECT indexrelid FROM pg_index WHERE indrelid = which)
		OR d.objoid IN (SELECT oid FROM pg_statistic_ext WHERE stxrelid = which)
		OR d.objoid IN (SELECT oid FROM pg_trigger WHERE tgrelid = which)
		OR d.objoid IN (SELECT oid FROM pg_rewrite WHERE ev_class = which)
		OR d.objoid IN (SELECT oid FROM pg_policy WHERE polrelid = which)
	ORDER BY 1, 2 $$;
CREATE TABLE users (id integer PRIMARY KEY, note text DEFAULT E'a\001b\002c'
	CHECK (note <> E'\001' AND note <> 'table' AND note <> 'schema'),
	long text GENERATED ALWAYS AS (note || E'\001\002') STORED,
	"table" text DEFAULT 'schema', "schema" text DEFAULT 'table');
CREATE INDEX odd ON users ((note || E'\002')) WHERE note <> E'\001';
CREATE STATISTICS odd_statistics ON (note || E'\001'), (id + 1) FROM users;
CREATE STATISTICS " FROM texts.users" ON id, note FROM users;
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER kept BEFORE UPDATE ON users FOR EACH ROW WHEN (new.note <> E'\001')
	EXECUTE FUNCTION keep(E'\001', E'\002', 'table', 'schema');
CREATE TABLE log (note text);
CREATE RULE logging AS ON INSERT TO users WHERE new.note = E'\002' DO ALSO INSERT INTO log VALUES (E'\001');
CREATE POLICY seen ON users USING (note <> E'\001') WITH CHECK (note <> E'\002');
CREATE TABLE "E'\001', (SELECT 1)" (id integer PRIMARY KEY, " REFERENCES texts.users(" integer REFERENCES users);
CREATE TABLE "x'; CREATE TABLE texts.injected (); --" (id integer PRIMARY KEY, user_id integer REFERENCES users);
CREATE VIEW v AS SELECT id, E'\001\002' AS odd FROM users WHERE note <> E'\001';
CREATE RULE writing AS ON UPDATE TO v DO INSTEAD UPDATE users SET note = E'\002' WHERE id = new.id;
COMMENT ON TABLE users IS E'\001 \002 table schema %s %1$s \\1';
COMMENT ON COLUMN users.note IS E'\001';
COMMENT ON CONSTRAINT users_note_check ON users IS E'\001';
COMMENT ON INDEX odd IS E'\002';
COMMENT ON STATISTICS odd_statistics IS E'\001';
COMMENT ON TRIGGER kept ON users IS E'\001';
COMMENT ON RULE logging ON users IS E'\001';
COMMENT ON POLICY seen ON users IS E'\001';
COMMENT ON VIEW v IS E'\001\002';
COMMENT ON TABLE "x'; CREATE TABLE texts.injected (); --" IS E'\001';
COMMENT ON CONSTRAINT "E'\001', (SELECT 1)_ REFERENCES texts.users(_fkey" ON "E'\001', (SELECT 1)" IS E'\001';

SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT to_regclass('texts.injected'), to_regclass('v2.injected');
SELECT * FROM said('v2.users');
SELECT * FROM said('v2.v');
SELECT * FROM said($$v2."E'\001', (SELECT 1)"$$);
SELECT * FROM said('v2."x''; CREATE TABLE texts.injected (); --"');
SELECT * FROM gray_diff();

-- a view made anew, and a policy and a rule that name it
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer);
CREATE VIEW w AS SELECT v.id, p.id AS post, E'\001' AS odd FROM v JOIN posts p ON p.user_id = v.id;
CREATE RULE writing AS ON INSERT TO w DO INSTEAD INSERT INTO posts SELECT new.post, new.id WHERE E'\002' <> E'\001';
ALTER TABLE "x'; CREATE TABLE texts.injected (); --" ADD note text;
CREATE TABLE notes (id integer PRIMARY KEY, user_id integer REFERENCES users, note text);
CREATE POLICY seen ON notes USING (note <> E'\001' AND EXISTS (SELECT FROM posts));
CREATE RULE logging AS ON INSERT TO notes DO ALSO INSERT INTO posts SELECT new.id, new.user_id WHERE new.note = E'\001';
COMMENT ON POLICY seen ON notes IS E'\001\002';
COMMENT ON RULE logging ON notes IS E'\002\001';
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_clone('posts', 'user_id');
SELECT * FROM said('v2.w');
SELECT * FROM said('v2.notes');
SELECT count(*) FROM gray_diff() WHERE table_name IN ('v2.notes', 'v2.users');

-- all of it dropped in gray, or changed, and undone as gray_diff says
COMMENT ON TABLE v2.users IS E'\002';
COMMENT ON COLUMN v2.users."table" IS E'\001';
DROP TRIGGER kept ON v2.users;
DROP RULE logging ON v2.users;
DROP POLICY seen ON v2.users;
DROP STATISTICS v2.odd_statistics;
DROP INDEX v2.odd;
ALTER TABLE v2.users DROP CONSTRAINT users_note_check;
ALTER TABLE v2."E'\001', (SELECT 1)" DROP CONSTRAINT "E'\001', (SELECT 1)_ REFERENCES texts.users(_fkey";
SELECT undo FROM gray_diff() WHERE table_name NOT LIKE '%injected%';
SET search_path = v2, texts, public;
DO $$DECLARE statement text; BEGIN
	FOR statement IN SELECT undo FROM gray_diff() WHERE table_name NOT LIKE '%injected%' LOOP
		EXECUTE statement;
	END LOOP;
END$$;
SELECT * FROM gray_diff() WHERE table_name NOT LIKE '%injected%';
SET search_path = texts, public;

SET client_min_messages = warning;
SELECT gray_drop_release();
DROP SCHEMA texts CASCADE;
