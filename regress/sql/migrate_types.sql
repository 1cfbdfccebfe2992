-- Values of any type move there and back as they are, also of types that know
-- no equality; what is not changed is not written.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN short AS varchar(9) CHECK (value <> 'never');
CREATE TABLE things (
	id uuid PRIMARY KEY, user_id integer NOT NULL REFERENCES users, made timestamptz(3), span interval, day date,
	price numeric, exact numeric(9,2), ratio real, wide double precision, flag boolean, code "char", letters char(5),
	words varchar(20), body text, raw bytea, doc json, docb jsonb, tree xml, spot point, shape polygon, net inet,
	mac macaddr, bits bit(4), many bit varying, feeling mood, both_of pair, less short, list integer[], grid text[][],
	period daterange, periods int4multirange, search tsvector, "Odd ""Name" text,
	twice integer GENERATED ALWAYS AS (user_id * 2) STORED,
	number integer GENERATED ALWAYS AS IDENTITY, serial serial
);
CREATE INDEX ON things (user_id);
INSERT INTO things (id, user_id) SELECT gen_random_uuid(), 42 FROM generate_series(1, 2);
INSERT INTO things (id, user_id, made, span, day, price, exact, ratio, wide, flag, code, letters, words,
	body, raw, doc, docb, tree, spot, shape, net, mac, bits, many, feeling, both_of, less, list, grid,
	period, periods, search, "Odd ""Name")
	SELECT gen_random_uuid(), 42, now(), '1 mon 2 days 3 s', 'infinity',
	CASE i WHEN 1 THEN 1.500 WHEN 2 THEN 'NaN' ELSE 1e30 END, 1.5, 0.1, '-0', true, 'x', 'ab', 'w',
	string_agg(md5(n::text), '') , '\x00ff', '{"b": 1, "a" : 1, "a": 2}', '{"a": [1, null]}', '<a> <b/></a>',
	'(1,2)', '((0,0),(1,1),(2,0))', '10.0.0.1/24', '08:00:2b:01:02:03', B'1010', B'10101', 'ok',
	ROW(1, 'it''s')::pair, 'few', '{1,NULL,3}', '{{a,"b c"},{"",NULL}}',
	'[2024-01-01,)', '{[1,2],[5,9]}', 'a fat cat', 'o''dd'
	FROM generate_series(1, 3) i, generate_series(1, 500) n GROUP BY i;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_diff();
CREATE TABLE before AS SELECT id, t::text AS value, ctid AS at, xmin::text AS born FROM things t;
SELECT gray_open();
SELECT gray_add_user(42);
SELECT * FROM gray_route(42);
SELECT differing FROM gray_verify(42) WHERE table_name = 'shop.things';
SELECT count(*) FROM v2.things g JOIN before b USING (id) WHERE g::text = b.value;
SELECT gray_migrate_back(42);
SELECT count(*) AS written FROM before b FULL JOIN things t USING (id)
	WHERE t.ctid IS DISTINCT FROM b.at OR t.xmin::text IS DISTINCT FROM b.born OR t::text IS DISTINCT FROM b.value;

-- changes that equality would not see
SELECT * FROM gray_route(42);
UPDATE v2.things SET price = 1.50 WHERE price = 1.5;
UPDATE v2.things SET doc = '{"a": 2}', wide = 0 WHERE price = 'NaN';
UPDATE v2.things SET tree = NULL, spot = '(1,3)', letters = 'ab c' WHERE price = 1e30;
INSERT INTO v2.things (id, user_id, raw) VALUES (gen_random_uuid(), 42, '\x01');
SELECT differing FROM gray_verify(42) WHERE table_name = 'shop.things';
CREATE TABLE changed AS SELECT id, t::text AS value FROM v2.things t;
SELECT gray_close();
SELECT * FROM gray_route(42);
SELECT count(*) AS same FROM changed c JOIN things t USING (id) WHERE t::text = c.value;
SELECT count(*) AS all FROM things;
SELECT row_count FROM gray.history WHERE kind = 'migrate_back';
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
