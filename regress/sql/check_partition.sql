-- gray_check says for which rows one side has a partition and the other has none
-- (an error: gray_open refuses), and where that depends on the row (a warning)
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
SET datestyle = 'ISO';
CREATE SCHEMA place;
SET search_path = place, public;
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE ranges (id integer, day date, user_id integer REFERENCES users, PRIMARY KEY (id, day))
	PARTITION BY RANGE (day);
CREATE TABLE ranges_2024 PARTITION OF ranges FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE ranges_2025 PARTITION OF ranges FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
CREATE TABLE pairs (a integer, b integer, user_id integer REFERENCES users, PRIMARY KEY (a, b))
	PARTITION BY RANGE (a, b);
CREATE TABLE pairs_1 PARTITION OF pairs FOR VALUES FROM (1, MINVALUE) TO (1, 100);
CREATE TABLE pairs_2 PARTITION OF pairs FOR VALUES FROM (1, 100) TO (3, 50);
CREATE TABLE lists (id integer, kind text, user_id integer REFERENCES users) PARTITION BY LIST (kind);
CREATE TABLE lists_ab PARTITION OF lists FOR VALUES IN ('a', 'b');
CREATE TABLE lists_c PARTITION OF lists FOR VALUES IN ('c', NULL);
CREATE TABLE hashes (id integer PRIMARY KEY, user_id integer REFERENCES users) PARTITION BY HASH (id);
CREATE TABLE hashes_0 PARTITION OF hashes FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashes_1 PARTITION OF hashes FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE levels (id integer, day date, user_id integer REFERENCES users, PRIMARY KEY (id, day))
	PARTITION BY RANGE (day);
CREATE TABLE levels_2024 PARTITION OF levels FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (id);
CREATE TABLE levels_2024_a PARTITION OF levels_2024 FOR VALUES IN (1, 2);
CREATE TABLE levels_2024_b PARTITION OF levels_2024 FOR VALUES IN (3);
CREATE TABLE words (id integer, word text, user_id integer REFERENCES users) PARTITION BY LIST (lower(word));
CREATE TABLE words_a PARTITION OF words FOR VALUES IN ('a');
CREATE TABLE plain (id integer PRIMARY KEY, user_id integer REFERENCES users);
INSERT INTO users VALUES (1), (2);
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT gray_add_user(1);
CREATE VIEW found AS SELECT severity, object, problem, hint FROM gray_check() WHERE problem ~ 'partition|bounds';
TABLE found;

-- the same rows in other pieces, and under other names
DROP TABLE v2.ranges_2024, v2.pairs_1, v2.pairs_2, v2.lists_ab, v2.lists_c, v2.hashes_0;
CREATE TABLE v2.ranges_h1 PARTITION OF v2.ranges FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE v2.ranges_h2 PARTITION OF v2.ranges FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE v2.pairs_all PARTITION OF v2.pairs FOR VALUES FROM (1, MINVALUE) TO (3, 50);
CREATE TABLE v2.lists_a PARTITION OF v2.lists FOR VALUES IN ('a', NULL);
CREATE TABLE v2.lists_bc PARTITION OF v2.lists FOR VALUES IN ('c', 'b');
CREATE TABLE v2.hashes_0 PARTITION OF v2.hashes FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE v2.hashes_2 PARTITION OF v2.hashes FOR VALUES WITH (MODULUS 4, REMAINDER 2);
ALTER TABLE v2.ranges RENAME day TO date;
TABLE found;

-- a part is missing: each of these is refused
BEGIN;
DROP TABLE v2.ranges_h2;
TABLE found;
INSERT INTO ranges VALUES (1, '2024-08-01', 1);
SAVEPOINT before;
SELECT gray_open();
ROLLBACK TO before;
-- and not without reason: opened before, the row could not be moved
CREATE TABLE v2.ranges_h2 PARTITION OF v2.ranges FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
SELECT gray_open();
DROP TABLE v2.ranges_h2;
SELECT * FROM gray_route(1);
SELECT sqlstate, message FROM gray.incidents;
ROLLBACK;
BEGIN;
DROP TABLE v2.lists_a, v2.hashes_2, v2.pairs_all;
CREATE TABLE v2.pairs_some PARTITION OF v2.pairs FOR VALUES FROM (1, 0) TO (3, 50);
TABLE found;
ROLLBACK;
BEGIN;
DROP TABLE lists_c;
CREATE TABLE v2.lists_n PARTITION OF v2.lists FOR VALUES IN ('n');
TABLE found;
ROLLBACK;

-- below the first level
BEGIN;
DROP TABLE v2.levels_2024_b;
TABLE found;
CREATE TABLE v2.levels_2024_rest PARTITION OF v2.levels_2024 DEFAULT;
TABLE found;
DROP TABLE levels_2024;
TABLE found;
CREATE TABLE levels_2024 PARTITION OF levels FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
DROP TABLE v2.levels_2024_rest;
TABLE found;
ROLLBACK;

-- a default partition there takes all; one here may hold what finds no place there
BEGIN;
DROP TABLE v2.ranges_h1, v2.ranges_h2, v2.lists_bc;
CREATE TABLE v2.ranges_rest PARTITION OF v2.ranges DEFAULT;
CREATE TABLE v2.lists_rest PARTITION OF v2.lists DEFAULT PARTITION BY LIST (id);
CREATE TABLE v2.lists_rest_1 PARTITION OF v2.lists_rest FOR VALUES IN (1);
TABLE found;
ROLLBACK;

-- no partitions at all, as long as there can be rows on the other side
BEGIN;
DROP TABLE v2.words_a;
TABLE found;
DROP TABLE words_a;
TABLE found;
ROLLBACK;

-- other values: it depends on the row
BEGIN;
SELECT gray_map('v2.words', 'word', up => 'upper(word)');
ALTER TABLE v2.words RENAME id TO number;
TABLE found;
CREATE TABLE v2.words_rest PARTITION OF v2.words DEFAULT;
TABLE found;
ROLLBACK;
BEGIN;
ALTER TABLE v2.plain RENAME TO part;
CREATE TABLE v2.plain (LIKE v2.part) PARTITION BY RANGE (id);
ALTER TABLE v2.plain ATTACH PARTITION v2.part FOR VALUES FROM (0) TO (100);
TABLE found;
ROLLBACK;

-- a table of the release that has become a part of another
BEGIN;
CREATE TABLE v2.whole (LIKE v2.plain) PARTITION BY RANGE (id);
ALTER TABLE v2.whole ATTACH PARTITION v2.plain FOR VALUES FROM (0) TO (100);
TABLE found;
SELECT gray_open();
ROLLBACK;

SELECT gray_open();
SELECT gray_close();
SET client_min_messages = warning;
SELECT gray_drop_release();
DROP SCHEMA place CASCADE;
