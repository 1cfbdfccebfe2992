-- A zoo of tables: every feature of the manual pages CREATE TABLE, ALTER TABLE,
-- CREATE INDEX, TRIGGER, RULE, POLICY, STATISTICS, GRANT and COMMENT that a table of
-- PostgreSQL 15 can have, in the place of PostgreSQL's own regression database, whose
-- files no package has.  Each table's name says what it shows.
--
-- "uid" is the column that holds the user; tables without it lead to one by foreign
-- keys, and those that begin with ref_ stay outside the release.
SET client_min_messages = warning;
CREATE ROLE zoo_owner;
CREATE ROLE "Zoo Reader";
CREATE ROLE zoo_writer;
GRANT "Zoo Reader", zoo_writer TO zoo_owner;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE "Zoo Space" LOCATION '';
GRANT ALL ON TABLESPACE "Zoo Space" TO zoo_owner;
CREATE ACCESS METHOD zoo_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE EXTENSION btree_gist WITH SCHEMA public;
CREATE EXTENSION citext WITH SCHEMA public;
CREATE COLLATION public.zoo_numeric (provider = icu, locale = 'en-u-kn-true');
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO zoo_owner', current_database()); END $$;
SET ROLE zoo_owner;
CREATE SCHEMA zoo;
GRANT USAGE ON SCHEMA zoo TO "Zoo Reader", zoo_writer;
SET search_path = zoo, public;

--
-- Types and functions, which twins share
--
CREATE TYPE mood AS ENUM ('sad', 'so so', 'it''s fine');
CREATE TYPE pair AS (a integer, b text COLLATE "C");
CREATE TYPE "Odd Type" AS RANGE (subtype = numeric, multirange_type_name = odd_multirange);
CREATE DOMAIN positive AS integer CONSTRAINT above CHECK (VALUE > 0);
CREATE DOMAIN short AS varchar(20) COLLATE "C" DEFAULT 'none' NOT NULL;
CREATE DOMAIN moods AS mood[] CHECK (cardinality(VALUE) < 10);
CREATE FUNCTION half(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1 / 2;
CREATE FUNCTION next_code() RETURNS text LANGUAGE sql VOLATILE RETURN 'code ' || pg_catalog.random();
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION "Look At"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION is_mine(integer) RETURNS boolean LANGUAGE sql STABLE RETURN $1 = 1;
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq, COMMUTATOR = ===);
CREATE SEQUENCE free_numbers START 1000 INCREMENT 5;

--
-- Outside the release: reference data
--
CREATE TABLE ref_country (code char(2) PRIMARY KEY, name text UNIQUE);
CREATE TABLE ref_rate (country char(2), year integer, rate numeric, PRIMARY KEY (country, year));
CREATE TABLE "ref O'dd.Name" (id integer PRIMARY KEY, "key" integer, UNIQUE (id, "key"));

--
-- Columns
--
CREATE TABLE users (uid serial PRIMARY KEY, name text NOT NULL, email text UNIQUE);
CREATE TABLE one_column (uid integer PRIMARY KEY);
CREATE TABLE types_of_numbers (
	uid integer NOT NULL, a smallint, b bigint, c numeric, d numeric(7), e numeric(12,3), f numeric(3,-2), g real,
	h double precision, i money, j boolean, k oid, l regclass, m xid8, n pg_lsn, PRIMARY KEY (uid)
);
CREATE TABLE types_of_text (
	uid integer PRIMARY KEY, a text, b varchar, c varchar(7), d char, e char(30), f name, g "char", h bytea, i citext,
	j json, k jsonb, l jsonpath, m tsvector, n tsquery, o bit, p bit(3), q bit varying, r bit varying(9), s uuid,
	t refcursor
);
CREATE TABLE types_of_time (
	uid integer PRIMARY KEY, a date, b time, c time(3), d time with time zone, e time(2) with time zone, f timestamp,
	g timestamp(0), h timestamptz, i timestamptz(4), j interval, k interval day to second(3), l interval year,
	m interval(2)
);
CREATE TABLE types_of_places (
	uid integer PRIMARY KEY, a point, b line, c lseg, d box, e path, f polygon, g circle, h inet, i cidr, j macaddr,
	k macaddr8
);
CREATE TABLE types_of_many (
	uid integer PRIMARY KEY, a integer[], b text[][], c integer[3], d varchar(5)[], e numeric(5,2)[], f mood, g mood[],
	h moods, i pair, j pair[], k positive, l positive[], m short, n "Odd Type", o odd_multirange, p int4range,
	q tstzmultirange, r ref_country, s ref_country[], t users, u users[]
);
CREATE TABLE collations (
	uid integer PRIMARY KEY, a text COLLATE "C", b text COLLATE "POSIX" NOT NULL DEFAULT 'x',
	c varchar(9) COLLATE public.zoo_numeric, d text[] COLLATE "C", e short COLLATE "POSIX", f short
);
CREATE TABLE defaults (
	uid integer PRIMARY KEY, a integer DEFAULT 0, b text DEFAULT 'it''s "quoted" \n', c text DEFAULT E'tab\t',
	d date DEFAULT CURRENT_DATE, e timestamptz DEFAULT now() NOT NULL, f text DEFAULT CURRENT_USER,
	g integer DEFAULT half(10), h text DEFAULT next_code(), i integer[] DEFAULT '{1,2}',
	j pair DEFAULT ROW(1, 'x')::pair, k mood DEFAULT 'it''s fine', l uuid DEFAULT gen_random_uuid(),
	m text DEFAULT NULL, n integer DEFAULT nextval('free_numbers'), o text DEFAULT ('a' || 'b') COLLATE "C",
	p short DEFAULT 'some', q integer DEFAULT CASE WHEN 1 OPERATOR(zoo.===) 1 THEN 1 ELSE 2 END,
	r text DEFAULT current_setting('x.y', true)
);
CREATE TABLE generated (
	uid integer PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a * 2) STORED, "c d" text,
	e text COLLATE "C" GENERATED ALWAYS AS (upper("c d") || 'x'::text) STORED NOT NULL,
	f integer GENERATED ALWAYS AS (half(a)) STORED
);
CREATE TABLE dropped_columns (
	gone_first integer, uid integer PRIMARY KEY, "gone Second" text, a text DEFAULT 'a', gone_third integer UNIQUE,
	b integer GENERATED ALWAYS AS (uid + 1) STORED, gone_last text
);
ALTER TABLE dropped_columns DROP gone_first, DROP "gone Second", DROP gone_third, DROP gone_last;
ALTER TABLE dropped_columns ADD added integer NOT NULL DEFAULT 7 CHECK (added > 6);
CREATE INDEX ON dropped_columns (a, added);
CREATE TABLE column_options (
	uid integer PRIMARY KEY, a text, b text COMPRESSION pglz, c text COMPRESSION lz4,
	d jsonb, e integer, f text, "G h" text, i text
);
ALTER TABLE column_options ALTER a SET STORAGE EXTERNAL, ALTER c SET STORAGE MAIN, ALTER d SET STORAGE EXTERNAL,
	ALTER i SET STORAGE PLAIN, ALTER e SET STATISTICS 1000, ALTER f SET STATISTICS 0,
	ALTER e SET (n_distinct = -0.25, n_distinct_inherited = 17), ALTER "G h" SET (n_distinct = 5),
	ALTER "G h" SET STORAGE EXTENDED, ALTER "G h" SET STATISTICS 10;
DO $$ BEGIN
	EXECUTE (SELECT format('CREATE TABLE zoo.wide (uid integer PRIMARY KEY, %s)',
		string_agg(format('c%s %s%s', i, (ARRAY['integer', 'text', 'numeric(9,2)', 'date'])[i % 4 + 1],
			CASE WHEN i % 3 = 0 THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY i)) FROM generate_series(2, 200) i);
END $$;

--
-- Sequences
--
CREATE TABLE serials (uid integer NOT NULL, a smallserial, b serial, c bigserial PRIMARY KEY, "D e" serial);
CREATE TABLE identity_always (uid integer, id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 10) PRIMARY KEY);
CREATE TABLE identity_default (
	uid integer, id integer GENERATED BY DEFAULT AS IDENTITY (CYCLE MAXVALUE 1000), a text, PRIMARY KEY (uid, id)
);
CREATE TABLE "Identity's Odd ""Name""" ("Uid" integer, "Id" smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE serial_comments (uid integer, id serial PRIMARY KEY);
COMMENT ON SEQUENCE serial_comments_id_seq IS 'numbers of serial_comments';
GRANT USAGE ON SEQUENCE serial_comments_id_seq TO zoo_writer;
ALTER SEQUENCE serials_b_seq RENAME TO "B's numbers";
CREATE SEQUENCE adopted START 7;
CREATE TABLE sequence_adopted (uid integer PRIMARY KEY, a bigint);
ALTER SEQUENCE adopted OWNED BY sequence_adopted.a;
CREATE TABLE sequence_of_other (uid integer PRIMARY KEY, a bigint DEFAULT nextval('adopted') NOT NULL);

--
-- Constraints and indexes
--
CREATE TABLE checks (
	uid integer PRIMARY KEY, a integer CHECK (a > 0), b text CONSTRAINT "Short b" CHECK (length(b) < 100) NO INHERIT,
	c positive CHECK (half(c) < 1000), d pair CHECK ((d).a > 0), CHECK (a < c OR b IS NULL),
	CONSTRAINT whole CHECK (checks IS NOT NULL),
	e integer CHECK (a OPERATOR(zoo.===) e) CHECK (e IN (1, 2, 3)), f text COLLATE "C" CHECK (f > 'a' COLLATE "POSIX")
);
ALTER TABLE checks ADD CONSTRAINT later CHECK (a <> 13) NOT VALID;
COMMENT ON CONSTRAINT "Short b" ON checks IS 'a comment on a check';
COMMENT ON CONSTRAINT later ON checks IS 'a comment on one that is not valid';
CREATE TABLE uniques (
	uid integer, a integer UNIQUE DEFERRABLE, b integer UNIQUE DEFERRABLE INITIALLY DEFERRED,
	c integer UNIQUE NULLS NOT DISTINCT, d integer, e text, f text,
	CONSTRAINT "The Key" PRIMARY KEY (uid, d) INCLUDE (e, f) WITH (fillfactor = 71)
		USING INDEX TABLESPACE "Zoo Space",
	UNIQUE (d, e), CONSTRAINT named UNIQUE NULLS NOT DISTINCT (e, f) INCLUDE (d) DEFERRABLE
);
COMMENT ON CONSTRAINT "The Key" ON uniques IS 'a comment on a key';
COMMENT ON INDEX named IS 'a comment on the index of a key';
CREATE TABLE unique_using_index (uid integer NOT NULL, a integer NOT NULL, b text);
CREATE UNIQUE INDEX one_of_b ON unique_using_index (b);
CREATE UNIQUE INDEX the_key ON unique_using_index (uid, a);
ALTER TABLE unique_using_index ADD CONSTRAINT renamed_b UNIQUE USING INDEX one_of_b DEFERRABLE,
	ADD PRIMARY KEY USING INDEX the_key;
CREATE TABLE exclusions (
	uid integer PRIMARY KEY, room integer, during tsrange, place circle, a integer,
	EXCLUDE USING gist (room WITH =, during WITH &&),
	CONSTRAINT "Far Apart" EXCLUDE USING gist (place WITH &&) INCLUDE (a) WITH (fillfactor = 55) WHERE (room > 3)
		DEFERRABLE INITIALLY DEFERRED,
	EXCLUDE (half(a) WITH =), EXCLUDE USING hash (a WITH =)
);
COMMENT ON CONSTRAINT "Far Apart" ON exclusions IS 'a comment on an exclusion';
CREATE TABLE indexes (
	uid integer PRIMARY KEY, a integer, b text, c text COLLATE "C", d jsonb, e tsvector, f point, "G h" text,
	i integer[], j inet
);
CREATE INDEX ON indexes (a DESC, b NULLS FIRST, c ASC NULLS LAST) INCLUDE (uid);
CREATE UNIQUE INDEX "Partial One" ON indexes (b COLLATE "POSIX" text_pattern_ops) WHERE a > 5 AND c IS NOT NULL;
CREATE UNIQUE INDEX ON indexes (lower(b), (a + 1), half(a)) NULLS NOT DISTINCT;
CREATE INDEX expressions ON indexes (lower("G h" COLLATE "C"), (a * 2) DESC, b);
ALTER INDEX expressions ALTER COLUMN 1 SET STATISTICS 400, ALTER COLUMN 2 SET STATISTICS 0;
COMMENT ON INDEX expressions IS 'it''s a comment';
CREATE INDEX ON indexes USING hash (b) WITH (fillfactor = 60);
CREATE INDEX ON indexes USING gin (d jsonb_path_ops, e) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX ON indexes USING gist (e tsvector_ops (siglen = 100)) WITH (buffering = on);
CREATE INDEX ON indexes USING spgist (f kd_point_ops);
CREATE INDEX ON indexes USING brin (a int4_minmax_multi_ops (values_per_range = 16), j inet_inclusion_ops)
	WITH (pages_per_range = 4, autosummarize = on);
CREATE INDEX "In Space" ON indexes (a) WITH (fillfactor = 90, deduplicate_items = off) TABLESPACE "Zoo Space";
CREATE INDEX ON indexes ((a IS NULL)) WHERE b ~ 'x';
CREATE INDEX duplicate_one ON indexes (a);
CREATE INDEX duplicate_two ON indexes (a);
CREATE TABLE clustered (uid integer PRIMARY KEY, a integer);
CREATE INDEX "Order" ON clustered (a);
ALTER TABLE clustered CLUSTER ON "Order";
CREATE TABLE clustered_on_key (uid integer, a integer, CONSTRAINT k PRIMARY KEY (uid));
ALTER TABLE clustered_on_key CLUSTER ON k;
CREATE TABLE replica_full (uid integer PRIMARY KEY);
ALTER TABLE replica_full REPLICA IDENTITY FULL;
CREATE TABLE replica_nothing (uid integer PRIMARY KEY);
ALTER TABLE replica_nothing REPLICA IDENTITY NOTHING;
CREATE TABLE replica_index (uid integer PRIMARY KEY, a integer NOT NULL);
CREATE UNIQUE INDEX "Replica Index" ON replica_index (a);
ALTER TABLE replica_index REPLICA IDENTITY USING INDEX "Replica Index";
CREATE TABLE replica_key (uid integer CONSTRAINT replica_key_name PRIMARY KEY);
ALTER TABLE replica_key REPLICA IDENTITY USING INDEX replica_key_name;
CREATE TABLE no_key (uid integer, a text);

--
-- Storage
--
CREATE UNLOGGED TABLE unlogged (uid integer PRIMARY KEY, a serial, b text UNIQUE);
CREATE TABLE table_options (uid integer PRIMARY KEY, a text) WITH (
	fillfactor = 70, autovacuum_enabled = false, parallel_workers = 3, toast_tuple_target = 1000,
	toast.autovacuum_enabled = false, toast.vacuum_truncate = off, user_catalog_table = false,
	autovacuum_vacuum_scale_factor = 0.3, log_autovacuum_min_duration = 5
);
CREATE TABLE in_tablespace (uid integer PRIMARY KEY USING INDEX TABLESPACE "Zoo Space", a text UNIQUE)
	TABLESPACE "Zoo Space";
CREATE TABLE access_method (uid integer PRIMARY KEY, a text) USING zoo_heap;
CREATE TABLE typed OF pair (a WITH OPTIONS PRIMARY KEY, b DEFAULT 'b' CHECK (b <> 'c'));

--
-- Foreign keys
--
CREATE TABLE fk_actions (
	id integer PRIMARY KEY, a integer NOT NULL REFERENCES users ON DELETE CASCADE ON UPDATE RESTRICT,
	b char(2) REFERENCES ref_country (code) ON DELETE SET NULL ON UPDATE CASCADE,
	c char(2) DEFAULT 'de' REFERENCES ref_country ON DELETE SET DEFAULT ON UPDATE SET NULL,
	d text REFERENCES ref_country (name) ON UPDATE SET DEFAULT
);
CREATE TABLE fk_deferrable (
	id integer PRIMARY KEY, uid integer NOT NULL REFERENCES users DEFERRABLE,
	b char(2) REFERENCES ref_country DEFERRABLE INITIALLY DEFERRED,
	c char(2) CONSTRAINT "Named One" REFERENCES ref_country NOT DEFERRABLE
);
COMMENT ON CONSTRAINT "Named One" ON fk_deferrable IS 'a comment on a foreign key';
CREATE TABLE fk_composite (
	uid integer, part integer, country char(2), year integer DEFAULT 1, PRIMARY KEY (uid, part),
	FOREIGN KEY (country, year) REFERENCES ref_rate MATCH FULL ON DELETE SET NULL,
	FOREIGN KEY (uid) REFERENCES users
);
CREATE TABLE fk_to_composite (
	id integer PRIMARY KEY, uid integer NOT NULL, part integer, other integer, country char(2), year integer DEFAULT 1,
	FOREIGN KEY (uid, part) REFERENCES fk_composite (uid, part) ON DELETE SET NULL (part) ON UPDATE CASCADE,
	CONSTRAINT odd_order FOREIGN KEY (other, uid) REFERENCES fk_composite (part, uid) ON DELETE SET DEFAULT (other),
	FOREIGN KEY (country, year) REFERENCES ref_rate (country, year) ON DELETE SET DEFAULT (year, country)
);
CREATE TABLE fk_to_self (
	id integer PRIMARY KEY, uid integer NOT NULL REFERENCES users,
	parent integer REFERENCES fk_to_self ON DELETE CASCADE,
	UNIQUE (uid, id), FOREIGN KEY (uid, parent) REFERENCES fk_to_self (uid, id)
);
CREATE TABLE fk_cycle_one (id integer PRIMARY KEY, uid integer NOT NULL REFERENCES users, two integer);
CREATE TABLE fk_cycle_two (
	id integer PRIMARY KEY, uid integer NOT NULL REFERENCES users, one integer REFERENCES fk_cycle_one DEFERRABLE
);
ALTER TABLE fk_cycle_one ADD FOREIGN KEY (two) REFERENCES fk_cycle_two DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE fk_not_valid (id integer PRIMARY KEY, uid integer NOT NULL REFERENCES users, a char(2));
ALTER TABLE fk_not_valid ADD CONSTRAINT later FOREIGN KEY (a) REFERENCES ref_country NOT VALID;
CREATE TABLE "fk To ""Odd"" Names" ("Uid" integer PRIMARY KEY REFERENCES users, "select" integer, "key" integer,
	FOREIGN KEY ("select", "key") REFERENCES "ref O'dd.Name" (id, "key"));
CREATE TABLE fk_without_uid (
	id integer PRIMARY KEY, odd integer NOT NULL REFERENCES "fk To ""Odd"" Names" ON DELETE RESTRICT
);

--
-- Names
--
CREATE TABLE "Table's ""odd"".name $1" (
	uid integer, "Col's ""odd"".name" text DEFAULT 'x', "with" integer, "ünïcödé" text,
	CONSTRAINT "Key's ""odd"".name" PRIMARY KEY (uid), CONSTRAINT "zoo.users" CHECK ("with" > 0)
);
CREATE INDEX "Index's ""odd"".name" ON "Table's ""odd"".name $1" ("Col's ""odd"".name", ("with" + 1));
CREATE TABLE "select" ("user" integer PRIMARY KEY, "order" integer, "table" text);
CREATE TABLE "Users" (uid integer PRIMARY KEY, "Name" text, name text);
CREATE TABLE a_name_as_long_as_a_name_can_be_which_is_63_bytes_not_one_more_ (
	uid integer, a_name_as_long_as_a_name_can_be_which_is_63_bytes_not_one_more_ integer UNIQUE CHECK
		(a_name_as_long_as_a_name_can_be_which_is_63_bytes_not_one_more_ > 0), PRIMARY KEY (uid));

--
-- Triggers
--
CREATE TABLE triggers (uid integer PRIMARY KEY, a integer, "B c" text);
CREATE TRIGGER plain BEFORE INSERT OR UPDATE OR DELETE ON triggers FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER "With ""args""" AFTER UPDATE OF a, "B c" ON triggers FOR EACH ROW
	WHEN (OLD.a IS DISTINCT FROM NEW.a AND NEW."B c" > 'x' COLLATE "C" AND half(NEW.a) > 1)
	EXECUTE FUNCTION touch('a', 'it''s', 'zoo.users', E'back\\slash');
CREATE TRIGGER of_statement AFTER TRUNCATE ON triggers EXECUTE FUNCTION "Look At"();
CREATE TRIGGER of_rows_before BEFORE DELETE ON triggers FOR EACH STATEMENT WHEN (CURRENT_USER <> 'nobody')
	EXECUTE FUNCTION touch();
CREATE TRIGGER with_tables AFTER UPDATE ON triggers REFERENCING OLD TABLE AS "Old Rows" NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION "Look At"();
CREATE TRIGGER with_tables_of_rows AFTER INSERT ON triggers REFERENCING NEW TABLE AS rows FOR EACH ROW
	EXECUTE FUNCTION "Look At"();
CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON triggers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
	WHEN (NEW.a > 5) EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER late_from AFTER INSERT ON triggers FROM users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER late_from_outside AFTER DELETE ON triggers FROM ref_country NOT DEFERRABLE FOR EACH ROW
	EXECUTE FUNCTION touch();
CREATE TRIGGER disabled AFTER INSERT ON triggers FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER always AFTER INSERT ON triggers FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER replica AFTER INSERT ON triggers FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE triggers DISABLE TRIGGER disabled, ENABLE ALWAYS TRIGGER always, ENABLE REPLICA TRIGGER replica;
COMMENT ON TRIGGER plain ON triggers IS 'a comment on a trigger';
COMMENT ON TRIGGER disabled ON triggers IS 'a comment on one that is disabled';

--
-- Rules
--
CREATE TABLE rules (uid integer PRIMARY KEY, a integer, "B c" text);
CREATE TABLE rules_log (uid integer, what text);
CREATE RULE also AS ON UPDATE TO rules WHERE OLD.a <> NEW.a DO ALSO INSERT INTO rules_log VALUES (NEW.uid, 'updated');
CREATE RULE "It's several" AS ON DELETE TO rules DO ALSO (
	INSERT INTO rules_log (uid) VALUES (OLD.uid);
	UPDATE users SET name = 'x' WHERE uid = OLD.uid;
	DELETE FROM ref_country WHERE code = OLD."B c" AND half(OLD.a) > 1);
CREATE RULE nothing AS ON INSERT TO rules WHERE NEW.a < 0 DO INSTEAD NOTHING;
CREATE RULE told AS ON INSERT TO rules DO ALSO NOTIFY told, 'it''s new';
CREATE RULE disabled AS ON UPDATE TO rules DO ALSO NOTHING;
CREATE RULE always AS ON UPDATE TO rules DO ALSO NOTHING;
CREATE RULE replica AS ON UPDATE TO rules DO ALSO NOTHING;
ALTER TABLE rules DISABLE RULE disabled;
ALTER TABLE rules ENABLE ALWAYS RULE always;
ALTER TABLE rules ENABLE REPLICA RULE replica;
COMMENT ON RULE also ON rules IS 'a comment on a rule';

--
-- Row security, rights
--
CREATE TABLE policies (uid integer PRIMARY KEY, a integer, "B c" text);
ALTER TABLE policies ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON policies USING (is_mine(uid)) WITH CHECK (uid = 1 OR a > 0);
CREATE POLICY "It's read" ON policies FOR SELECT TO "Zoo Reader", zoo_writer USING ("B c" > 'x' COLLATE "C");
CREATE POLICY also ON policies AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (true) WITH CHECK (a IS NOT NULL);
CREATE POLICY new ON policies FOR INSERT
	WITH CHECK (uid IN (SELECT u.uid FROM users u, ref_country WHERE u.name = CURRENT_USER));
CREATE POLICY own ON policies FOR DELETE TO PUBLIC USING (EXISTS (SELECT FROM policies p WHERE p.uid = policies.a));
COMMENT ON POLICY mine ON policies IS 'a comment on a policy';
CREATE TABLE policies_forced (uid integer PRIMARY KEY);
ALTER TABLE policies_forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TABLE policies_off (uid integer PRIMARY KEY);
CREATE POLICY unused ON policies_off USING (false);
ALTER TABLE policies_off FORCE ROW LEVEL SECURITY;
CREATE TABLE grants (uid integer PRIMARY KEY, a integer, "B c" text, d text);
GRANT SELECT, INSERT ON grants TO "Zoo Reader";
GRANT ALL ON grants TO zoo_writer WITH GRANT OPTION;
GRANT SELECT ON grants TO PUBLIC;
GRANT UPDATE (a, "B c"), REFERENCES (a) ON grants TO "Zoo Reader";
GRANT INSERT (d) ON grants TO PUBLIC;
GRANT SELECT (d) ON grants TO zoo_writer WITH GRANT OPTION;
SET ROLE zoo_writer;
GRANT DELETE ON zoo.grants TO "Zoo Reader" WITH GRANT OPTION;
SET ROLE "Zoo Reader";
GRANT DELETE ON zoo.grants TO PUBLIC;
SET ROLE zoo_owner;
CREATE TABLE grants_none (uid integer PRIMARY KEY);
REVOKE ALL ON grants_none FROM zoo_owner;
CREATE TABLE grants_less (uid integer PRIMARY KEY, a integer);
REVOKE UPDATE, TRUNCATE ON grants_less FROM zoo_owner;
GRANT UPDATE (a) ON grants_less TO zoo_owner;

--
-- Statistics, comments
--
CREATE TABLE statistics (uid integer PRIMARY KEY, a integer, b text, "C d" date, e integer);
CREATE STATISTICS all_kinds ON a, b, "C d" FROM statistics;
CREATE STATISTICS "Only ""one""" (ndistinct) ON a, e FROM statistics;
CREATE STATISTICS two_kinds (mcv, dependencies) ON a, b FROM statistics;
CREATE STATISTICS expression ON (lower(b)) FROM statistics;
CREATE STATISTICS expressions (mcv) ON a, (half(e)), (b || 'x' COLLATE "C") FROM statistics;
ALTER STATISTICS all_kinds SET STATISTICS 321;
COMMENT ON STATISTICS two_kinds IS 'a comment on statistics';
CREATE TABLE comments (uid integer CONSTRAINT comments_key PRIMARY KEY, a integer, "B c" text, d text);
COMMENT ON TABLE comments IS 'it''s a "comment" \ of
two lines on zoo.comments';
COMMENT ON COLUMN comments.a IS 'a column';
COMMENT ON COLUMN comments."B c" IS 'an odd one';
COMMENT ON CONSTRAINT comments_key ON comments IS 'a key';
COMMENT ON INDEX comments_key IS 'its index';

--
-- Partitions
--
CREATE TABLE by_range (
	uid integer NOT NULL, at date NOT NULL, a text DEFAULT 'a' CHECK (a <> 'b'), id serial, PRIMARY KEY (uid, at)
) PARTITION BY RANGE (at);
CREATE TABLE by_range_2025 PARTITION OF by_range FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE "by_range 2026" PARTITION OF by_range (a DEFAULT 'own' NOT NULL CHECK (length(a) < 9))
	FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
	WITH (fillfactor = 60) TABLESPACE "Zoo Space";
CREATE TABLE by_range_attached (
	extra integer, id integer NOT NULL, a text DEFAULT 'x' CONSTRAINT by_range_a_check CHECK (a <> 'b'),
	at date NOT NULL, uid integer NOT NULL
);
ALTER TABLE by_range_attached DROP extra;
ALTER TABLE by_range ATTACH PARTITION by_range_attached FOR VALUES FROM ('2027-01-01') TO (MAXVALUE);
CREATE TABLE by_range_rest PARTITION OF by_range DEFAULT;
CREATE INDEX "Partitioned Index" ON by_range (a);
CREATE INDEX of_one_partition ON "by_range 2026" (lower(a));
CREATE INDEX only_parent ON ONLY by_range (id);
CREATE INDEX only_parent_one ON by_range_2025 (id);
ALTER INDEX only_parent ATTACH PARTITION only_parent_one;
CREATE TRIGGER plain BEFORE INSERT ON by_range FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER of_partition AFTER INSERT ON by_range_2025 FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE by_range_rest DISABLE TRIGGER plain;
COMMENT ON TABLE by_range_2025 IS 'a comment on a partition';
COMMENT ON COLUMN by_range_2025.a IS 'a comment on its column';
GRANT SELECT ON by_range TO "Zoo Reader";
GRANT UPDATE ON by_range_2025 TO zoo_writer;
CREATE TABLE by_list (uid integer, kind mood, PRIMARY KEY (uid, kind)) PARTITION BY LIST (kind);
CREATE TABLE by_list_sad PARTITION OF by_list FOR VALUES IN ('sad', 'it''s fine');
CREATE TABLE by_list_rest PARTITION OF by_list DEFAULT;
CREATE TABLE by_hash (uid integer PRIMARY KEY REFERENCES users, a integer REFERENCES "Users") PARTITION BY HASH (uid);
CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE by_expression (uid integer, a text, b integer)
	PARTITION BY RANGE (lower(a) COLLATE "C" text_pattern_ops, half(b));
CREATE TABLE by_expression_1 PARTITION OF by_expression FOR VALUES FROM ('a', MINVALUE) TO ('n', 5)
	PARTITION BY LIST (b);
CREATE TABLE by_expression_1_1 PARTITION OF by_expression_1 FOR VALUES IN (1, NULL);
CREATE TABLE by_expression_1_rest PARTITION OF by_expression_1 DEFAULT PARTITION BY HASH (a);
CREATE TABLE by_expression_1_rest_0 PARTITION OF by_expression_1_rest FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE without_partitions (uid integer, a integer) PARTITION BY LIST (a);
CREATE TABLE fk_to_partitioned (id integer PRIMARY KEY, uid integer NOT NULL REFERENCES by_hash ON DELETE CASCADE);

--
-- Views that read tables of the release
--
CREATE VIEW view_plain AS SELECT u.uid, u.name, c.name AS country FROM users u JOIN fk_actions f ON f.a = u.uid
	LEFT JOIN ref_country c ON c.code = f.b WHERE half(u.uid) > 1 AND u.name > 'zoo.users' COLLATE "C";
CREATE VIEW "View's ""odd"".name" ("Uid", "with") WITH (security_barrier) AS
	SELECT "user", "order" FROM "select" WHERE "user" > 0;
CREATE VIEW view_check WITH (security_invoker = true) AS SELECT * FROM "Users" WHERE uid > 5 WITH CASCADED CHECK OPTION;
CREATE VIEW view_local AS SELECT uid, a FROM triggers WHERE a > 5 WITH LOCAL CHECK OPTION;
CREATE VIEW view_on_view AS SELECT v.*, o."with" FROM view_plain v, "View's ""odd"".name" o;
CREATE RECURSIVE VIEW view_recursive (id, depth) AS
	SELECT id, 1 FROM fk_to_self WHERE parent IS NULL
	UNION ALL SELECT f.id, depth + 1 FROM fk_to_self f JOIN view_recursive v ON f.parent = v.id;
ALTER VIEW view_local ALTER a SET DEFAULT 7;
CREATE TRIGGER instead INSTEAD OF UPDATE ON view_plain FOR EACH ROW EXECUTE FUNCTION touch();
CREATE RULE instead AS ON DELETE TO view_plain DO INSTEAD DELETE FROM users WHERE uid = OLD.uid;
COMMENT ON VIEW view_plain IS 'a comment on a view';
COMMENT ON COLUMN view_plain.uid IS 'a comment on its column';
GRANT SELECT, UPDATE (uid) ON view_plain TO "Zoo Reader";

--
-- What is not cloned
--
CREATE VIEW ref_view AS SELECT code FROM ref_country;
CREATE TABLE ref_parent (uid integer PRIMARY KEY, a text);
CREATE TABLE ref_child (b text) INHERITS (ref_parent);

--
-- A publication, which twins do not join
--
RESET ROLE;
SET client_min_messages = error;
CREATE PUBLICATION zoo_news FOR TABLE zoo.users (uid, name), zoo.grants WHERE (a > 5), zoo.by_hash;
CREATE TRIGGER of_extension BEFORE INSERT ON zoo.triggers FOR EACH ROW EXECUTE FUNCTION zoo.touch();
ALTER TRIGGER of_extension ON zoo.triggers DEPENDS ON EXTENSION citext;
CREATE INDEX of_extension ON zoo.indexes (c);
ALTER INDEX zoo.of_extension DEPENDS ON EXTENSION citext;
RESET search_path;
RESET client_min_messages;
