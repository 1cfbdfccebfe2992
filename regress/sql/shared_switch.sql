-- The triggers on shared tables go up and down with the switch; gray_check tells of each key, and of the
-- line by which a policy is chosen for it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA switched;
SET search_path = switched, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE articles (id integer PRIMARY KEY);
CREATE TABLE labels (id integer PRIMARY KEY);
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE user_articles (
	user_id integer NOT NULL REFERENCES users,
	article_id integer NOT NULL REFERENCES articles ON DELETE CASCADE, PRIMARY KEY (user_id, article_id)
);
CREATE TABLE notes (
	id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
	label integer REFERENCES labels ON DELETE SET NULL, country text REFERENCES countries ON UPDATE CASCADE
);
CREATE INDEX ON notes (user_id);
INSERT INTO users SELECT generate_series(1, 3);
INSERT INTO articles SELECT generate_series(1, 9);
INSERT INTO labels SELECT generate_series(1, 9);
INSERT INTO user_articles SELECT i, i FROM generate_series(1, 3) i;
INSERT INTO notes SELECT i, i, i FROM generate_series(1, 3) i;
SELECT gray_create_release('v2');
SELECT gray FROM gray_clone_tree('users', 'id');
SELECT gray_add_user(1);
CREATE VIEW triggers AS
	SELECT tgrelid::regclass AS table_name, tgenabled AS enabled, pg_get_triggerdef(oid) FROM pg_trigger
	WHERE tgname LIKE '00_pg_gray_shared%' ORDER BY tgrelid::regclass::text COLLATE "C";

-- before gray_open there is none, and each key is told of once
TABLE triggers;
\x on
SELECT * FROM gray_check();
\x off
SELECT gray_open();
TABLE triggers;
SELECT gray_migrate(1);

-- chosen, a key is told of no more; the session's side is the default
SELECT gray_set_reference('user_articles', 'user_articles_article_id_fkey', 'session side');
SELECT object, problem FROM gray_check();
SET pg_gray.side = 'gray';
DELETE FROM articles WHERE id = 2;
SELECT gray_set_reference('v2.user_articles', 'user_articles_article_id_fkey', 'either side');
SELECT gray_set_reference('notes', 'notes_label_fkey', 'either side', 'v2');
SELECT referrer, constraint_name, policy FROM gray.reference_choice ORDER BY 1;
SELECT object, problem FROM gray_check();
-- both native keys act, and the user comes home
BEGIN;
DELETE FROM articles WHERE id IN (1, 2);
DELETE FROM labels WHERE id IN (1, 2);
SET pg_gray.side = 'production';
DELETE FROM articles WHERE id = 3;
SELECT * FROM user_articles;
SELECT * FROM v2.user_articles;
SELECT * FROM notes ORDER BY id;
SELECT * FROM v2.notes;
SELECT gray_migrate_back(1);
SELECT * FROM notes ORDER BY id;
ROLLBACK;
SET pg_gray.side = 'production';
BEGIN;
DELETE FROM articles WHERE id = 1;
DELETE FROM labels WHERE id = 1;
SELECT count(*) FROM v2.user_articles;
SELECT * FROM v2.notes;
SELECT gray_migrate_back(1);
ROLLBACK;
RESET pg_gray.side;
-- by default again; other sessions and this one know at once
SELECT gray_set_reference('user_articles', 'user_articles_article_id_fkey', NULL);
SELECT gray_set_reference('notes', 'notes_label_fkey', NULL);
DELETE FROM articles WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM gray.reference_choice;

-- what can't be chosen
SELECT gray_set_reference('user_articles', 'user_articles_article_id_fkey', 'no side');
SELECT gray_set_reference('user_articles', 'no_such_key', 'either side');
SELECT gray_set_reference('user_articles', 'user_articles_pkey', 'either side');
SELECT gray_set_reference('articles', 'articles_pkey', 'either side');
SELECT gray_set_reference(0, 'articles_pkey', 'either side');
SELECT gray_set_reference('notes', 'notes_user_id_fkey', 'either side');
SELECT gray_set_reference('notes', 'notes_country_fkey', 'either side');
SELECT gray_set_reference(NULL, 'notes_country_fkey', 'either side');
SELECT gray_set_reference('notes', NULL, 'either side');
SELECT gray_set_reference('notes', 'notes_label_fkey', 'either side', 'v9');

-- a key that is made later, and a trigger that was switched off: gray_check says so, and gray_open puts that right
ALTER TABLE v2.notes ADD country_2 text REFERENCES countries ON DELETE CASCADE ON UPDATE SET NULL;
ALTER TABLE articles DISABLE TRIGGER USER;
SELECT severity, object, problem, hint FROM gray_check() WHERE problem LIKE '%trigger%';
SELECT object, problem, hint FROM gray_check() WHERE problem LIKE '%country_2%';
SELECT gray_open();
TABLE triggers;
SELECT count(*) FROM gray_check() WHERE problem LIKE '%trigger%';
ALTER TABLE user_articles DROP CONSTRAINT user_articles_article_id_fkey;
ALTER TABLE v2.user_articles DROP CONSTRAINT user_articles_article_id_fkey;
-- an action ON UPDATE is added, and a table is referred to no more
ALTER TABLE notes DROP CONSTRAINT notes_label_fkey,
	ADD FOREIGN KEY (label) REFERENCES labels ON DELETE SET NULL ON UPDATE SET DEFAULT;
SELECT object, hint FROM gray_check() WHERE problem LIKE '%trigger%';
SELECT gray_open();
TABLE triggers;
-- the gray schema's own tables are version 2's
CREATE TABLE v2.moods (id integer PRIMARY KEY);
ALTER TABLE v2.notes ADD mood integer REFERENCES v2.moods ON DELETE CASCADE;
INSERT INTO v2.moods VALUES (1);
UPDATE v2.notes SET mood = 1;
SELECT count(*) FROM gray_check() WHERE problem LIKE '%trigger%' OR object LIKE '%mood%';
DELETE FROM v2.moods;
SELECT count(*) FROM v2.notes;

-- whoever owns a shared table has to let triggers be put on it
CREATE ROLE regress_gray_shared;
GRANT ALL ON SCHEMA switched TO regress_gray_shared;
ALTER TABLE labels OWNER TO regress_gray_shared;
REVOKE TRIGGER ON labels FROM regress_gray_shared;
ALTER TABLE labels DISABLE TRIGGER USER;
\x on
SELECT * FROM gray_check() WHERE object LIKE '%labels';
\x off
SELECT gray_open();
GRANT TRIGGER ON labels TO regress_gray_shared;
SELECT gray_open();
SELECT table_name, enabled FROM triggers;
-- or to the owner of pg_gray, who may not act as everybody
CREATE ROLE regress_gray_extension;
BEGIN;
ALTER TABLE labels DISABLE TRIGGER USER;
ALTER TABLE gray.release OWNER TO regress_gray_extension;
GRANT SELECT ON ALL TABLES IN SCHEMA gray, switched, v2 TO regress_gray_extension;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gray TO regress_gray_extension;
GRANT USAGE ON SCHEMA switched, v2 TO regress_gray_extension;
SELECT object, problem FROM gray_check() WHERE object LIKE '%labels';
ROLLBACK;

-- closed, they are off; dropped with the release; a left one does nothing
SELECT gray_close(), gray_migrate_back(1), gray_close();
SELECT table_name, enabled FROM triggers;
BEGIN;
SELECT gray_drop_release();
TABLE triggers;
CREATE TRIGGER "00_pg_gray_shared_9" AFTER DELETE ON labels FOR EACH ROW EXECUTE FUNCTION gray.shared('v2');
DELETE FROM labels WHERE id = 9;
ROLLBACK;
SELECT gray_drop_release();
TABLE triggers;
CREATE TRIGGER "00_pg_gray_shared_9" AFTER INSERT ON labels FOR EACH ROW EXECUTE FUNCTION gray.shared('v2');
INSERT INTO labels VALUES (10);
SET client_min_messages = warning;
DROP SCHEMA switched, v2 CASCADE;
DROP ROLE regress_gray_shared, regress_gray_extension;
