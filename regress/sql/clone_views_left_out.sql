-- A view that can't be made in gray is left out, with a warning that says why and what to
-- do, and so is one that reads it; everything else is cloned.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
CREATE ROLE regress_gray_reporter;
RESET client_min_messages;
CREATE SCHEMA seen;
GRANT CREATE, USAGE ON SCHEMA seen TO regress_gray_reporter;
SET search_path = seen, public;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
CREATE TABLE drafts (id integer PRIMARY KEY, user_id integer NOT NULL);
GRANT SELECT ON users TO regress_gray_reporter;
CREATE FUNCTION public_name(u users) RETURNS text STABLE LANGUAGE sql AS 'SELECT u.name';
-- a row that a function takes; notation with a dot is the same
CREATE VIEW names AS SELECT id, public_name(users.*) AS name FROM users;
CREATE VIEW of_posts AS SELECT p.id, (SELECT u.public_name FROM users u WHERE u.id = p.user_id) AS author FROM posts p;
-- views that read them, one of them through another
CREATE VIEW a_count AS SELECT count(*) FROM names;
CREATE VIEW a_copy AS SELECT * FROM a_count;
-- a rule of a view that can't be made
CREATE VIEW ruled AS SELECT id, name FROM users;
CREATE FUNCTION note(r ruled) RETURNS text LANGUAGE sql AS 'SELECT r.name';
CREATE RULE noting AS ON INSERT TO ruled DO INSTEAD SELECT note(new);
-- a type that the view's owner may not use any more
CREATE TYPE mood AS ENUM ('fine');
GRANT USAGE ON TYPE mood TO regress_gray_reporter;
REVOKE USAGE ON TYPE mood FROM PUBLIC;
SET ROLE regress_gray_reporter;
CREATE VIEW moods AS SELECT id, 'fine'::mood FROM users;
RESET ROLE;
REVOKE USAGE ON TYPE mood FROM regress_gray_reporter;
-- the name of a row type means gray's, too
CREATE VIEW nobody AS SELECT public_name(NULL::users), id FROM posts;
-- nothing is wrong with these: a function's result, and a column, have the type of production
CREATE FUNCTION first_user() RETURNS users STABLE LANGUAGE sql AS 'SELECT u FROM seen.users u LIMIT 1';
CREATE TABLE archive (u users);
CREATE VIEW plain AS SELECT id FROM users;
CREATE VIEW on_plain AS SELECT id, public_name(first_user()) FROM plain;
CREATE VIEW archived AS SELECT public_name(a.u), p.id FROM archive a, posts p;

SELECT gray_create_release('v2');
SELECT * FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT * FROM gray_clone_tree('users', 'id');
SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'v2'::regnamespace AND relkind = 'v' ORDER BY 1;
SELECT production FROM gray.release_view ORDER BY 1;
SELECT count(*) FROM gray_check() WHERE object LIKE 'seen.%' AND problem LIKE 'the view has no twin%';
-- what has nothing to do with it works, and says it again
SELECT gray_clone('drafts', 'user_id');

-- done as the hint says
CREATE FUNCTION public_name(u v2.users) RETURNS text STABLE LANGUAGE sql AS 'SELECT u.name';
CREATE VIEW v2.ruled AS SELECT id, name FROM v2.users;
GRANT USAGE ON TYPE mood TO regress_gray_reporter;
SELECT * FROM gray_clone_tree('users', 'id');
SELECT pg_get_viewdef('v2.names'), pg_get_viewdef('v2.a_copy');
SELECT * FROM gray_clone_tree('users', 'id');

-- a view that can't be made anew stays as it is, and so does one that reads it
CREATE TABLE parcels (id integer PRIMARY KEY, user_id integer);
CREATE VIEW whole AS SELECT u.id, p FROM users u JOIN parcels p ON p.user_id = u.id;
CREATE VIEW on_whole AS SELECT id FROM whole;
CREATE VIEW counted AS SELECT u.id, (SELECT count(*) FROM parcels) AS parcels FROM users u;
SELECT * FROM gray_clone_tree('users', 'id');
SELECT gray_clone('parcels', 'user_id');
SELECT pg_get_viewdef('v2.whole'), pg_get_viewdef('v2.counted');
SELECT object, problem FROM gray_check() WHERE object LIKE '%whole%';
DROP VIEW v2.whole CASCADE;
CREATE VIEW v2.whole AS SELECT u.id, p FROM v2.users u JOIN v2.parcels p ON p.user_id = u.id;
SELECT object, problem FROM gray_check() WHERE object LIKE '%whole%';

-- nor a policy or a rule of a table
CREATE TABLE notes (id integer PRIMARY KEY, user_id integer REFERENCES users);
CREATE VIEW allowed AS SELECT id FROM users;
CREATE FUNCTION ok(a allowed) RETURNS boolean STABLE LANGUAGE sql AS 'SELECT true';
CREATE POLICY own ON notes USING (EXISTS (SELECT FROM allowed a WHERE ok(a)));
CREATE RULE logging AS ON INSERT TO notes DO ALSO SELECT ok(a) FROM allowed a;
SELECT production, gray, owner FROM gray_clone_tree('users', 'id');
\d v2.notes

-- what is not the view's fault is raised
CREATE VIEW late AS SELECT id FROM users;
CREATE FUNCTION fail() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
	RAISE 'no view today' USING ERRCODE = current_setting('seen.sqlstate');
END$$;
CREATE EVENT TRIGGER regress_gray_fail ON ddl_command_start WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION fail();
SET seen.sqlstate = '57014';
SELECT count(*) FROM gray_clone_tree('users', 'id');
SET seen.sqlstate = '53200';
SELECT count(*) FROM gray_clone_tree('users', 'id');
SET seen.sqlstate = '55P03';
SELECT count(*) FROM gray_clone_tree('users', 'id');
SET seen.sqlstate = '40P01';
SELECT count(*) FROM gray_clone_tree('users', 'id');
SET seen.sqlstate = 'XX000';
SELECT owner FROM gray_clone_tree('users', 'id');
DROP EVENT TRIGGER regress_gray_fail;

SET client_min_messages = warning;
DROP FUNCTION public_name(v2.users) CASCADE;
DROP VIEW v2.whole, v2.ruled;
SELECT gray_drop_release();
DROP SCHEMA seen CASCADE;
DROP ROLE regress_gray_reporter;
