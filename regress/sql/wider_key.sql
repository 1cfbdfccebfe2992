-- A key that gray widened or dropped: of several gray rows for one of production none wins silently
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA wider;
SET search_path = wider, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE docs (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, body text);
CREATE TABLE pages (doc_id integer NOT NULL REFERENCES docs, number integer NOT NULL, text text);
CREATE UNIQUE INDEX ON pages (doc_id, number);
CREATE TABLE visits (id integer NOT NULL, user_id integer NOT NULL REFERENCES users, day date NOT NULL, n integer,
	PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO users SELECT generate_series(1, 6);
INSERT INTO docs SELECT u * 10 + n, u, 'doc ' || n FROM generate_series(1, 6) u, generate_series(1, 2) n;
INSERT INTO pages SELECT id, 1, 'page' FROM docs UNION ALL SELECT id, 2, 'page' FROM docs;
INSERT INTO visits SELECT u, u, '2020-02-02', 1 FROM generate_series(1, 6) u;
SELECT gray_create_release('w', 'w');
SELECT gray_clone_tree('users', 'id');
ALTER TABLE w.pages DROP CONSTRAINT pages_doc_id_fkey;
ALTER TABLE w.docs DROP CONSTRAINT docs_pkey, ADD lang text NOT NULL DEFAULT 'en';
ALTER TABLE w.docs ADD PRIMARY KEY (id, lang);
DROP INDEX w.pages_doc_id_number_idx;
ALTER TABLE w.visits DROP CONSTRAINT visits_pkey;
SELECT gray_open();
SELECT gray_add_user(u) FROM generate_series(1, 6) u;
SELECT gray_migrate(u) FROM generate_series(1, 6) u;

-- a second row for one of production, beside a deletion that would make up for it in the count
INSERT INTO w.docs VALUES (11, 1, 'eins', 'de');
INSERT INTO w.docs VALUES (21, 2, 'zwei', 'de');
DELETE FROM w.docs WHERE id = 22;
-- two that are both new, and two that were both changed
INSERT INTO w.docs VALUES (39, 3, 'new', 'en'), (39, 3, 'neu', 'de');
UPDATE w.docs SET body = 'en' WHERE id = 41;
UPDATE w.docs SET id = 41, lang = 'de' WHERE id = 42;
-- no unique index at all; and in partitions
INSERT INTO w.pages VALUES (51, 2, 'another');
INSERT INTO w.visits VALUES (6, 6, '2020-02-02', 2);
SELECT gray_migrate_back(u) FROM generate_series(1, 6) u;
SELECT uid, state, sqlstate, table_name, row_key, message, detail FROM gray.incidents ORDER BY uid;
SELECT * FROM docs WHERE user_id <= 4 AND id % 10 = 1 ORDER BY id;

-- once there is one, that one comes home
DELETE FROM w.docs WHERE lang = 'en' AND id IN (11, 21, 39);
DELETE FROM w.docs WHERE lang = 'en' AND id = 41;
DELETE FROM w.pages WHERE text = 'another';
DELETE FROM w.visits WHERE n = 1;
SELECT gray_reset(u) FROM generate_series(1, 6) u;
SELECT gray_migrate_back(u) FROM generate_series(1, 6) u;
SELECT * FROM docs ORDER BY id;
SELECT count(*) FROM pages;
SELECT * FROM visits ORDER BY id;

-- what PostgreSQL refuses itself when all rows are replaced
SELECT gray_migrate(1);
INSERT INTO w.docs VALUES (11, 1, 'uno', 'it');
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(1);
SELECT sqlstate, row_key, message FROM gray.incidents;
SELECT gray_discard(1);

-- pages of documents that are gone: their foreign key is gone, too
SELECT * FROM w.pages ORDER BY 1, 2;
TRUNCATE w.pages;
SELECT gray_drop_release(force => true);
DROP SCHEMA wider CASCADE;
