-- What a way home deletes in production may be shared by another release: its rows on the other side are guarded, too.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE SCHEMA press;
SET search_path = press, public;
CREATE TABLE writers (id integer PRIMARY KEY);
CREATE TABLE articles (id integer PRIMARY KEY, writer_id integer NOT NULL REFERENCES writers);
CREATE TABLE readers (id integer PRIMARY KEY);
CREATE TABLE bookmarks (id integer PRIMARY KEY, reader_id integer NOT NULL REFERENCES readers,
	article_id integer REFERENCES articles ON DELETE CASCADE);
INSERT INTO writers VALUES (1), (2);
INSERT INTO articles VALUES (1, 1), (2, 1), (3, 1), (4, 2);
INSERT INTO readers VALUES (1), (2);
INSERT INTO bookmarks VALUES (1, 1, 1), (2, 2, 2), (3, 1, 3);
SELECT gray_create_release('r2'), gray_create_release('w2');
SELECT gray_clone('readers', 'id', 'r2'), gray_clone('bookmarks', 'reader_id', 'r2');
SELECT gray_open('r2');
-- the clone of a table does not get the trigger that another release has put on it, and differs in nothing
SELECT gray_clone('writers', 'id', 'w2'), gray_clone('articles', 'writer_id', 'w2');
SELECT * FROM gray_diff('w2');
SELECT tgname FROM pg_trigger WHERE tgrelid IN ('articles'::regclass, 'w2.articles'::regclass) AND NOT tgisinternal;
SELECT gray_open('w2');
SELECT gray_add_user(1, 'r2'), gray_add_user(1, 'w2'), gray_migrate(1, 'r2'), gray_migrate(1, 'w2');

-- a reader in gray marks one of the articles that the writer deletes
DELETE FROM w2.articles WHERE id = 1;
SELECT gray_migrate_back(1, 'w2');
SELECT sqlstate, message, detail FROM gray.incidents;
DELETE FROM r2.bookmarks WHERE article_id = 1;
SELECT gray_reset(1, 'w2'), gray_migrate_back(1, 'w2');
SELECT id FROM articles;
SELECT * FROM bookmarks;
-- those of production go, as without gray
SELECT gray_migrate(1, 'w2');
DELETE FROM w2.articles WHERE id = 2;
SELECT gray_migrate_back(1, 'w2');
SELECT * FROM bookmarks;
-- a session's own side does not count for the move that it asks for
SELECT gray_migrate(1, 'w2');
DELETE FROM w2.articles WHERE id = 3;
SET pg_gray.side = 'gray';
SELECT gray_migrate_back(1, 'w2');
SELECT gray_set_reference('bookmarks', 'bookmarks_article_id_fkey', 'either side', 'r2');
SELECT gray_reset(1, 'w2'), gray_migrate_back(1, 'w2');
RESET pg_gray.side;
SELECT count(*) FROM bookmarks;
SELECT count(*) FROM r2.bookmarks;
SELECT gray_migrate_back(1, 'r2');

SELECT gray_close('r2'), gray_close('w2'), gray_drop_release('r2'), gray_drop_release('w2');
DROP SCHEMA press CASCADE;
