-- A gray table has the structure of its production table: what is compared
-- here is what the catalogs say of both.  Sequences are shared, foreign keys
-- stay among the gray tables, and all has its own name.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE regress_gray_space LOCATION '';
CREATE ROLE regress_gray_owner;
GRANT CREATE ON TABLESPACE regress_gray_space TO regress_gray_owner;
CREATE SCHEMA "clone Test" AUTHORIZATION regress_gray_owner;
SET search_path = "clone Test", public;

-- What the catalogs say of a table, with the schema's name taken out.
CREATE FUNCTION public.describe(relation regclass) RETURNS SETOF text
LANGUAGE sql SET search_path = pg_catalog AS $$
	SELECT replace(replace(line, 'v2.', ''), '"clone Test".', '') FROM (
		SELECT format('table: %s %s by %s, %s, toast %s, in %s', c.relpersistence, am.amname, c.relowner::regrole,
			c.reloptions, t.reloptions, coalesce(s.spcname, 'default'))
			FROM pg_class c LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
			JOIN pg_am am ON am.oid = c.relam LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
			WHERE c.oid = relation
		UNION ALL
		SELECT format('column %s: %s %s %s default %s generated "%s" storage %s compression "%s" comment %s', attname,
			format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END, attcollation::regcollation,
			pg_get_expr(adbin, adrelid), attgenerated, attstorage, attcompression, col_description(attrelid, attnum))
			FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
			WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
		UNION ALL
		SELECT format('constraint %s: %s', conname, pg_get_constraintdef(oid))
			FROM pg_constraint WHERE conrelid = relation
		UNION ALL
		SELECT format('index: %s in %s', pg_get_indexdef(indexrelid), coalesce(s.spcname, 'default'))
			FROM pg_index i JOIN pg_class c ON c.oid = indexrelid LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
			WHERE indrelid = relation) AS lines (line)
$$;
-- Lines that only one of the two has.
CREATE FUNCTION public.differences(name text) RETURNS TABLE (only_in text, line text)
LANGUAGE sql AS $$
	(SELECT 'production', d FROM describe(format('"clone Test".%I', name)::regclass) d EXCEPT
	SELECT 'production', d FROM describe(format('v2.%I', name)::regclass) d)
	UNION ALL
	(SELECT 'gray', d FROM describe(format('v2.%I', name)::regclass) d EXCEPT
	SELECT 'gray', d FROM describe(format('"clone Test".%I', name)::regclass) d)
	ORDER BY 1 DESC, 2
$$;

SET ROLE regress_gray_owner;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN user_id AS integer CHECK (VALUE > 0);
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE users (
	gone_before integer,
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name varchar(40) COLLATE "C" NOT NULL,
	gone_between text,
	country text REFERENCES countries,
	invited_by integer REFERENCES users ON DELETE SET NULL
);
ALTER TABLE users DROP gone_before, DROP gone_between;
CREATE UNLOGGED TABLE "Odd ""Table""" (
	"User Id" user_id NOT NULL REFERENCES users (id) ON UPDATE CASCADE,
	id bigserial,
	mood mood DEFAULT 'happy',
	price numeric(8,2) NOT NULL DEFAULT 0 CONSTRAINT "Price ok" CHECK (price >= 0) NO INHERIT,
	tax numeric GENERATED ALWAYS AS (price * 0.2) STORED,
	during tsrange,
	note text COMPRESSION pglz,
	at timestamptz DEFAULT now(),
	code text,
	CONSTRAINT "odd key" PRIMARY KEY (id) INCLUDE (code) WITH (fillfactor = 80)
		USING INDEX TABLESPACE regress_gray_space,
	CONSTRAINT once UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE (code IS NOT NULL)
) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
ALTER TABLE "Odd ""Table""" ADD CONSTRAINT whole CHECK ("Odd ""Table""" IS NOT NULL) NOT VALID,
	ALTER note SET STORAGE EXTERNAL;
COMMENT ON COLUMN "Odd ""Table""".note IS 'what they said';
CREATE UNIQUE INDEX "Odd idx" ON "Odd ""Table"""
	USING btree (lower(note) text_pattern_ops DESC NULLS LAST, "User Id") WHERE price > 0;
CREATE INDEX moods ON "Odd ""Table""" USING hash (mood) WITH (fillfactor = 60) TABLESPACE regress_gray_space;
RESET ROLE;

SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
SELECT gray_clone('"Odd ""Table"""', 'User Id');
-- an identity becomes a default that draws from the same sequence
SELECT * FROM differences('users');
-- nothing differs in the rest
SELECT * FROM differences('Odd "Table"');
SELECT describe('v2."Odd ""Table"""');
-- the owner of the tables got what it needs in the gray schema, no more
SELECT privilege_type, is_grantable FROM pg_namespace, aclexplode(nspacl)
	WHERE nspname = 'v2' AND grantee = 'regress_gray_owner'::regrole ORDER BY 1;

-- no sequence was made, and no id is handed out twice
SELECT c.relname FROM pg_class c WHERE relkind = 'S' AND relnamespace <> 'gray'::regnamespace
	AND relnamespace::regnamespace::text = 'v2';
INSERT INTO users (name) VALUES ('a') RETURNING id;
INSERT INTO v2.users (name) VALUES ('b') RETURNING id;
INSERT INTO users (name) VALUES ('c') RETURNING id;
BEGIN;
INSERT INTO "Odd ""Table""" ("User Id", code, note, during) VALUES (1, 'x', 'n', '[2020-01-01,2020-01-02)')
	RETURNING id;
INSERT INTO v2."Odd ""Table""" ("User Id", code, note, during) VALUES (2, 'x', 'n', '[2020-01-01,2020-01-02)')
	RETURNING id, tax;
ROLLBACK;

-- twins are known by attribute number: where columns were dropped these differ
SELECT t.gray, p.attname AS production, p.attnum, g.attname AS gray, g.attnum
	FROM gray.release_table t JOIN gray.column_pair c USING (release_id, position)
	JOIN pg_attribute p ON p.attrelid = t.production::regclass AND p.attnum = production_attnum
	JOIN pg_attribute g ON g.attrelid = t.gray::regclass AND g.attnum = gray_attnum
	WHERE position = 1 ORDER BY production_attnum;
SELECT position, production, gray, uid_attnum FROM gray.release_table ORDER BY position;
SELECT uid_type FROM gray.release;

--
-- Foreign keys: to the gray twin when there is one, whatever the order
--
SET ROLE regress_gray_owner;
CREATE TABLE chicken (id integer PRIMARY KEY, user_id integer REFERENCES users, egg integer);
CREATE TABLE egg (id integer PRIMARY KEY, user_id integer REFERENCES users,
	chicken integer CONSTRAINT laid_by REFERENCES chicken DEFERRABLE INITIALLY DEFERRED, other integer);
ALTER TABLE chicken ADD CONSTRAINT from_egg FOREIGN KEY (egg)
	REFERENCES egg ON UPDATE CASCADE ON DELETE RESTRICT NOT VALID;
CREATE TABLE pair (
	a integer NOT NULL, b integer NOT NULL, gone integer, user_id integer NOT NULL, UNIQUE (a, b),
	country text DEFAULT 'x'
);
ALTER TABLE pair DROP gone;
CREATE TABLE piece (
	id integer PRIMARY KEY, gone integer, x integer, y integer,
	country text DEFAULT 'y' REFERENCES countries ON DELETE SET DEFAULT,
	CONSTRAINT "Of pair" FOREIGN KEY (y, x) REFERENCES pair (b, a) MATCH FULL ON DELETE CASCADE,
	CONSTRAINT loose FOREIGN KEY (x, y) REFERENCES pair (a, b) ON DELETE SET NULL (x)
);
ALTER TABLE piece DROP gone;
RESET ROLE;
CREATE FUNCTION public.keys(name) RETURNS TABLE (constraint_name name, definition text)
LANGUAGE sql SET search_path = pg_catalog AS $$
	SELECT conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
	WHERE contype = 'f' AND relname = $1 AND relnamespace::regnamespace::text = 'v2' ORDER BY 1
$$;
SELECT * FROM keys('users');
-- the egg is not there yet, and the chicken then follows it
SELECT gray_clone('chicken', 'user_id');
SELECT * FROM keys('chicken');
SELECT gray_clone('egg', 'user_id');
SELECT * FROM keys('chicken');
SELECT * FROM keys('egg');
SELECT * FROM differences('chicken');
SELECT * FROM differences('egg');
-- an upgrade does not keep an earlier clone from being rewired
SELECT gray_clone('pair', 'user_id');
ALTER TABLE v2.pair RENAME a TO first_half;
-- both keys of piece say the same, so there is one owner path
SELECT gray_clone('piece');
SELECT * FROM keys('piece');
SELECT production, uid_attnum, parent_position, path_attnums, parent_attnums FROM gray.release_table WHERE position = 6;
-- no clone refers to a production table that has a gray twin
SELECT conname FROM pg_constraint JOIN gray.release_table ON confrelid = production::regclass
	WHERE conrelid IN (SELECT gray::regclass FROM gray.release_table);

-- and rows find their place, past dropped and renamed columns
INSERT INTO pair (a, b, user_id) VALUES (1, 2, 1), (3, 4, 3);
INSERT INTO piece (id, x, y, country) VALUES (1, 1, 2, NULL), (2, 3, 4, NULL);
SET client_min_messages = warning;
TRUNCATE v2.users CASCADE;
RESET client_min_messages;
SELECT gray_add_user(1);
SELECT gray_open();
SELECT gray_migrate(1);
TABLE v2.pair;
TABLE v2.piece;
UPDATE v2.pair SET country = 'gray';
SELECT gray_close();
SELECT gray_migrate_back(1);
SELECT * FROM pair ORDER BY a;
SELECT gray_close();

--
-- What leads to the uid
--
CREATE FUNCTION public.owner_of(regclass) RETURNS TABLE (uid name, path text, parent text)
LANGUAGE sql SET search_path = pg_catalog AS $$
	SELECT (SELECT attname FROM pg_attribute WHERE attrelid = $1 AND attnum = t.uid_attnum),
		(SELECT string_agg(format('%s = %s', c.attname, p.attname), ', ' ORDER BY i)
			FROM unnest(t.path_attnums, t.parent_attnums) WITH ORDINALITY AS u (a, b, i)
			JOIN pg_attribute c ON c.attrelid = $1 AND c.attnum = a
			JOIN pg_attribute p ON p.attrelid = o.production::regclass AND p.attnum = b), o.production
	FROM gray.release_table t
	LEFT JOIN gray.release_table o ON o.release_id = t.release_id AND o.position = t.parent_position
	WHERE t.production::regclass = $1
$$;
SET ROLE regress_gray_owner;
ALTER TABLE users ADD nick text UNIQUE;
CREATE TABLE by_uid (id integer PRIMARY KEY, u integer REFERENCES users);
CREATE TABLE by_nick (id integer PRIMARY KEY, n text REFERENCES users (nick));
CREATE TABLE by_bigger (id integer PRIMARY KEY, u bigint REFERENCES users (id));
CREATE TABLE by_nothing (id integer PRIMARY KEY, u integer);
CREATE TABLE by_itself (id integer PRIMARY KEY, up integer REFERENCES by_itself, u integer REFERENCES users);
CREATE TABLE account (user_id integer REFERENCES users, id integer, PRIMARY KEY (user_id, id));
CREATE TABLE by_composite (id integer PRIMARY KEY, account integer, owner integer,
	FOREIGN KEY (owner, account) REFERENCES account (user_id, id));
CREATE TABLE entry (
	id integer PRIMARY KEY, p integer REFERENCES by_composite, q integer REFERENCES by_nick,
	r integer REFERENCES users
);
CREATE TABLE entry_2 (LIKE entry INCLUDING ALL, FOREIGN KEY (q) REFERENCES by_nick, FOREIGN KEY (r) REFERENCES users);
RESET ROLE;
-- users was cloned without the column that by_nick refers to
SELECT gray_clone('by_nick');
SELECT gray_drop_release();
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
SELECT gray_clone(t) FROM unnest('{by_uid,by_nick,by_bigger,by_itself,account,by_composite}'::regclass[]) t;
SELECT t, owner_of(t) FROM unnest('{by_uid,by_nick,by_bigger,by_itself,account,by_composite}'::regclass[]) t;
-- by a column: its foreign key, or what it holds
SELECT gray_clone('entry');
SELECT gray_clone('entry', 'q');
SELECT gray_clone('entry_2', 'r');
SELECT gray_clone('by_nothing');
SELECT gray_clone('by_nothing', 'u');
CREATE TABLE by_account (
	id integer PRIMARY KEY, account integer, owner integer,
	FOREIGN KEY (owner, account) REFERENCES account (user_id, id)
);
ALTER TABLE by_account OWNER TO regress_gray_owner;
SELECT gray_clone('by_account', 'account');
SELECT t, owner_of(t) FROM unnest('{entry,entry_2,by_nothing,by_account}'::regclass[]) t;

--
-- It is the owner's, made under nobody's search_path, and whole or not at all
--
CREATE ROLE regress_gray_member IN ROLE regress_gray_owner;
GRANT EXECUTE ON FUNCTION gray_clone(regclass, name, name) TO regress_gray_member;
CREATE SCHEMA trap;
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT 'epoch'::timestamptz$$;
CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'trapped'$$;
CREATE FUNCTION trap.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format';
CREATE TABLE trap.pg_attribute (attname name);
GRANT USAGE ON SCHEMA trap TO PUBLIC;
GRANT ALL ON trap.pg_attribute TO PUBLIC;
SET ROLE regress_gray_member;
SET search_path = trap, "clone Test", public, pg_catalog;
SET default_tablespace = regress_gray_space;
SELECT gray_clone('"Odd ""Table"""', 'User Id');
RESET default_tablespace;
RESET search_path;
RESET ROLE;
SET search_path = "clone Test", public;
SELECT * FROM differences('Odd "Table"');
-- an index of that name is in the way: nothing is left
GRANT CREATE ON SCHEMA v2 TO regress_gray_owner;
SET ROLE regress_gray_owner;
CREATE TABLE late (id integer PRIMARY KEY, user_id integer REFERENCES users);
CREATE INDEX late_idx ON late (user_id);
CREATE TABLE v2.other (id integer);
CREATE INDEX late_idx ON v2.other (id);
RESET ROLE;
SELECT gray_clone('late', 'user_id');
SELECT to_regclass('v2.late'), count(*) FROM gray.release_table WHERE production LIKE '%late';

SET client_min_messages = warning;
SELECT gray_drop_release();
DROP SCHEMA trap, v2, "clone Test" CASCADE;
DROP TABLESPACE regress_gray_space;
DROP FUNCTION describe, differences, keys, owner_of;
REVOKE EXECUTE ON FUNCTION gray_clone(regclass, name, name) FROM regress_gray_member;
DROP ROLE regress_gray_member, regress_gray_owner;
