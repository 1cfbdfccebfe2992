-- pg_gray: the current install script, copied to pg_gray--VERSION.sql at build.
-- The catalog and what only the extension calls live in schema gray; the
-- functions for people and gateways in the schema chosen at CREATE EXTENSION.
\echo Use "CREATE EXTENSION pg_gray" to load this file. \quit

-- Others may be able to create in the chosen schema: no name below may lead there, nor any
-- operator.  So all are looked for in pg_catalog alone, and what is made says where it goes.
-- Never CREATE OR REPLACE, nor IF NOT EXISTS: they would take what somebody else made before.
SET LOCAL search_path = pg_catalog, pg_temp;

CREATE SCHEMA gray;
COMMENT ON SCHEMA gray IS 'pg_gray: releases, their tables, their users';

--
-- Words
--

CREATE TYPE gray.state AS ENUM ('off', 'on', 'failed', 'stuck');
COMMENT ON TYPE gray.state IS
	'State of one user: off (data in production), on (data in gray), failed (could not be moved to gray), stuck (could not be brought home)';

CREATE TYPE gray.side AS ENUM ('production', 'gray');
COMMENT ON TYPE gray.side IS 'Where a user''s live rows are, and which server gets the request';

--
-- Registry.  Tables are named, never numbered by oid: the names survive a
-- dump and a restore.
--

CREATE TABLE gray.release (
	id integer PRIMARY KEY,
	-- The rule is release_name_is_valid of routing/release_name.c, which gray_create_release calls.
	release name NOT NULL UNIQUE CHECK (release ~ '^[A-Za-z0-9_-]+$'),
	gray_schema name NOT NULL UNIQUE,
	schema_created boolean NOT NULL,
	uid_type text,
	is_open boolean NOT NULL DEFAULT false,
	percent numeric(5,2) NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
	stuck_side gray.side NOT NULL DEFAULT 'gray',
	place text NOT NULL,
	time_zone text NOT NULL,
	lc_monetary text NOT NULL,
	lc_numeric text NOT NULL,
	lc_time text NOT NULL,
	text_search_config text NOT NULL,
	created timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gray.release IS 'Gray releases. Users of release ID are in gray.state_ID, gray.cohort_ID, gray.stay_ID, gray.attempt_ID and gray.kept_ID, keyed by the uid in its own type';
COMMENT ON COLUMN gray.release.schema_created IS 'the gray schema was created for this release, and goes with it';
COMMENT ON COLUMN gray.release.uid_type IS 'type of the uid columns; null until the first table is cloned';
COMMENT ON COLUMN gray.release.is_open IS 'the switch';
COMMENT ON COLUMN gray.release.percent IS 'this much of all users is in the cohort, besides the listed ones';
COMMENT ON COLUMN gray.release.place IS 'cluster and database that the attribute numbers of the registry are of: in a restored dump they are others';
COMMENT ON COLUMN gray.release.time_zone IS 'in which moves cast values, whatever the session''s is: that of the session which created the release';
COMMENT ON COLUMN gray.release.lc_monetary IS 'likewise: in which values of money are read and printed';
COMMENT ON COLUMN gray.release.lc_numeric IS 'likewise: by which to_char and to_number go';
COMMENT ON COLUMN gray.release.lc_time IS 'likewise: by which to_char names months and days';
COMMENT ON COLUMN gray.release.text_search_config IS 'likewise: default_text_search_config';
COMMENT ON COLUMN gray.release.stuck_side IS 'policy: the side that answers for users who are stuck';

CREATE TABLE gray.release_table (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	position integer NOT NULL CHECK (position > 0),
	production text NOT NULL UNIQUE,
	gray text NOT NULL UNIQUE,
	production_oid oid NOT NULL,
	gray_oid oid NOT NULL,
	uid_attnum smallint,
	parent_position integer,
	path_attnums smallint[],
	parent_attnums smallint[],
	PRIMARY KEY (release_id, position),
	FOREIGN KEY (release_id, parent_position) REFERENCES gray.release_table,
	CHECK ((uid_attnum IS NULL) = (parent_position IS NOT NULL)),
	CHECK ((parent_position IS NULL) = (path_attnums IS NULL)),
	CHECK ((parent_position IS NULL) = (parent_attnums IS NULL))
);
COMMENT ON TABLE gray.release_table IS 'Tables of each release, in the order of cloning: owners before what they own';
COMMENT ON COLUMN gray.release_table.production_oid IS 'only to know the table again that the attribute numbers are of; never a reference';
COMMENT ON COLUMN gray.release_table.gray_oid IS 'likewise; 0: the gray table is known to be gone, dropped by version 2';
COMMENT ON COLUMN gray.release_table.uid_attnum IS 'column of the production table that holds the uid; null: by owner path';
COMMENT ON COLUMN gray.release_table.path_attnums IS 'owner path: these columns of the production table refer to parent_attnums of the table at parent_position';

CREATE FUNCTION gray.table_now(registered_name text, registered_oid oid, in_place boolean) RETURNS oid
AS 'MODULE_PATHNAME', 'release_table_now_sql' LANGUAGE C STABLE;
COMMENT ON FUNCTION gray.table_now(text, oid, boolean) IS
	'the table that has the registered name, unless another table of a release was given that name; or else the one that had it and was renamed; oids count in the database that they are of';
REVOKE ALL ON FUNCTION gray.table_now(text, oid, boolean) FROM PUBLIC;

CREATE FUNCTION gray.place() RETURNS text
AS 'MODULE_PATHNAME', 'release_place_now' LANGUAGE C STABLE;
COMMENT ON FUNCTION gray.place() IS 'this cluster and database, as in gray.release.place';

CREATE TABLE gray.column_pair (
	release_id integer NOT NULL,
	position integer NOT NULL,
	production_attnum smallint NOT NULL,
	gray_attnum smallint NOT NULL,
	production_name name NOT NULL,
	gray_name name NOT NULL,
	PRIMARY KEY (release_id, position, production_attnum),
	FOREIGN KEY (release_id, position) REFERENCES gray.release_table ON DELETE CASCADE
);
COMMENT ON TABLE gray.column_pair IS 'Columns that are each other''s twin, by attribute number, so that a renamed or re-typed column is still found; by its last known name where a restored dump has other numbers';

CREATE TABLE gray.column_map (
	release_id integer NOT NULL,
	position integer NOT NULL,
	side gray.side NOT NULL,
	attnum smallint NOT NULL,
	name name NOT NULL,
	expression text NOT NULL,
	PRIMARY KEY (release_id, position, side, attnum),
	FOREIGN KEY (release_id, position) REFERENCES gray.release_table ON DELETE CASCADE
);
COMMENT ON TABLE gray.column_map IS 'What gray_map was told: expressions over a row of the other side that give a column its value, up for columns of the gray table, down for those of production';
COMMENT ON COLUMN gray.column_map.attnum IS 'the column, so that it is still found when it is renamed; by name, the last known one, where a restored dump has other numbers';

CREATE TABLE gray.kept_column (
	release_id integer NOT NULL,
	position integer NOT NULL,
	id integer NOT NULL,
	attnum smallint,
	name name,
	production_attnum smallint,
	PRIMARY KEY (release_id, position, id),
	FOREIGN KEY (release_id, position) REFERENCES gray.release_table ON DELETE CASCADE,
	CHECK ((attnum IS NULL) = (name IS NULL))
);
COMMENT ON TABLE gray.kept_column IS 'Columns of gray tables whose values gray.kept_ID keeps for the user''s next stay, as far as production can''t give them back';
COMMENT ON COLUMN gray.kept_column.id IS 'the column in gray.kept_ID; never used again for another one';
COMMENT ON COLUMN gray.kept_column.attnum IS 'the column now; by name, the last known one, where a restored dump has other numbers; null: it was dropped';
COMMENT ON COLUMN gray.kept_column.production_attnum IS 'the column of production that it was the twin of when the values were kept; null: gray alone had it';

CREATE TABLE gray.own_table (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	position integer NOT NULL CHECK (position > 0),
	gray text NOT NULL UNIQUE,
	gray_oid oid NOT NULL,
	is_shared boolean NOT NULL,
	uid_attnum smallint,
	parent_position integer,
	path_attnums smallint[],
	parent_attnums smallint[],
	PRIMARY KEY (release_id, position),
	CHECK (num_nonnulls(uid_attnum, parent_position) = CASE WHEN is_shared THEN 0 ELSE 1 END),
	CHECK (num_nonnulls(parent_position, path_attnums, parent_attnums) IN (0, 3))
);
COMMENT ON TABLE gray.own_table IS 'Tables of gray schemas that production does not have. Positions are in one row with those of release_table: owners before what they own';
COMMENT ON COLUMN gray.own_table.is_shared IS 'the rows belong to nobody, as gray_share_table was told: they stay where they are';
COMMENT ON COLUMN gray.own_table.uid_attnum IS 'column that holds the uid; null: by owner path, or nobody''s';
COMMENT ON COLUMN gray.own_table.path_attnums IS 'owner path: these columns refer to parent_attnums of the table at parent_position, which are production''s numbers if it is in release_table';

CREATE TABLE gray.own_column (
	release_id integer NOT NULL,
	position integer NOT NULL,
	attnum smallint NOT NULL,
	name name NOT NULL,
	parked_name name NOT NULL,
	PRIMARY KEY (release_id, position, attnum),
	FOREIGN KEY (release_id, position) REFERENCES gray.own_table ON DELETE CASCADE
);
COMMENT ON TABLE gray.own_column IS 'Columns of tables that only version 2 has, by attribute number; by the last known name where a restored dump has other numbers. parked_name is the column of gray.parked_ID_POSITION, where the rows of users who are at home wait for their next stay';

CREATE TABLE gray.made_rows (
	release_id integer NOT NULL,
	position integer NOT NULL,
	query text NOT NULL,
	key_columns name[] NOT NULL,
	columns name[] NOT NULL,
	PRIMARY KEY (release_id, position),
	FOREIGN KEY (release_id, position) REFERENCES gray.own_table ON DELETE CASCADE
);
COMMENT ON TABLE gray.made_rows IS 'What gray_rows was told: queries that make rows of tables that only version 2 has, of production''s rows';

CREATE TABLE gray.made_base (
	release_id integer NOT NULL,
	position integer NOT NULL,
	uid text NOT NULL,
	base jsonb NOT NULL,
	PRIMARY KEY (release_id, position, uid),
	FOREIGN KEY (release_id, position) REFERENCES gray.own_table ON DELETE CASCADE
);
COMMENT ON TABLE gray.made_base IS 'What the query of gray.made_rows gave when the user came home: by key, the texts of its columns. The next stay shows what production has changed since';

CREATE TABLE gray.hook (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	event text NOT NULL CHECK (event IN ('after_migrate', 'after_home')),
	function text NOT NULL,
	PRIMARY KEY (release_id, event)
);
COMMENT ON TABLE gray.hook IS 'What gray_hook was told: functions that moves call for each user, by name';

CREATE TABLE gray.release_view (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	production text NOT NULL,
	gray text NOT NULL UNIQUE,
	definition text NOT NULL,
	PRIMARY KEY (release_id, production)
);
COMMENT ON TABLE gray.release_view IS 'Views that gray_clone made in the gray schema, after those of production that read tables of the release';
COMMENT ON COLUMN gray.release_view.definition IS 'query, options and rules of the gray view as gray_clone left them: one that reads otherwise now is the user''s, and left alone';

CREATE TABLE gray.unique_choice (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	production_index text NOT NULL,
	is_checked boolean NOT NULL,
	PRIMARY KEY (release_id, production_index)
);
COMMENT ON TABLE gray.unique_choice IS 'What gray_set_unique was told; an index that is not here is as by default, see gray_unique';

CREATE TABLE gray.reference_choice (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	referrer text NOT NULL,
	constraint_name name NOT NULL,
	policy text NOT NULL CHECK (policy IN ('session side', 'either side')),
	PRIMARY KEY (release_id, referrer, constraint_name)
);
COMMENT ON TABLE gray.reference_choice IS 'What gray_set_reference was told: how far the action of a foreign key that leads outside the release may reach';
COMMENT ON COLUMN gray.reference_choice.referrer IS 'the table of production that has the key; that of gray for a key that only gray has';

CREATE TABLE gray.copied_table (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	production text NOT NULL,
	gray text NOT NULL UNIQUE,
	key_columns name[] NOT NULL,
	known text[] NOT NULL,
	PRIMARY KEY (release_id, production)
);
COMMENT ON TABLE gray.copied_table IS 'Tables in which a migration runner notes what it has run: version 2''s runner has a copy of its own in the gray schema. They belong to nobody';
COMMENT ON COLUMN gray.copied_table.key_columns IS 'what a row stands for: the name or version of a migration; empty in a table that lists none, as a lock';
COMMENT ON COLUMN gray.copied_table.known IS 'the migrations that production had run when the table was copied';

CREATE TABLE gray.shared_view (
	release_id integer NOT NULL REFERENCES gray.release ON DELETE CASCADE,
	production text NOT NULL,
	view text NOT NULL UNIQUE,
	PRIMARY KEY (release_id, production)
);
COMMENT ON TABLE gray.shared_view IS 'Views that gray_shared_views made of production''s tables without a twin, for the time of a migration';

-- What gateways promise each other is of this moment, and of this server: no dump has it.
CREATE TABLE gray.gateway (
	release name,
	gateway uuid,
	label text NOT NULL,
	lease_until timestamptz NOT NULL,
	seen pg_catalog.pg_snapshot,
	since timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (release, gateway)
) WITH (fillfactor = 20);
COMMENT ON TABLE gray.gateway IS 'Gateways, each worker for itself: until when one may send requests of users on, and up to which snapshot it has read the release';

CREATE TABLE gray.announcement (
	release name,
	uid text,
	gateway uuid,
	announced xid8 NOT NULL DEFAULT pg_current_xact_id(),
	until timestamptz NOT NULL,
	PRIMARY KEY (release, uid, gateway)
) WITH (fillfactor = 50);
COMMENT ON TABLE gray.announcement IS 'Users whom a gateway is about to move, and whose requests all gateways hold';

SELECT pg_catalog.pg_extension_config_dump('gray.release', '');
SELECT pg_catalog.pg_extension_config_dump('gray.release_table', '');
SELECT pg_catalog.pg_extension_config_dump('gray.column_pair', '');
SELECT pg_catalog.pg_extension_config_dump('gray.column_map', '');
SELECT pg_catalog.pg_extension_config_dump('gray.kept_column', '');
SELECT pg_catalog.pg_extension_config_dump('gray.own_table', '');
SELECT pg_catalog.pg_extension_config_dump('gray.own_column', '');
SELECT pg_catalog.pg_extension_config_dump('gray.made_rows', '');
SELECT pg_catalog.pg_extension_config_dump('gray.made_base', '');
SELECT pg_catalog.pg_extension_config_dump('gray.hook', '');
SELECT pg_catalog.pg_extension_config_dump('gray.release_view', '');
SELECT pg_catalog.pg_extension_config_dump('gray.copied_table', '');
SELECT pg_catalog.pg_extension_config_dump('gray.shared_view', '');
SELECT pg_catalog.pg_extension_config_dump('gray.unique_choice', '');
SELECT pg_catalog.pg_extension_config_dump('gray.reference_choice', '');

--
-- Triggers
--

CREATE FUNCTION gray.fence() RETURNS trigger
AS 'MODULE_PATHNAME', 'fence_row' LANGUAGE C;
COMMENT ON FUNCTION gray.fence() IS 'trigger: refuses with GR001 a write to a row whose owner''s data is on the other side, and with unique_violation a value that is taken there';

CREATE FUNCTION gray.fence_truncate() RETURNS trigger
AS 'MODULE_PATHNAME', 'fence_truncate' LANGUAGE C;
COMMENT ON FUNCTION gray.fence_truncate() IS 'trigger: keeps TRUNCATE and moves apart, and refuses one that would take frozen rows (GR001), or comes from a table outside the release and would take rows of the other side (foreign_key_violation)';

CREATE FUNCTION gray.shared() RETURNS trigger
AS 'MODULE_PATHNAME', 'shared_row' LANGUAGE C;
COMMENT ON FUNCTION gray.shared() IS 'trigger of tables outside a release: refuses with foreign_key_violation what would reach, by the action of a foreign key, live rows of the side that the session does not see';

CREATE FUNCTION gray.row_image(record) RETURNS bytea
AS 'MODULE_PATHNAME', 'row_image' LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION gray.row_image(record) IS 'the bytes of a row: those of two rows of the same types are equal just when their values are the same, bit for bit';

CREATE FUNCTION gray.lock_user() RETURNS trigger
AS 'MODULE_PATHNAME', 'user_lock_trigger' LANGUAGE C;
COMMENT ON FUNCTION gray.lock_user() IS 'trigger of the state tables: locks the user exclusively, as the first step of every move';

CREATE FUNCTION gray.registry_changed() RETURNS trigger
AS 'MODULE_PATHNAME', 'registry_changed' LANGUAGE C;
COMMENT ON FUNCTION gray.registry_changed() IS 'trigger of the registry''s tables: sessions forget what they know of releases';

CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.release
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.release_table
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.column_pair
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.column_map
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.kept_column
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.own_table
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.own_column
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.made_rows
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.hook
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.unique_choice
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gray.reference_choice
	FOR EACH STATEMENT EXECUTE FUNCTION gray.registry_changed();

ALTER TABLE gray.release ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.release_table ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.column_pair ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.column_map ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.kept_column ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.own_table ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.own_column ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.made_rows ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.hook ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.unique_choice ENABLE ALWAYS TRIGGER changed;
ALTER TABLE gray.reference_choice ENABLE ALWAYS TRIGGER changed;

CREATE FUNCTION gray.operate() RETURNS void LANGUAGE sql
AS '';
COMMENT ON FUNCTION gray.operate() IS 'does nothing: who may execute it is an operator, and opens and closes releases without owning their tables';

--
-- The guard.  Event triggers are of the whole database: they belong to the extension, and go with it.
--

CREATE FUNCTION gray.guard() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'guard_command' LANGUAGE C;
COMMENT ON FUNCTION gray.guard() IS 'event trigger: refuses DDL of version 2''s upgrade that would change production, and DDL on gray tables that would lose users'' rows';

CREATE FUNCTION gray.guard_dropped() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'guard_dropped' LANGUAGE C;
COMMENT ON FUNCTION gray.guard_dropped() IS 'event trigger: the same for what DROP ... CASCADE reaches';

CREATE EVENT TRIGGER pg_gray_guard ON ddl_command_start EXECUTE FUNCTION gray.guard();
CREATE EVENT TRIGGER pg_gray_guard_dropped ON sql_drop EXECUTE FUNCTION gray.guard_dropped();
ALTER EVENT TRIGGER pg_gray_guard ENABLE ALWAYS;
ALTER EVENT TRIGGER pg_gray_guard_dropped ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER pg_gray_guard IS 'pg_gray: keeps DDL of version 2''s upgrade away from production';
COMMENT ON EVENT TRIGGER pg_gray_guard_dropped IS 'pg_gray: the same for what DROP ... CASCADE reaches';

--
-- Releases
--

CREATE FUNCTION @extschema@.gray_create_release(release name, gray_schema name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_create_release(name, name) IS
	'Create a gray release, and its gray schema if there is none of that name (default: the release''s name)';

CREATE FUNCTION @extschema@.gray_drop_release(release name DEFAULT NULL, force boolean DEFAULT false) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_drop_release(name, boolean) IS
	'Drop a release with its gray tables; refused while any user''s data is in gray, and unless force is given while values of gray are kept for users. A large release is dropped in steps: call it again as long as the notice says so';

CREATE FUNCTION @extschema@.gray_clone(production regclass, uid_column name DEFAULT NULL, release name DEFAULT NULL) RETURNS regclass
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_clone(regclass, name, name) IS
	'Clone the structure of a production table into the gray schema. uid_column holds the uid, or is the foreign key that leads to a table cloned earlier; without it the one foreign key to such a table is the owner path';

CREATE FUNCTION @extschema@.gray_clone(production regclass, uid_column name, holds_uid boolean, release name DEFAULT NULL) RETURNS regclass
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_clone(regclass, name, boolean, name) IS
	'The same; with holds_uid the column holds the uid, although its foreign key leads to a table that stays outside the release';

CREATE FUNCTION @extschema@.gray_clone_tree(root regclass, uid_column name, dry_run boolean DEFAULT false,
	choices jsonb DEFAULT NULL, leave_out text[] DEFAULT NULL, release name DEFAULT NULL,
	OUT production regclass, OUT gray text, OUT owner text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_clone_tree(regclass, name, boolean, jsonb, text[], name) IS
	'Clone root and every table that leads to it by foreign keys, owners first. choices names for tables the column, or foreign key, by which rows belong to users; leave_out names tables that stay. dry_run only shows what would be cloned, every open question with the line that answers it, and the whole call';

CREATE FUNCTION @extschema@.gray_shared_views(present boolean, release name DEFAULT NULL) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_shared_views(boolean, name) IS
	'For the time of a migration: make a schema, named as the gray schema with _shared, of views that pass through to production''s tables without a twin (again, if it is there), or drop it. Returns how many views there are then';

CREATE FUNCTION @extschema@.gray_map(gray_table regclass, gray_column name, up text DEFAULT NULL, down text DEFAULT NULL, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_map(regclass, name, text, text, name) IS
	'Say how a column''s value is made: up, an SQL expression over the production row, at the migration; down, one over the gray row, for its production twin on the way home. A column that only production has may be named for its down. Neither: plain values again';

CREATE FUNCTION @extschema@.gray_add_table(gray_table regclass, uid_column name DEFAULT NULL, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_add_table(regclass, name, name) IS
	'Say whose the rows of a table are that only version 2 has: uid_column is the column that holds the uid, or that of the foreign key which leads to the user. Only asked for where gray_check can''t tell';

CREATE FUNCTION @extschema@.gray_share_table(gray_table regclass, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_share_table(regclass, name) IS
	'Say that the rows of a table that only version 2 has belong to no user: they stay where they are';

CREATE FUNCTION @extschema@.gray_rows(gray_table regclass, query text, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_rows(regclass, text, name) IS
	'Say how the migration makes rows of a table that only version 2 has: a SELECT over production''s rows of user $1, its columns named as the table''s. Null: none are made';

CREATE FUNCTION @extschema@.gray_hook(event text, function regprocedure, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_hook(text, regprocedure, name) IS
	'Have moves call a function for each user: after_migrate, when the user''s rows are in gray, or after_home, when production is written and the gray rows are still there. The function takes the uid and returns void; null: no hook';

CREATE FUNCTION @extschema@.gray_check(release name DEFAULT NULL, OUT severity text, OUT object text, OUT problem text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_check(name) IS
	'What would go wrong with a release, before it does, and what to type: an error is refused by gray_open, a warning is not. It looks at rows, with care, and writes nothing';

CREATE FUNCTION @extschema@.gray_diff(release name DEFAULT NULL, OUT table_name text, OUT object text, OUT difference text, OUT undo text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_diff(name) IS
	'How the gray tables differ from their production tables, each difference with the statement that would undo it';

CREATE FUNCTION @extschema@.gray_unique(release name DEFAULT NULL, OUT production_index text, OUT gray_index text,
	OUT production_checked boolean, OUT gray_checked boolean, OUT reason text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_unique(name) IS
	'Unique indexes of production, and whether a write in production, and one in gray, is refused a value that a row of another user has on the other side';

CREATE FUNCTION @extschema@.gray_set_unique(production_index regclass, enabled boolean, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_set_unique(regclass, boolean, name) IS
	'Keep the values of a unique index of production unique across both sides, or not; null: as by default';

CREATE FUNCTION @extschema@.gray_set_reference(referrer regclass, constraint_name name, policy text, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_set_reference(regclass, name, text, name) IS
	'Say how far the ON DELETE or ON UPDATE action of a foreign key that leads outside the release may reach: session side (no live row of the other side), either side, or null, the default: as session side';

CREATE FUNCTION @extschema@.gray_set_percent(percent numeric, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_set_percent(numeric, name) IS
	'Put this much of all users into the cohort (0 to 100, two decimals), besides the listed ones';

CREATE FUNCTION @extschema@.gray_set_stuck_side(side gray.side, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_set_stuck_side(gray.side, name) IS
	'Policy: the side that answers for users who could not be brought home (default gray, where their data is)';

CREATE FUNCTION @extschema@.gray_open(release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_open(name) IS
	'Open the switch: check the release, put up the fence, and from now on move users of the cohort at their next request';

CREATE FUNCTION @extschema@.gray_close(release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_close(name) IS
	'Close the switch: moved users come home at their next request. The fence is taken off production when nobody''s data is in gray (else call it again later)';

--
-- Users.  Each takes the uid as text or as any other type.
--

CREATE FUNCTION @extschema@.gray_add_user(uid text, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_add_user(uid anyelement, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_add_user(text, name) IS 'Put a user into the cohort''s list';
COMMENT ON FUNCTION @extschema@.gray_add_user(anyelement, name) IS 'Put a user into the cohort''s list';

CREATE FUNCTION @extschema@.gray_remove_user(uid text, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_remove_user(uid anyelement, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_remove_user(text, name) IS 'Take a user off the cohort''s list; a moved user comes home at the next request';
COMMENT ON FUNCTION @extschema@.gray_remove_user(anyelement, name) IS 'Take a user off the cohort''s list; a moved user comes home at the next request';

CREATE FUNCTION @extschema@.gray_route(uid text, release name DEFAULT NULL, OUT side gray.side, OUT state gray.state) RETURNS record
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_route(uid anyelement, release name DEFAULT NULL, OUT side gray.side, OUT state gray.state) RETURNS record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_route(text, name) IS 'Where to send a user''s request, moving the user first if that is due: what a gateway calls';
COMMENT ON FUNCTION @extschema@.gray_route(anyelement, name) IS 'Where to send a user''s request, moving the user first if that is due: what a gateway calls';

CREATE FUNCTION @extschema@.gray_migrate(uid text, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_migrate(uid anyelement, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_migrate(text, name) IS 'Move a user of the cohort to the gray tables; returns on, or failed with nothing left in gray';
COMMENT ON FUNCTION @extschema@.gray_migrate(anyelement, name) IS 'Move a user of the cohort to the gray tables; returns on, or failed with nothing left in gray';

CREATE FUNCTION @extschema@.gray_migrate_back(uid text, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_migrate_back(uid anyelement, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_migrate_back(text, name) IS 'Bring a user''s data home to the production tables, together with users without whom it can''t come; returns off, or stuck with everything still in gray';
COMMENT ON FUNCTION @extschema@.gray_migrate_back(anyelement, name) IS 'Bring a user''s data home to the production tables, together with users without whom it can''t come; returns off, or stuck with everything still in gray';

CREATE FUNCTION @extschema@.gray_state(uid text, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_state(uid anyelement, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_state(text, name) IS 'The state of a user';
COMMENT ON FUNCTION @extschema@.gray_state(anyelement, name) IS 'The state of a user';

CREATE FUNCTION @extschema@.gray_enter(uid text, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_enter(uid anyelement, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_enter(text, name) IS 'For applications, first in a transaction: keep the user on this session''s side until its end, or raise GR001';
COMMENT ON FUNCTION @extschema@.gray_enter(anyelement, name) IS 'For applications, first in a transaction: keep the user on this session''s side until its end, or raise GR001';

CREATE FUNCTION @extschema@.gray_set_fence(mode text) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_set_fence(text) IS 'Set pg_gray.fence for this session, so that its very first statement heeds it, whether the library was preloaded or not';

CREATE FUNCTION @extschema@.gray_verify(uid text, release name DEFAULT NULL,
	OUT table_name text, OUT production_rows bigint, OUT gray_rows bigint, OUT differing bigint) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_verify(uid anyelement, release name DEFAULT NULL,
	OUT table_name text, OUT production_rows bigint, OUT gray_rows bigint, OUT differing bigint) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_verify(text, name) IS 'Compare a user''s rows on both sides, table by table; differing counts rows that differ or that one side lacks';
COMMENT ON FUNCTION @extschema@.gray_verify(anyelement, name) IS 'Compare a user''s rows on both sides, table by table; differing counts rows that differ or that one side lacks';

CREATE FUNCTION @extschema@.gray_discard(uid text, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_discard(uid anyelement, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_discard(text, name) IS 'Give up what a user did in gray: the frozen rows in production are live again';
COMMENT ON FUNCTION @extschema@.gray_discard(anyelement, name) IS 'Give up what a user did in gray: the frozen rows in production are live again';

CREATE FUNCTION @extschema@.gray_reset(uid text, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
CREATE FUNCTION @extschema@.gray_reset(uid anyelement, release name DEFAULT NULL) RETURNS gray.state
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_reset(text, name) IS 'Allow another try after a person has mended it: failed becomes off, stuck becomes on';
COMMENT ON FUNCTION @extschema@.gray_reset(anyelement, name) IS 'Allow another try after a person has mended it: failed becomes off, stuck becomes on';

CREATE FUNCTION @extschema@.gray_roster(release name DEFAULT NULL, OUT uid text, OUT state gray.state, OUT listed boolean) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_roster(name) IS
	'Users who are listed or not off, as a gateway loads them; every other user is off and not listed';

CREATE FUNCTION @extschema@.gray_changes(since pg_catalog.pg_snapshot, release name DEFAULT NULL, OUT uid text, OUT state gray.state, OUT listed boolean) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_changes(pg_catalog.pg_snapshot, name) IS
	'Users whose state, or place on the list, was written by transactions that since does not show: what a gateway reads after a notification';

--
-- Gateways
--

CREATE FUNCTION @extschema@.gray_renew(gateway uuid, seen pg_catalog.pg_snapshot, lease_ms integer, label text DEFAULT '', release name DEFAULT NULL) RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_renew(uuid, pg_catalog.pg_snapshot, integer, text, name) IS
	'Renew the lease of a gateway, which has read the release up to a snapshot (null: it begins to read); returns how many gateways have a lease';

CREATE FUNCTION @extschema@.gray_leave(gateway uuid, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_leave(uuid, name) IS 'End the lease of a gateway that sends no requests on any more';

CREATE FUNCTION @extschema@.gray_announced(reader uuid DEFAULT NULL, release name DEFAULT NULL, OUT uid text, OUT gateway uuid) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_announced(uuid, name) IS 'Users whom gateways other than the reader are about to move: their requests are to be held';

CREATE FUNCTION @extschema@.gray_announce(uid text, gateway uuid, release name DEFAULT NULL, OUT due boolean, OUT alone boolean, OUT side gray.side, OUT state gray.state) RETURNS record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_announce(text, uuid, name) IS
	'Tell all gateways to hold a user''s requests, if a move is due; else where these go. alone: there is no other gateway. To be committed before gray_route_announced';

CREATE FUNCTION @extschema@.gray_withdraw(uid text, gateway uuid, release name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_withdraw(text, uuid, name) IS 'Take an announcement back: the user is not moved for now';

CREATE FUNCTION @extschema@.gray_route_announced(uid text, gateway uuid, release name DEFAULT NULL, OUT side gray.side, OUT state gray.state, OUT transaction xid8) RETURNS record
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_route_announced(text, uuid, name) IS
	'As gray_route for a user who was announced, once the other gateways have acknowledged that, or have no lease any more; transaction: in which the user was moved';

--
-- Views.  The per-release tables are read through functions, as the owner of the catalog; each asks
-- for SELECT on its view, so that this is the only right that a role needs.
--

CREATE FUNCTION gray.attempts(only_incidents boolean)
RETURNS TABLE (release name, uid text, id bigint, kind text, state gray.state, row_count bigint,
	started timestamptz, duration interval, sqlstate text, message text, detail text, hint text,
	schema_name text, table_name text, column_name text, constraint_name text, row_key text, resolved timestamptz)
AS 'MODULE_PATHNAME', 'monitor_attempts' LANGUAGE C STRICT STABLE;
COMMENT ON FUNCTION gray.attempts(boolean) IS
	'attempts to move a user, of all releases, for who may read gray.incidents, or else gray.history: behind these views';

CREATE FUNCTION gray.kept_values()
RETURNS TABLE (release name, uid text, gray_table text, column_name name, key text[], value text)
AS 'MODULE_PATHNAME', 'monitor_kept' LANGUAGE C STABLE;
COMMENT ON FUNCTION gray.kept_values() IS 'what only gray could hold, of all releases, for who may read gray.kept: behind that view';

CREATE FUNCTION gray.counts()
RETURNS TABLE (release name, listed bigint, state gray.state, users bigint, kept bigint)
AS 'MODULE_PATHNAME', 'monitor_counts' LANGUAGE C STABLE;
COMMENT ON FUNCTION gray.counts() IS
	'users by state, and those of whom values are kept, of all releases, for who may read gray.status: behind that view';

--
-- Roles
--

CREATE FUNCTION @extschema@.gray_grant(role name, kind text) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_grant(name, text) IS
	'Give a role exactly what it needs as a gateway, an operator (which can do what a gateway and a monitor can), a monitor or an application';

CREATE FUNCTION @extschema@.gray_revoke(role name, kind text) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION @extschema@.gray_revoke(name, text) IS
	'Take from a role what gray_grant gave it, but for what it needs as another kind that it is';

CREATE TABLE gray.catalog_owner (
	role name PRIMARY KEY
);
COMMENT ON TABLE gray.catalog_owner IS 'What gray_set_owner was told, so that a restored dump hands the catalog over again. It stays the superuser''s';
SELECT pg_catalog.pg_extension_config_dump('gray.catalog_owner', '');

-- Functions in C stay the superuser's: their owner could declare them STRICT, or not.  So does the
-- schema: its owner could rename it, and have the superuser write another gray.catalog_owner.
CREATE FUNCTION gray.hand_over() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	before oid := (SELECT relowner FROM pg_class WHERE oid = 'gray.release'::regclass);
	r record;
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = NEW.role) THEN
		RAISE WARNING USING MESSAGE = format('role "%s", which owned pg_gray''s tables, does not exist', NEW.role),
			HINT = 'Make it, and call gray_set_owner.';
		RETURN NULL;
	END IF;
	IF NOT pg_has_role(before, NEW.role, 'MEMBER') THEN
		RAISE insufficient_privilege USING
			MESSAGE = format('role %I, which owns pg_gray''s tables, is no member of role %I', pg_get_userbyid(before), NEW.role),
			DETAIL = 'The triggers, constraints and views that it may have made of them would run as their new owner.',
			HINT = format('If it may do that: GRANT %1$I TO %2$I; and afterwards REVOKE %1$I FROM %2$I;', NEW.role, pg_get_userbyid(before));
	END IF;
	IF before <> (SELECT nspowner FROM pg_namespace WHERE nspname = 'gray') THEN
		EXECUTE format('REVOKE ALL ON SCHEMA gray FROM %I', pg_get_userbyid(before));
	END IF;
	EXECUTE format('GRANT ALL ON SCHEMA gray TO %I', NEW.role);
	FOR r IN
		SELECT 1 AS place, c.oid, format('%s gray.%I', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.relname) AS what
			FROM pg_class c WHERE c.relnamespace = 'gray'::regnamespace AND c.relkind IN ('r', 'v')
			AND c.relowner = before AND c.oid <> 'gray.catalog_owner'::regclass
		UNION ALL SELECT 2, t.oid, format('TYPE gray.%I', t.typname) FROM pg_type t
			WHERE t.typnamespace = 'gray'::regnamespace AND t.typtype = 'e' AND t.typowner = before
		ORDER BY 1, 2 DESC
	LOOP
		EXECUTE format('ALTER %s OWNER TO %I', r.what, NEW.role);
	END LOOP;
	FOR r IN
		SELECT p.oid::regprocedure AS name, p.proowner FROM pg_proc p
			JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
			JOIN pg_extension x ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND x.extname = 'pg_gray'
			ORDER BY p.oid
	LOOP
		IF before <> r.proowner THEN
			EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %I CASCADE', r.name, pg_get_userbyid(before));
		END IF;
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I WITH GRANT OPTION', r.name, NEW.role);
	END LOOP;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION gray.hand_over() IS 'trigger: makes a role the owner of the tables and views of schema gray';

CREATE TRIGGER hand_over AFTER INSERT ON gray.catalog_owner FOR EACH ROW EXECUTE FUNCTION gray.hand_over();
ALTER TABLE gray.catalog_owner ENABLE ALWAYS TRIGGER hand_over;

CREATE FUNCTION @extschema@.gray_set_owner(role name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
		RAISE insufficient_privilege USING MESSAGE = 'must be superuser to say who owns pg_gray''s tables',
			HINT = 'The functions are C, and stay a superuser''s.';
	END IF;
	IF role IS NULL OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
		RAISE undefined_object USING MESSAGE = format('role "%s" does not exist', role),
			HINT = format('CREATE ROLE %I; makes one. GRANT it the roles that own the tables of releases.', coalesce(role, 'gray_owner'));
	END IF;
	DELETE FROM gray.catalog_owner;
	INSERT INTO gray.catalog_owner VALUES (role);
END
$$;
COMMENT ON FUNCTION @extschema@.gray_set_owner(name) IS
	'Hand the tables and views of schema gray over to a role that need be no superuser: the catalog is read and written as that role. For superusers';

CREATE VIEW gray.history AS
	SELECT release, CASE WHEN sqlstate IS NOT NULL THEN id END AS incident, uid, kind, state, row_count, started, duration, sqlstate, message, detail,
		schema_name, table_name, column_name, constraint_name, row_key
	FROM gray.attempts(false) ORDER BY started, id;
COMMENT ON VIEW gray.history IS 'every attempt to move a user: state is what it came to, incident the number of a failed one';

CREATE VIEW gray.incidents AS
	SELECT release, id AS incident, uid, state, started + duration AS occurred, sqlstate, message, detail, hint,
		schema_name, table_name, column_name, constraint_name, row_key
	FROM gray.attempts(true) ORDER BY started, id;
COMMENT ON VIEW gray.incidents IS 'failed moves that a person should look at; gray_reset ends one';

CREATE VIEW gray.status AS
	SELECT r.release, r.gray_schema, r.uid_type, r.is_open, r.percent, r.stuck_side,
		(SELECT count(*) FROM gray.release_table t WHERE t.release_id = r.id) AS tables,
		coalesce(max(c.listed), 0) AS listed,
		coalesce(sum(c.users) FILTER (WHERE c.state = 'on'), 0)::bigint AS users_on,
		coalesce(sum(c.users) FILTER (WHERE c.state = 'failed'), 0)::bigint AS users_failed,
		coalesce(sum(c.users) FILTER (WHERE c.state = 'stuck'), 0)::bigint AS users_stuck,
		coalesce(max(c.kept), 0) AS users_kept
	FROM gray.release r LEFT JOIN gray.counts() c ON c.release = r.release
	GROUP BY r.id ORDER BY r.id;
COMMENT ON VIEW gray.status IS 'releases: switch, cohort, how many users are where, and of how many values are kept';

CREATE VIEW gray.kept AS SELECT release, uid, gray_table, column_name, key, value FROM gray.kept_values();
COMMENT ON VIEW gray.kept IS 'what only gray could hold, and waits for the user''s next stay there: the row by its key, the value as text';

CREATE FUNCTION gray.own_table_counts()
	RETURNS TABLE (release name, gray_table text, owner text, parked_users bigint, parked_rows bigint)
AS 'MODULE_PATHNAME', 'own_table_counts' LANGUAGE C STABLE;
COMMENT ON FUNCTION gray.own_table_counts() IS
	'the tables that only version 2 has, of all releases, for who may read gray.own_tables: behind that view';

CREATE VIEW gray.own_tables AS
	SELECT release, gray_table, owner, parked_users, parked_rows FROM gray.own_table_counts();
COMMENT ON VIEW gray.own_tables IS
	'tables that only version 2 has: how their rows lead to a user, and how many rows of users who are at home wait for the next stay';

CREATE VIEW gray.progress AS
	SELECT a.pid, m[1]::name AS release, m[2] AS kind, m[3]::integer AS step, m[4]::integer AS steps,
		m[5] AS doing, m[6] AS uid, a.xact_start AS started, a.wait_event_type, a.wait_event
	FROM pg_catalog.pg_stat_activity a,
		regexp_match(a.query, '^pg_gray: (\S+) (\S+) (\d+)/(\d+) \[([^]]*)\] (.*)$') AS m
	WHERE a.state = 'active' AND a.datname = current_database() AND m IS NOT NULL;
COMMENT ON VIEW gray.progress IS 'moves that are running now, and how far they are';

CREATE VIEW gray.gateways AS
	SELECT release, label, gateway, lease_until > clock_timestamp() AS has_lease, lease_until, since
	FROM gray.gateway ORDER BY release, since, gateway;
COMMENT ON VIEW gray.gateways IS 'gateways that were heard of within a day, each worker for itself: without a lease, one is cut off or gone';

--
-- Nobody's function in the chosen schema may be taken for one of these: gray_open(text) would be
-- a better match for gray_open('v2').
--

DO $$
DECLARE
	other record;
BEGIN
	SELECT o.oid::regprocedure::text AS name, pg_get_userbyid(o.proowner) AS owner INTO other
		FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		JOIN pg_extension x ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND x.extname = 'pg_gray'
		JOIN pg_proc o ON o.proname = p.proname AND o.pronamespace = p.pronamespace
		WHERE NOT EXISTS (SELECT FROM pg_depend m WHERE m.classid = 'pg_proc'::regclass AND m.objid = o.oid
			AND m.refclassid = 'pg_extension'::regclass AND m.refobjid = x.oid)
		LIMIT 1;
	IF FOUND THEN
		RAISE duplicate_function USING MESSAGE = format('function %s exists already', other.name),
			DETAIL = format('It belongs to role %s, and would be taken for one of pg_gray''s.', other.owner),
			HINT = 'Drop it, or CREATE EXTENSION pg_gray SCHEMA another_schema.';
	END IF;
END
$$;

--
-- Rights.  Nothing is anybody's but the owner's, whatever ALTER DEFAULT PRIVILEGES
-- says, but for what is granted here.  Functions move other people's data or tell who
-- is in which cohort: grant them as needed.
--

DO $$
DECLARE
	r record;
BEGIN
	FOR r IN
		WITH own (kind, name, owner, acl) AS (
			SELECT 'SCHEMA', quote_ident(nspname), nspowner, nspacl
				FROM pg_catalog.pg_namespace WHERE nspname = 'gray'
			UNION ALL SELECT 'TABLE', format('gray.%I', relname), relowner, relacl
				FROM pg_catalog.pg_class WHERE relnamespace = 'gray'::regnamespace AND relkind IN ('r', 'v', 'S')
			UNION ALL SELECT 'TYPE', format('gray.%I', typname), typowner, coalesce(typacl, acldefault('T', typowner))
				FROM pg_catalog.pg_type WHERE typnamespace = 'gray'::regnamespace AND typtype = 'e'
			UNION ALL SELECT 'FUNCTION', p.oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner))
				FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
				JOIN pg_catalog.pg_extension x ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid
				WHERE x.extname = 'pg_gray' AND d.deptype = 'e')
		SELECT DISTINCT kind, name, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee
			FROM own, aclexplode(acl) WHERE grantee <> owner
	LOOP
		EXECUTE format('REVOKE ALL ON %s %s FROM %s', r.kind, r.name, r.grantee);
	END LOOP;
END
$$;

-- Names alone: who was given something finds it.
GRANT USAGE ON SCHEMA gray TO PUBLIC;
GRANT USAGE ON TYPE gray.state, gray.side TO PUBLIC;
-- These ask for SELECT on their views themselves.
GRANT EXECUTE ON FUNCTION gray.attempts(boolean), gray.kept_values(), gray.counts(), gray.own_table_counts() TO PUBLIC;
