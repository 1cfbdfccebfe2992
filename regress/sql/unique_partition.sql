-- Values of partitioned tables are looked for in the one partition where they would be.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
SET datestyle = 'ISO';
CREATE SCHEMA part;
SET search_path = part, public;
\pset format unaligned
\pset tuples_only on
\set VERBOSITY default
CREATE TABLE users (id integer PRIMARY KEY, name text);
-- by range, with sub-partitions by list and a default; one partition has its columns in another order
CREATE TABLE seats (
	id integer NOT NULL, user_id integer REFERENCES users, day date, seat text, kind text, UNIQUE (seat, kind, day)
) PARTITION BY RANGE (day);
CREATE TABLE seats_2024 (junk text, seat text, day date, user_id integer, kind text, id integer NOT NULL);
ALTER TABLE seats_2024 DROP junk;
ALTER TABLE seats ATTACH PARTITION seats_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE seats_2025 PARTITION OF seats FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (kind);
CREATE TABLE seats_2025_a PARTITION OF seats_2025 FOR VALUES IN ('a', 'aa');
CREATE TABLE seats_2025_b PARTITION OF seats_2025 DEFAULT;
CREATE TABLE seats_rest PARTITION OF seats DEFAULT;
ALTER TABLE seats ADD UNIQUE (id, kind, day), ALTER kind SET NOT NULL, ALTER day SET NOT NULL;
CREATE INDEX ON seats (user_id);
-- by list, where nulls are equal, and there is no partition for the rest
CREATE TABLE tables (id integer, user_id integer REFERENCES users, room text, place integer, PRIMARY KEY (id, room),
	UNIQUE NULLS NOT DISTINCT (place, room)) PARTITION BY LIST (room);
CREATE TABLE tables_red PARTITION OF tables FOR VALUES IN ('red', 'orange');
CREATE TABLE tables_blue PARTITION OF tables FOR VALUES IN ('blue');
CREATE INDEX ON tables (user_id);
-- by hash, and by owner path
CREATE TABLE codes (
	seat integer, seat_kind text, seat_day date, code text PRIMARY KEY,
	FOREIGN KEY (seat, seat_kind, seat_day) REFERENCES seats (id, kind, day) ON UPDATE CASCADE
) PARTITION BY HASH (code);
CREATE TABLE codes_0 (code text NOT NULL, seat_day date, seat_kind text, seat integer);
ALTER TABLE codes ATTACH PARTITION codes_0 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE codes_1 PARTITION OF codes FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX ON codes (seat);
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 4) i;
INSERT INTO seats SELECT i, (i - 1) / 3 + 1, '2024-06-01'::date + i % 3 * 365, 's' || i, 'a'
	FROM generate_series(1, 12) i;
INSERT INTO tables VALUES (1, 1, 'red', 1), (2, 2, 'red', 2), (3, 3, 'blue', 3), (4, 4, 'blue', NULL);
INSERT INTO codes SELECT id, kind, day, 'c' || id FROM seats;
SELECT gray_create_release('v2');
SELECT count(*) FROM gray_clone_tree('users', 'id');
SELECT * FROM gray_unique();
SELECT gray_add_user(1), gray_add_user(2);
SELECT gray_open();
SELECT state FROM gray_route(1);
SELECT state FROM gray_route(2);

-- range, list below it, and their defaults: user 1 has seats 1 to 3, 2 has 4 to 6
UPDATE v2.seats SET seat = 'x' WHERE id = 1;
INSERT INTO seats VALUES (101, 3, '2025-06-01', 'x', 'a');
INSERT INTO seats VALUES
	(102, 3, '2025-06-01', 'x', 'b'),
	(103, 3, '2024-06-01', 'x', 'a'),
	(104, 3, '2027-06-01', 'x', 'a');
UPDATE v2.seats SET kind = 'b' WHERE id = 1;
UPDATE v2.seats SET day = '2024-06-01' WHERE id = 1;
UPDATE v2.seats SET day = '2027-06-01' WHERE id = 1;
UPDATE v2.seats SET day = '2028-06-01', kind = 'c' WHERE id = 1;
UPDATE seats SET day = '2028-06-01', kind = 'c' WHERE id = 102;
UPDATE v2.seats SET day = '2024-06-01', kind = 'd' WHERE id = 1;
UPDATE seats SET day = '2024-06-01', kind = 'd' WHERE id = 102;
UPDATE seats SET kind = 'd' WHERE id = 103;
-- its own frozen row, which is in another partition now, does not stand in the way
UPDATE v2.seats SET day = '2025-06-01', kind = 'a', seat = 's1' WHERE id = 1;
UPDATE v2.seats SET day = '2025-06-01', kind = 'a', seat = 's1' WHERE id = 4;
-- list
UPDATE v2.tables SET place = 9 WHERE id = 1;
INSERT INTO tables VALUES (5, 3, 'red', 9);
INSERT INTO tables VALUES (5, 3, 'blue', 9);
UPDATE tables SET room = 'red' WHERE id = 5;
UPDATE v2.tables SET room = 'blue' WHERE id = 1;
UPDATE v2.tables SET room = 'blue', place = NULL WHERE id = 1;
UPDATE v2.tables SET place = NULL WHERE id = 1;
UPDATE tables SET room = 'red' WHERE id = 4;
-- no partition of the other side would take the row
CREATE TABLE v2.tables_green PARTITION OF v2.tables FOR VALUES IN ('green');
UPDATE v2.tables SET room = 'green' WHERE id = 1;
DROP TABLE tables_blue;
UPDATE v2.tables SET room = 'blue' WHERE id = 1;
-- hash, and by owner path
UPDATE v2.codes SET code = 'mine ' || code WHERE seat < 4;
SELECT tableoid::regclass, code FROM codes WHERE seat < 4 ORDER BY code COLLATE "C";
SELECT tableoid::regclass, code FROM v2.codes WHERE seat < 4 ORDER BY code COLLATE "C";
INSERT INTO seats VALUES (101, 3, '2025-06-01', 'y', 'a');
INSERT INTO codes SELECT 101, 'a', '2025-06-01', 'mine c' || n FROM generate_series(4, 8) n;
INSERT INTO codes VALUES (101, 'a', '2025-06-01', 'mine c1');
INSERT INTO codes VALUES (101, 'a', '2025-06-01', 'mine c2');
INSERT INTO codes VALUES (101, 'a', '2025-06-01', 'mine c3');
UPDATE v2.codes SET code = 'c7' WHERE code = 'mine c1';
UPDATE v2.codes SET code = 'c8' WHERE code = 'mine c1';
UPDATE v2.codes SET code = 'c9' WHERE code = 'mine c1';
UPDATE v2.codes SET code = 'c1' WHERE code = 'mine c1';
UPDATE v2.codes SET code = 'c2' WHERE code = 'mine c2';
UPDATE v2.codes SET code = 'c3' WHERE code = 'mine c3';

SELECT gray_discard(1), gray_discard(2);
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA part CASCADE;
