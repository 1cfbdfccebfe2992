-- Views that read a table of the release are cloned with it, and read gray's rows;
-- what can't be cloned is shown by gray_check.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE ROLE regress_gray_app;
CREATE ROLE regress_gray_reporter;
CREATE SCHEMA viewed;
GRANT CREATE, USAGE ON SCHEMA viewed TO regress_gray_reporter;
SET search_path = viewed, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users, total integer, "Note" text);
CREATE TABLE items (id integer PRIMARY KEY, order_id integer REFERENCES orders, sku text);
GRANT SELECT ON users, orders, items TO regress_gray_reporter WITH GRANT OPTION;
CREATE INDEX ON orders (user_id);
CREATE INDEX ON items (order_id);
CREATE TABLE log (note text);

-- a view, a view on views whose name comes before theirs, and all that a view can have
CREATE VIEW per_user AS SELECT u.id, u.name, count(o.id) AS orders, max(o."Note") AS "Last note"
	FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
CREATE VIEW a_summary AS
	SELECT count(*) AS users, sum(p.orders) AS orders, (SELECT count(*) FROM countries) AS countries FROM per_user p;
CREATE VIEW big_orders WITH (security_barrier) AS SELECT * FROM orders WHERE total >= 100 WITH LOCAL CHECK OPTION;
CREATE VIEW huge_orders WITH (security_invoker = true) AS
	SELECT * FROM big_orders WHERE total >= 1000 WITH CASCADED CHECK OPTION;
CREATE VIEW "Order's" AS SELECT id AS "Id", total FROM orders;
CREATE VIEW with_items AS SELECT o.id, i.sku FROM orders o JOIN items i ON i.order_id = o.id;
CREATE VIEW of_countries AS SELECT code FROM countries;
ALTER VIEW big_orders ALTER total SET DEFAULT 100;
COMMENT ON VIEW big_orders IS 'it''s big';
COMMENT ON COLUMN big_orders.total IS 'at least 100';
GRANT SELECT ON big_orders TO regress_gray_app;
GRANT UPDATE (total) ON big_orders TO regress_gray_app WITH GRANT OPTION;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN INSERT INTO viewed.log VALUES (TG_TABLE_SCHEMA); RETURN NEW; END$$;
CREATE TRIGGER noting INSTEAD OF INSERT ON with_items FOR EACH ROW EXECUTE FUNCTION note();
COMMENT ON TRIGGER noting ON with_items IS 'notes';
CREATE RULE renaming AS ON UPDATE TO per_user DO INSTEAD UPDATE users SET name = new.name WHERE id = old.id;
COMMENT ON RULE renaming ON per_user IS 'renames';
CREATE VIEW door AS SELECT 1 AS id;
CREATE RULE enter AS ON INSERT TO door DO INSTEAD INSERT INTO users VALUES (new.id);
SET ROLE regress_gray_reporter;
CREATE VIEW reported AS SELECT id FROM users;
RESET ROLE;

-- shown before
SELECT gray_create_release('v2');
SELECT * FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT count(*) FROM pg_class WHERE relnamespace = 'v2'::regnamespace;

-- cloned step by step: what reads items reads those of production until they are cloned
SELECT gray_clone('users', 'id');
SELECT gray_clone('orders');
SELECT pg_get_viewdef('v2.with_items');
SELECT pg_get_viewdef('v2.per_user');
SELECT * FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT gray_clone('items');
SELECT pg_get_viewdef('v2.with_items');
SELECT production, gray FROM gray.release_view ORDER BY 1;
SELECT * FROM gray_clone_tree('users', 'id');

-- what they have
SELECT c.relname, c.reloptions, c.relowner::regrole, c.relacl = p.relacl AS same_grants, obj_description(c.oid)
	FROM pg_class c LEFT JOIN pg_class p ON p.relname = c.relname AND p.relnamespace = 'viewed'::regnamespace
	WHERE c.relnamespace = 'v2'::regnamespace AND c.relkind = 'v' ORDER BY 1;
\d+ v2.big_orders
\dp v2.big_orders
\d+ v2.with_items
\d+ v2.per_user
\d+ v2.door
SELECT obj_description(t.oid) FROM pg_trigger t WHERE tgrelid = 'v2.with_items'::regclass;
SELECT obj_description(r.oid) FROM pg_rewrite r WHERE ev_class = 'v2.per_user'::regclass AND rulename = 'renaming';
-- no view in gray reads production
SELECT DISTINCT r.ev_class::regclass, d.refobjid::regclass FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
	JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
	JOIN pg_class x ON x.oid = d.refobjid
	WHERE c.relnamespace = 'v2'::regnamespace AND x.relnamespace <> c.relnamespace;

-- version 2 reads and writes gray's rows through them, and the fence sees it
INSERT INTO users VALUES (1, 'one'), (2, 'two');
INSERT INTO orders VALUES (11, 1, 150), (21, 2, 250);
INSERT INTO countries VALUES ('at');
SELECT gray_add_user(1);
SELECT gray_open();
SELECT * FROM gray_route(1);
SET search_path = v2, viewed, public;
SELECT * FROM a_summary;
INSERT INTO big_orders (id, user_id) VALUES (12, 1);
INSERT INTO huge_orders (id, user_id, total) VALUES (13, 1, 1);
UPDATE per_user SET name = 'uno' WHERE id = 1;
INSERT INTO with_items VALUES (1);
INSERT INTO big_orders (id, user_id) VALUES (22, 2);
INSERT INTO door VALUES (3);
SET search_path = viewed, public;
SELECT * FROM a_summary;
SELECT * FROM orders ORDER BY id;
SELECT * FROM v2.orders ORDER BY id;
SELECT * FROM users UNION ALL SELECT * FROM v2.users ORDER BY 1, 2;
SELECT * FROM log;
UPDATE big_orders SET total = 300 WHERE id = 11;
UPDATE per_user SET name = 'mine' WHERE id = 1;
UPDATE big_orders SET total = 300 WHERE id = 21;
SELECT gray_close();
SELECT gray_migrate_back(1);
SELECT * FROM big_orders ORDER BY id;

-- a view made later is shown, and cloned with the next call; the user's own are left alone
\x on
CREATE VIEW later AS SELECT id FROM orders;
CREATE OR REPLACE VIEW v2.big_orders WITH (security_barrier) AS SELECT * FROM v2.orders WHERE total >= 200;
DROP VIEW v2.door, v2.reported;
CREATE VIEW own AS SELECT sku FROM items;
CREATE VIEW v2.own AS SELECT sku FROM items;
SELECT * FROM gray_check() WHERE problem !~ 'index|cohort';
SELECT * FROM gray_clone_tree('users', 'id');
SELECT pg_get_viewdef('v2.later'), pg_get_viewdef('v2.big_orders'), pg_get_viewdef('v2.own'), to_regclass('v2.door');
SELECT * FROM gray_check() WHERE problem !~ 'index|cohort';
\x off

-- a table that is cloned later: twins that read it are made anew, but for the user's
CREATE TABLE parcels (id integer PRIMARY KEY, user_id integer REFERENCES users);
CREATE VIEW on_parcels AS SELECT id FROM parcels;
CREATE VIEW mixed AS SELECT p.id, u.name FROM on_parcels p JOIN users u ON u.id = p.id;
CREATE VIEW mixed_2 AS SELECT * FROM users, LATERAL (SELECT count(*) AS parcels FROM parcels) p;
CREATE VIEW mixed_3 AS SELECT * FROM mixed_2;
CREATE RULE adding AS ON INSERT TO mixed_3 DO INSTEAD INSERT INTO parcels VALUES (new.id);
SELECT * FROM gray_clone_tree('users', 'id', dry_run => true);
DROP TABLE parcels CASCADE;
CREATE TABLE parcels (id integer PRIMARY KEY, user_id integer);
CREATE VIEW on_parcels AS SELECT id FROM parcels;
CREATE VIEW mixed AS SELECT p.id, u.name FROM on_parcels p JOIN users u ON u.id = p.id;
CREATE VIEW mixed_2 AS SELECT u.*, p.parcels FROM users u, LATERAL (SELECT count(*) AS parcels FROM parcels) p;
CREATE VIEW mixed_3 AS SELECT id FROM mixed_2;
CREATE VIEW mixed_4 AS SELECT u.id FROM users u JOIN parcels USING (id);
CREATE RULE adding AS ON INSERT TO mixed_3 DO INSTEAD INSERT INTO parcels VALUES (new.id);
SELECT * FROM gray_clone_tree('users', 'id');
GRANT SELECT ON v2.mixed_2 TO regress_gray_app;
CREATE OR REPLACE VIEW v2.mixed_4 AS SELECT u.id FROM v2.users u JOIN viewed.parcels p ON p.id = u.id;
\d+ v2.mixed_3
SELECT gray_clone('parcels', 'user_id');
SELECT pg_get_viewdef('v2.mixed'), pg_get_viewdef('v2.mixed_2'), pg_get_viewdef('v2.mixed_4');
\d+ v2.mixed_3
\dp v2.mixed_2
\x on
SELECT * FROM gray_check() WHERE problem !~ 'index|cohort';
\x off

-- a view that reads a partition reads its twin
BEGIN;
CREATE TABLE events (id integer, user_id integer REFERENCES users, kind text, PRIMARY KEY (id, kind))
	PARTITION BY LIST (kind);
CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('a');
CREATE VIEW of_a AS SELECT * FROM events_a;
SELECT * FROM gray_clone_tree('users', 'id');
SELECT pg_get_viewdef('v2.of_a');
ROLLBACK;

-- policies and rules of tables lead to twins of views too, and of tables cloned later
BEGIN;
CREATE TABLE notes (id integer PRIMARY KEY, user_id integer REFERENCES users);
CREATE TABLE note_log (id integer PRIMARY KEY, user_id integer);
CREATE VIEW allowed AS SELECT id FROM users;
CREATE POLICY own ON notes USING (EXISTS (SELECT FROM allowed WHERE allowed.id = user_id));
COMMENT ON POLICY own ON notes IS 'by view';
CREATE RULE logging AS ON INSERT TO notes DO ALSO
	INSERT INTO note_log SELECT new.id, new.user_id WHERE new.user_id IN (SELECT id FROM allowed);
ALTER TABLE notes ENABLE ALWAYS RULE logging;
SELECT * FROM gray_clone_tree('users', 'id');
\d v2.notes
SELECT * FROM gray_diff() WHERE table_name = 'v2.notes';
ALTER POLICY own ON v2.notes TO regress_gray_app;
SELECT gray_clone('note_log', 'user_id');
\d v2.notes
SELECT * FROM gray_diff() WHERE table_name = 'v2.notes';
SELECT obj_description(oid) FROM pg_policy WHERE polrelid = 'v2.notes'::regclass;
ROLLBACK;

-- a name that was dropped on both sides is free again
BEGIN;
DROP VIEW v2.later, later;
CREATE SCHEMA other;
CREATE VIEW other.later AS SELECT id FROM users;
SELECT * FROM gray_clone_tree('users', 'id');
SELECT production, gray FROM gray.release_view WHERE gray = 'v2.later';
ROLLBACK;

-- an error of PostgreSQL's own says what it is about, and leaves nothing
BEGIN;
ALTER TABLE v2.items RENAME sku TO article;
CREATE VIEW of_sku AS SELECT sku FROM items;
SELECT count(*) FROM gray_clone_tree('users', 'id');
ROLLBACK;

-- dropped are those that were cloned, and not while something of the user's needs them
CREATE VIEW v2.needs AS SELECT * FROM v2.a_summary;
SELECT gray_drop_release();
DROP VIEW v2.needs, v2.own;
SELECT gray_drop_release();
SELECT count(*) FROM gray.release_view;
SELECT to_regnamespace('v2');
SELECT count(*) FROM per_user;

-- names that are in two schemas: what a view reads first is looked for first, and
-- what would be mistaken for something else is not cloned
DROP VIEW a_summary, per_user, huge_orders, "Order's", with_items, door, reported, later, own, on_parcels, mixed,
	mixed_2, mixed_3, mixed_4;
CREATE SCHEMA reports;
CREATE TABLE reports.root (id integer PRIMARY KEY);
CREATE TABLE reports.users (id integer);
CREATE TABLE root (id integer);
CREATE VIEW reports.names AS SELECT name FROM users;
CREATE VIEW on_names AS SELECT * FROM reports.names;
CREATE VIEW reports.countries AS SELECT id FROM users;
CREATE VIEW on_countries AS SELECT id FROM reports.countries;
CREATE VIEW both_roots AS SELECT r.id FROM reports.root r JOIN users u ON u.id = r.id;
CREATE VIEW reports.orders AS SELECT * FROM viewed.orders;
CREATE TEMPORARY TABLE orders (id integer);
CREATE TEMPORARY VIEW temporary AS SELECT * FROM viewed.orders;
SELECT gray_create_release('v2');
SELECT gray_clone('reports.root', 'id');
SELECT * FROM gray_clone_tree('viewed.users', 'id', dry_run => true);
SELECT count(*) FROM gray_clone_tree('viewed.users', 'id');
SELECT production, gray FROM gray.release_view ORDER BY 1;
SELECT pg_get_viewdef('v2.big_orders'), pg_get_viewdef('v2.on_names');
\x on
SELECT * FROM gray_check() WHERE problem !~ 'index|cohort';
\x off
-- the user's own are taken for twins
CREATE VIEW v2.countries AS SELECT id FROM v2.users;
CREATE OR REPLACE VIEW v2.both_roots AS SELECT r.id FROM v2.root r JOIN v2.users u ON u.id = r.id;
SELECT * FROM gray_clone_tree('viewed.users', 'id');
SELECT pg_get_viewdef('v2.on_countries');
SELECT object, problem FROM gray_check() WHERE problem !~ 'index|cohort';
DROP VIEW temporary;
DROP TABLE pg_temp.orders;
SELECT gray_drop_release();
DROP VIEW v2.on_countries, v2.countries;
SELECT gray_drop_release();

-- a view of somebody else's is cloned as that role, if the caller may be it
SET client_min_messages = warning;
DROP SCHEMA viewed, reports CASCADE;
RESET client_min_messages;
CREATE ROLE regress_gray_owner;
CREATE SCHEMA viewed;
GRANT CREATE, USAGE ON SCHEMA viewed TO regress_gray_owner, regress_gray_reporter;
GRANT EXECUTE ON FUNCTION gray_clone(regclass, name, name), gray_check(name) TO regress_gray_owner;
SELECT gray_create_release('v2');
SET ROLE regress_gray_owner;
CREATE TABLE users (id integer PRIMARY KEY, name text);
GRANT SELECT ON users TO regress_gray_reporter;
SET ROLE regress_gray_reporter;
CREATE VIEW reported AS SELECT id FROM users;
GRANT SELECT ON reported TO regress_gray_owner;
SET ROLE regress_gray_owner;
CREATE VIEW on_reported AS SELECT id FROM reported;
SELECT gray_clone('users', 'id');
\x on
SELECT * FROM gray_check() WHERE problem !~ 'index|cohort';
\x off
RESET ROLE;
SELECT production, gray FROM gray.release_view ORDER BY 1;
SELECT gray_drop_release();
GRANT regress_gray_reporter TO regress_gray_owner;
SELECT gray_create_release('v2');
SET ROLE regress_gray_owner;
SELECT gray_clone('users', 'id');
SELECT * FROM v2.on_reported;
RESET ROLE;
SELECT relname, relowner::regrole FROM pg_class WHERE relnamespace = 'v2'::regnamespace AND relkind <> 'i' ORDER BY 1;
SELECT gray_drop_release();

SET client_min_messages = warning;
DROP SCHEMA viewed CASCADE;
DROP ROLE regress_gray_app, regress_gray_reporter;
REVOKE ALL ON FUNCTION gray_clone(regclass, name, name), gray_check(name) FROM regress_gray_owner;
DROP ROLE regress_gray_owner;
