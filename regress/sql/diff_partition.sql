-- gray_diff looks into partitions: what is their own differs there, what they
-- have from their parent differs once.
\getenv here PG_ABS_SRCDIR
\set shop :here '/shop.sql'
\i :shop
CREATE TABLE events (id integer, user_id integer REFERENCES users, at date, note text, PRIMARY KEY (id, at, note))
	PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (note);
CREATE TABLE events_2025_a PARTITION OF events_2025 FOR VALUES IN ('a');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX events_user ON events (user_id);
CREATE INDEX own ON events_2024 (note);
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id'), gray_clone('events');
SELECT * FROM gray_diff();

CREATE INDEX events_note ON v2.events (note);
ALTER TABLE v2.events ADD CONSTRAINT short CHECK (length(note) < 9);
ALTER TABLE v2.events_2024 ALTER note SET DEFAULT 'x';
DROP INDEX v2.own;
CREATE TABLE v2.events_2026 PARTITION OF v2.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
DROP TABLE v2.events_2025_a;
ALTER TABLE v2.events DETACH PARTITION v2.events_2024;
ALTER TABLE v2.events ATTACH PARTITION v2.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
\pset format unaligned
\pset tuples_only on
SELECT * FROM gray_diff();
SET search_path = v2, shop, public;
SELECT undo FROM gray_diff() \gexec
RESET search_path;
SELECT * FROM gray_diff();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
