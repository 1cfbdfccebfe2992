-- Without a key, rows are compared bit for bit: a change comes home that neither the type's equality nor its text
-- shows, and a value that is merely stored in another way is no change.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA image;
SET search_path = image, public;
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE pair AS (a double precision, b text);
CREATE TYPE nest AS (p pair, f regproc);
CREATE DOMAIN pairs AS pair[];
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE bag (
	user_id integer NOT NULL REFERENCES users, what text, f regproc, x xml, d double precision, n numeric, b box,
	p point, t text COLLATE ci, c pair, e nest, l pairs, j jsonb, s json, v bit varying, a real[], o oidvector,
	i interval, z timetz
);
CREATE TABLE empty (user_id integer NOT NULL REFERENCES users); -- nothing but the uid
CREATE INDEX ON bag (user_id);
INSERT INTO users VALUES (1);
INSERT INTO empty VALUES (1), (1);
INSERT INTO bag SELECT 1, what, 'lower(text)'::regprocedure::oid::regproc, '<a/>', 0, 1.0, '(0,0),(1,4)', '(0,0)',
	'text', (0, 'b')::pair, ((0, NULL)::pair, 'lower(text)'::regprocedure::oid::regproc)::nest, ARRAY[(0, 'b')::pair],
	'1.0', '{"a": 1}', B'01', '{0,NULL}', '1 2', '1 day', '12:00+00'
	FROM unnest('{f,x,d,n,b,p,t,c,e,l,j,s,v,a,o,i,z,none,same}'::text[]) what;
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('bag', 'user_id'), gray_clone('empty', 'user_id');
SELECT gray_add_user(1);
SELECT gray_open();
SELECT gray_migrate(1);
UPDATE v2.bag SET f = CASE what WHEN 'f' THEN 'lower(anyrange)'::regprocedure::oid::regproc ELSE f END,
	x = CASE what WHEN 'x' THEN '<?xml version="1.0" encoding="UTF-8"?><a/>' ELSE x END,
	d = CASE what WHEN 'd' THEN '-0' ELSE d END, n = CASE what WHEN 'n' THEN 1.00 ELSE n END,
	b = CASE what WHEN 'b' THEN '(0,0),(2,2)' ELSE b END, p = CASE what WHEN 'p' THEN '(0,-0)' ELSE p END,
	t = CASE what WHEN 't' THEN 'TEXT' ELSE t END, c = CASE what WHEN 'c' THEN ('-0', 'b')::pair ELSE c END,
	e = CASE what WHEN 'e' THEN ((0, NULL), 'lower(anyrange)'::regprocedure::oid::regproc)::nest ELSE e END,
	l = CASE what WHEN 'l' THEN ARRAY[('-0', 'b')::pair] ELSE l END, j = CASE what WHEN 'j' THEN '1.00' ELSE j END,
	s = CASE what WHEN 's' THEN '{"a":1}' ELSE s END, v = CASE what WHEN 'v' THEN B'010' ELSE v END,
	a = CASE what WHEN 'a' THEN '{-0,NULL}' ELSE a END, o = CASE what WHEN 'o' THEN '2 1' ELSE o END,
	i = CASE what WHEN 'i' THEN '24:00' ELSE i END, z = CASE what WHEN 'z' THEN '13:00+01' ELSE z END;
UPDATE v2.bag SET d = NULL, p = NULL, c = NULL, l = '{NULL}' WHERE what = 'none';
SELECT * FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT row_count FROM gray.history WHERE kind = 'migrate_back';
SELECT what, f::oid::regprocedure, pg_column_size(x) AS x, d, n, b, p, t, (c).a AS c, (e).f::oid::regprocedure AS e, l
	FROM bag ORDER BY what;
SELECT what, j, s, v, a, o, i, z FROM bag WHERE what IN ('j', 's', 'v', 'a', 'o', 'i', 'z') ORDER BY what;

-- compressed, out of line, with a short header, taken from another row: the same all the same
CREATE TABLE docs (
	user_id integer NOT NULL REFERENCES users, doc text, small text, c pair, l text[],
	made text GENERATED ALWAYS AS (small) STORED
);
CREATE INDEX ON docs (user_id);
INSERT INTO docs SELECT 1, repeat(i::text, 4000), 'small ' || i, (i, 'b')::pair, ARRAY[repeat('x', 3000), NULL]
	FROM generate_series(1, 5) i;
SELECT gray_close();
SELECT gray_clone('docs', 'user_id');
ALTER TABLE v2.docs ALTER doc SET STORAGE EXTERNAL, ALTER small SET STORAGE PLAIN, ALTER l SET STORAGE EXTERNAL;
SELECT gray_open();
CREATE TABLE pair_table OF pair;
INSERT INTO pair_table SELECT i, 'b' FROM generate_series(1, 5) i;
CREATE TABLE before AS SELECT ctid AS at, xmin::text AS born, xmax::text AS gone FROM docs;
SELECT gray_migrate(1);
UPDATE v2.docs SET doc = doc || '', small = small || '', l = l || '{}',
	c = (SELECT t::pair FROM pair_table t WHERE t.a = (c).a);
SELECT table_name, differing FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT count(*) FROM docs d JOIN before b ON d.ctid = b.at AND d.xmin::text = b.born AND d.xmax::text = b.gone;
SELECT gray_migrate(1);
UPDATE v2.docs SET doc = overlay(doc PLACING 'X' FROM 3999) WHERE small = 'small 3';
DELETE FROM v2.empty WHERE ctid = (SELECT min(ctid) FROM v2.empty);
SELECT table_name, differing FROM gray_verify(1);
SELECT gray_migrate_back(1);
SELECT small, position('X' IN doc) AS x, length(doc) FROM docs ORDER BY small;
SELECT count(*) FROM empty;

-- by a mapping, columns have other types than in production
SELECT gray_close();
ALTER TABLE v2.bag ALTER d TYPE numeric, ALTER n TYPE real, ALTER v TYPE text, DROP x, DROP e;
SELECT gray_map('v2.bag', 'd', up => 'd * 2', down => 'd / 2');
SELECT gray_open();
SELECT gray_migrate(1);
UPDATE v2.bag SET what = what;
SELECT table_name, differing FROM gray_verify(1) WHERE differing > 0;
UPDATE v2.bag SET n = '-0' WHERE what = 'n';
UPDATE v2.bag SET d = 7 WHERE what = 'd';
SELECT table_name, differing FROM gray_verify(1) WHERE differing > 0;
SELECT gray_migrate_back(1);
SELECT what, d, n FROM bag WHERE what IN ('d', 'n') ORDER BY what;
SELECT kind, sqlstate, message FROM gray.history WHERE sqlstate IS NOT NULL;
SET client_min_messages = warning;
SELECT gray_close();
SELECT gray_drop_release();
DROP SCHEMA image CASCADE;
