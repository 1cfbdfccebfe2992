-- The uid columns of a release may be smallint, integer and bigint, or text and varchar: a user is one user in all of
-- them, and the release's own type is the widest.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA width;
SET search_path = width, public;
CREATE DOMAIN user_number AS bigint;
CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE);
CREATE TABLE orders (id integer PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, note text);
CREATE TABLE badges (id integer PRIMARY KEY, user_id smallint NOT NULL REFERENCES users, note text);
CREATE TABLE marks (user_id user_number NOT NULL REFERENCES users, note text); -- without a key
CREATE TABLE lines (id integer PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, note text);
CREATE TABLE visits (day date, user_id bigint NOT NULL, note text, PRIMARY KEY (day, user_id)) PARTITION BY RANGE (day);
CREATE TABLE visits_26 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE events (id integer PRIMARY KEY, user_id bigint NOT NULL, note text); -- no foreign key
CREATE INDEX ON orders (user_id);
CREATE INDEX ON events (user_id);
INSERT INTO users SELECT i, 'user ' || i FROM unnest('{1, 2, 2147483647}'::integer[]) i;
INSERT INTO orders SELECT id % 1000, id, 'order' FROM users;
INSERT INTO badges SELECT id, id, 'badge' FROM users WHERE id < 10;
INSERT INTO marks SELECT id, 'mark' FROM users;
INSERT INTO lines SELECT id, id, 'line' FROM orders;
INSERT INTO visits SELECT '2026-05-05', id, 'visit' FROM users;
INSERT INTO events SELECT id % 1000, id, 'event' FROM users;
INSERT INTO events VALUES (4000, 2147483648, 'event'), (5000, 9223372036854775807, 'event'), (6000, -1, 'event');

-- table by table: the first says integer, a wider one makes it bigint
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
SELECT uid_type FROM gray.status;
SELECT gray_add_user(1);
SELECT gray_add_user(2147483648);
SELECT gray_clone('badges', 'user_id');
SELECT uid_type FROM gray.status;
SELECT gray_clone('orders', 'user_id');
SELECT uid_type FROM gray.status;
SELECT attrelid::regclass, atttypid::regtype FROM pg_attribute
	WHERE attrelid::regclass::text ~ '^gray\..*_\d' AND attname = 'uid' AND attrelid::regclass::text !~ 'pkey'
	ORDER BY 1;
SELECT uid FROM gray_roster();
SELECT gray_drop_release();

-- as a tree; a column without a foreign key is a uid's, too
SELECT gray_create_release('v2');
SELECT production, owner, hint FROM gray_clone_tree('users', 'id', dry_run => true) WHERE production IS NOT NULL;
SELECT production, owner FROM gray_clone_tree('users', 'id', choices => '{"events": "user_id", "visits": "user_id"}');
ALTER TABLE v2.orders ADD seen text;
SELECT gray_add_user(i) FROM unnest('{1, 2147483647, 2147483648, 9223372036854775807, -1}'::bigint[]) i;
SELECT gray_open();
SELECT * FROM gray_check() WHERE severity = 'error';
CREATE TEMP VIEW rows AS
	SELECT 'users' AS t, id::bigint AS uid, email AS note FROM users
	UNION ALL SELECT 'orders', user_id, note FROM orders
	UNION ALL SELECT 'badges', user_id, note FROM badges UNION ALL SELECT 'marks', user_id, note FROM marks
	UNION ALL SELECT 'lines', user_id, l.note FROM lines l JOIN orders o ON o.id = order_id
	UNION ALL SELECT 'visits', user_id, note FROM visits UNION ALL SELECT 'events', user_id, note FROM events;
CREATE TABLE before AS TABLE rows;
SELECT gray_migrate(i) FROM unnest('{1, 2147483647, 2147483648, 9223372036854775807, -1}'::bigint[]) i;
SELECT (SELECT count(*) FROM v2.users) AS users, (SELECT count(*) FROM v2.orders) AS orders,
	(SELECT count(*) FROM v2.badges) AS badges, (SELECT count(*) FROM v2.marks) AS marks,
	(SELECT count(*) FROM v2.lines) AS lines, (SELECT count(*) FROM v2.visits) AS visits,
	(SELECT count(*) FROM v2.events) AS events;
SELECT gray_verify('9223372036854775807');
-- fenced, whatever the width
\set VERBOSITY sqlstate
UPDATE users SET email = '' WHERE id = 1;
UPDATE orders SET note = '' WHERE user_id = 1;
UPDATE badges SET note = '' WHERE user_id = 1;
INSERT INTO lines VALUES (99, 647, '');
DELETE FROM events WHERE id = 4000;
INSERT INTO events VALUES (4001, 9223372036854775807, '');
INSERT INTO v2.badges VALUES (3, 2, '');
INSERT INTO users VALUES (7, 'theirs@example.org');
UPDATE v2.users SET email = 'theirs@example.org' WHERE id = 1;
SELECT gray_enter(2147483648);
SET search_path = v2, width, public;
SELECT gray_enter(2147483648), gray_enter(2147483647::integer), gray_enter(1::smallint);
SET search_path = width, public;
\set VERBOSITY default
UPDATE v2.orders SET note = note || ' seen', seen = 'yes';
UPDATE v2.badges SET note = 'other';
UPDATE v2.marks SET note = 'other' WHERE user_id = 1;
UPDATE v2.lines SET note = 'other';
UPDATE v2.visits SET note = 'other' WHERE user_id = 2147483647;
UPDATE v2.events SET note = 'other' WHERE user_id > 1;
INSERT INTO v2.events VALUES (4001, 9223372036854775807, 'new');
SELECT table_name, differing FROM gray_verify('2147483647') WHERE differing > 0;
SELECT gray_migrate_back(i) FROM unnest('{1, 2147483647, 2147483648, 9223372036854775807, -1}'::bigint[]) i;
(SELECT 'now' AS which, * FROM rows EXCEPT ALL SELECT 'now', * FROM before) ORDER BY t, uid, note;
(SELECT 'before' AS which, * FROM before EXCEPT ALL SELECT 'before', * FROM rows) ORDER BY t, uid, note;
SELECT count(*) FROM v2.events;
-- what was kept is there again
SELECT gray_migrate(2147483647);
SELECT user_id, seen FROM v2.orders;
SET pg_gray.back_strategy = 'replace';
SELECT gray_migrate_back(2147483647);
RESET pg_gray.back_strategy;
SELECT gray_migrate('1');
SELECT gray_discard('1');
SELECT kind, state, sqlstate, message FROM gray.history WHERE sqlstate IS NOT NULL;
-- statements of moves go by the narrower column's index
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
PREPARE by_uid(bigint) AS SELECT * FROM users WHERE id = $1;
EXPLAIN (COSTS off) EXECUTE by_uid(1);
RESET plan_cache_mode;
RESET enable_seqscan;
SELECT gray_close();
SELECT gray_drop_release('v2', force => true);

-- A column of production that was made wider later is taken in by gray_open; one of another kind is an error.
CREATE TABLE people (id integer PRIMARY KEY, note text);
INSERT INTO people VALUES (1, 'one'), (2, 'two');
SELECT gray_create_release('v2');
SELECT gray_clone('people', 'id');
ALTER TABLE people ALTER id TYPE bigint;
INSERT INTO people VALUES (3000000000, 'large');
SELECT * FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
SELECT uid_type FROM gray.status;
SELECT gray_add_user(3000000000), gray_add_user(1);
-- gray's twin is narrower: not everybody fits
SELECT gray_migrate(1);
SELECT gray_migrate(3000000000);
ALTER TABLE v2.people ALTER id TYPE bigint;
SELECT gray_reset(3000000000);
SELECT gray_migrate(3000000000);
SELECT * FROM v2.people ORDER BY id;
SELECT gray_migrate_back(1), gray_migrate_back(3000000000);
SELECT gray_close();
ALTER TABLE v2.people ALTER id TYPE text;
SELECT * FROM gray_check() WHERE severity = 'error';
SELECT gray_open();
SELECT gray_drop_release();

-- texts
CREATE TABLE members (login varchar(20) PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, login text NOT NULL REFERENCES members, note varchar);
INSERT INTO members VALUES ('anna'), ('bob');
INSERT INTO posts VALUES (1, 'anna', 'x'), (2, 'bob', 'y');
SELECT gray_create_release('v2');
SELECT production, owner FROM gray_clone_tree('members', 'login');
SELECT uid_type FROM gray.status;
SELECT gray_add_user('anna');
SELECT gray_open();
SELECT gray_migrate('anna');
\set VERBOSITY sqlstate
UPDATE posts SET note = '' WHERE id = 1;
\set VERBOSITY default
UPDATE v2.posts SET note = 'z';
SELECT gray_migrate_back('anna');
SELECT * FROM posts ORDER BY id;
SELECT gray_close();
SELECT gray_drop_release();

-- not of one kind
CREATE TABLE others (id integer PRIMARY KEY, user_id text);
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
SELECT gray_clone('others', 'user_id');
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA width CASCADE;
