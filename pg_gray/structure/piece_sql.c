/*
 * piece_sql.c: the catalog queries behind piece.h
 *
 * Each query returns these columns: the table's oid, the piece's name, the statement that makes the
 * piece, and the statement that takes it away.  For a piece of one column the column's name
 * follows.  Where it matters, the place in the order of creation and the role that must run the
 * statements follow, too.  $1 are the tables.  The queries are parsed under a pinned search_path.
 * PATH then sets the path under which PostgreSQL prints definitions, before the first row is
 * returned.
 *
 * A statement is a text[] of texts.  Between each two texts is the word for a name that differs
 * from side to side: 'table' (PIECE_TABLE) or 'schema' (PIECE_SCHEMA).  Text that users have
 * written is within one of the texts, and can't be taken for such a word.
 *
 * A row of the grants, for example:
 *
 *   c.oid     16402
 *   name      SELECT to reader
 *   creation  {"GRANT SELECT ON ",table," TO reader"}
 *   removal   {"REVOKE SELECT ON ",table," FROM reader"}
 *   column    null
 *   place     2
 *   role      0
 */
#include "postgres.h"

#include "structure/piece.h"
#include "structure/piece_sql.h"

/* clang-format off */

#define PATH "(SELECT set_config('search_path', $2, true) OFFSET 0) AS path"
#define TABLES PATH ", pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
#define WANTED " WHERE c.oid = ANY ($1)"
#define COLUMN " AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
#define ALTER_COLUMN "'ALTER TABLE ', 'table', ' ALTER COLUMN ' || quote_ident(a.attname) || "

/* Comments on objects that are named within their table, such as a trigger. */
#define COMMENT_ON(what, name, catalog, condition) \
	"SELECT c.oid, " name "," \
	" ARRAY['COMMENT ON " what " ' || quote_ident(" name ") || ' ON ', 'table'," \
		" ' IS ' || quote_literal(d.description)]," \
	" ARRAY['COMMENT ON " what " ' || quote_ident(" name ") || ' ON ', 'table', ' IS NULL']" \
	" FROM " TABLES ", " catalog " o, pg_description d" \
	WANTED \
	" AND d.objoid = o.oid" \
	" AND d.classoid = '" catalog "'::regclass" \
	" AND d.objsubid = 0" \
	" AND " condition

/* Comments on objects that are named within their schema, such as an index. */
#define COMMENT_ON_OWN(what, name, catalog, condition) \
	"SELECT c.oid, " name "," \
	" ARRAY['COMMENT ON " what " ', 'schema', '.' || quote_ident(" name ")" \
		" || ' IS ' || quote_literal(d.description)]," \
	" ARRAY['COMMENT ON " what " ', 'schema', '.' || quote_ident(" name ") || ' IS NULL']" \
	" FROM " TABLES ", " catalog ", pg_description d" \
	WANTED \
	" AND " condition

/* The definition of a trigger up to its table, as ruleutils.c prints it. */
#define TRIGGER_HEAD \
	"'CREATE ' || CASE WHEN o.tgconstraint <> 0 THEN 'CONSTRAINT ' ELSE '' END" \
	" || 'TRIGGER ' || quote_ident(o.tgname)" \
	" || CASE WHEN o.tgtype & 2 <> 0 THEN ' BEFORE' WHEN o.tgtype & 64 <> 0 THEN ' INSTEAD OF'" \
	" ELSE ' AFTER' END || ' ' || array_to_string(ARRAY[" \
	" CASE WHEN o.tgtype & 4 <> 0 THEN 'INSERT' END," \
	" CASE WHEN o.tgtype & 8 <> 0 THEN 'DELETE' END," \
	" CASE WHEN o.tgtype & 16 <> 0 THEN 'UPDATE' || coalesce((SELECT ' OF '" \
	" || string_agg(quote_ident(ta.attname), ', ' ORDER BY k.place)" \
	" FROM unnest(o.tgattr) WITH ORDINALITY AS k (attnum, place)" \
	" JOIN pg_attribute ta ON ta.attrelid = o.tgrelid AND ta.attnum = k.attnum), '') END," \
	" CASE WHEN o.tgtype & 32 <> 0 THEN 'TRUNCATE' END], ' OR ') || ' ON '"

#define OWN_TRIGGER \
	" AND o.tgrelid = c.oid AND NOT o.tgisinternal AND o.tgparentid = 0" \
	" AND o.tgfoid NOT IN (SELECT f.oid FROM pg_proc f" \
	" WHERE f.proname IN ('fence', 'fence_truncate', 'shared')" \
	" AND f.pronamespace = 'gray'::regnamespace)"

/* The definition of a rule up to its table. */
#define RULE_HEAD \
	"'CREATE RULE ' || quote_ident(o.rulename) || E' AS\\n    ON '" \
	" || CASE o.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' WHEN '4' THEN 'DELETE' END" \
	" || ' TO '"

/* Views have pieces as tables do; only the word in the statement differs. */
#define KIND "CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END"

#define QUALIFIED "format('%I.%I', n.nspname, c.relname)"

/*
 * The rest of a definition behind `head` and the table's name, or null if it begins with something
 * else.
 */
#define REST(definition, head) \
	"CASE WHEN starts_with(" definition ", " head " || " QUALIFIED ")" \
	" THEN substr(" definition ", length(" head " || " QUALIFIED ") + 1) END"

/*
 * The definition of extended statistics without the schema at its begin and the table at its end.
 */
#define STATISTICS "pg_get_statisticsobjdef(o.oid)"
#define STATISTICS_HEAD "format('CREATE STATISTICS %I.', m.nspname)"
#define STATISTICS_BODY \
	"CASE WHEN starts_with(" STATISTICS ", " STATISTICS_HEAD ")" \
	" AND right(" STATISTICS ", length(' FROM ' || c.oid::regclass)) = ' FROM ' || c.oid::regclass" \
	" THEN substr(left(" STATISTICS ", -length(c.oid::regclass::text)), length(" STATISTICS_HEAD ") + 1) END"

/*
 * The tables of all releases on both sides, looked up once in each query, each with the name of
 * the gray twin.  A twin that was dropped keeps its name: production's key still means it.
 */
#define TWINS \
	"WITH twin AS MATERIALIZED (" \
		"SELECT x.relation, x.in_production, coalesce(gn.nspname, (parse_ident(t.gray))[1]::name) AS nspname," \
		" coalesce(g.relname, (parse_ident(t.gray))[2]::name) AS relname" \
		" FROM (SELECT id, place = gray.place() AS here FROM gray.release) AS l" \
		" JOIN gray.release_table t ON t.release_id = l.id" \
		" LEFT JOIN pg_class g ON g.oid = gray.table_now(t.gray, t.gray_oid, l.here)" \
		" LEFT JOIN pg_namespace gn ON gn.oid = g.relnamespace" \
		" CROSS JOIN LATERAL (VALUES (false, g.oid), (true, gray.table_now(t.production, t.production_oid, l.here)))" \
			" AS x (in_production, relation)) "

/*
 * The name of the table that a foreign key refers to.  For a table of a release, or its partition,
 * it is the name of the gray twin on both sides.
 */
#define SHARED_NAME \
	"format('%I.%I', coalesce(w.nspname, fn.nspname)," \
		" CASE WHEN w.in_production AND f.oid = w.relation THEN w.relname ELSE f.relname END)"

#define SHARED_TABLE \
	" JOIN pg_class f ON f.oid = o.confrelid" \
	" JOIN pg_namespace fn ON fn.oid = f.relnamespace" \
	" CROSS JOIN LATERAL (SELECT coalesce(pg_partition_root(f.oid), f.oid) OFFSET 0) AS r (root)" \
	" LEFT JOIN twin w ON w.relation = r.root"

#define ROLE_NAME(role) "CASE WHEN " role " = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(" role ")) END"

/* The role that must grant again: the grantor, or 0 for the owner, who is the usual grantor. */
#define GRANTOR "CASE WHEN p.grantor = c.relowner THEN 0 ELSE p.grantor END"
#define BY_GRANTOR "CASE WHEN p.grantor = c.relowner THEN '' ELSE ' by ' || pg_get_userbyid(p.grantor) END"

const PieceSource piece_sources[] = {
	/* the table itself */
	[PIECE_PERSISTENCE] = {PIECE_BY_QUERY, "persistence",
		"SELECT c.oid, 'unlogged',"
		" ARRAY['ALTER TABLE ', 'table', ' SET UNLOGGED'],"
		" ARRAY['ALTER TABLE ', 'table', ' SET LOGGED']"
		" FROM " TABLES
		WANTED
		" AND c.relpersistence = 'u'"},
	[PIECE_TABLESPACE] = {PIECE_BY_QUERY, "tablespace",
		"SELECT c.oid, 'tablespace',"
		" ARRAY['ALTER TABLE ', 'table', ' SET TABLESPACE ' || quote_ident(s.spcname)],"
		" ARRAY['ALTER TABLE ', 'table', ' SET TABLESPACE pg_default']"
		" FROM " TABLES
		" JOIN pg_tablespace s ON s.oid = c.reltablespace"
		WANTED},
	[PIECE_STORAGE_PARAMETER] = {PIECE_BY_QUERY, "storage parameter",
		"SELECT c.oid, o.prefix || o.option_name,"
		" ARRAY['ALTER TABLE ', 'table', ' '"
			" || format('SET (%s%I = %L)', o.prefix, o.option_name, o.option_value)],"
		" ARRAY['ALTER TABLE ', 'table', ' ' || format('RESET (%s%I)', o.prefix, o.option_name)],"
		" NULL, o.place, 0"
		" FROM " TABLES
		" CROSS JOIN LATERAL (SELECT '' AS prefix, p.* FROM pg_options_to_table(c.reloptions)"
			" WITH ORDINALITY AS p (option_name, option_value, place)"
			" UNION ALL SELECT 'toast.', p.* FROM pg_class t, pg_options_to_table(t.reloptions)"
			" WITH ORDINALITY AS p (option_name, option_value, place)"
			" WHERE t.oid = c.reltoastrelid) o"
		WANTED},

	/* columns */
	[PIECE_DEFAULT] = {PIECE_BY_QUERY, "default",
		"SELECT c.oid, a.attname,"
		" ARRAY[" ALTER_COLUMN "' SET DEFAULT '"
			" || coalesce(pg_get_expr(d.adbin, d.adrelid),"
			" 'nextval(' || quote_literal(q.objid::regclass) || '::regclass)')],"
		" ARRAY[" ALTER_COLUMN "' DROP DEFAULT'],"
		" a.attname"
		" FROM " TABLES ", pg_attribute a"
		" LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid"
		" AND d.adnum = a.attnum"
		" LEFT JOIN pg_depend q ON q.classid = 'pg_class'::regclass"
		" AND q.refclassid = 'pg_class'::regclass"
		" AND q.refobjid = a.attrelid"
		" AND q.refobjsubid = a.attnum"
		" AND q.deptype = 'i'"
		" AND a.attidentity <> ''"
		WANTED COLUMN
		" AND a.attgenerated = ''"
		" AND (d.oid IS NOT NULL OR q.objid IS NOT NULL)"},
	[PIECE_STATISTICS_TARGET] = {PIECE_BY_QUERY, "statistics target",
		"SELECT c.oid, a.attname,"
		" ARRAY[" ALTER_COLUMN "' SET STATISTICS ' || a.attstattarget],"
		" ARRAY[" ALTER_COLUMN "' SET STATISTICS -1'],"
		" a.attname"
		" FROM " TABLES ", pg_attribute a"
		WANTED COLUMN
		" AND a.attstattarget >= 0"},
	/*
	 * Options whose names begin with pg_ are the server's own (pg_attver since 15.20).  pg_dump
	 * leaves them out, too.
	 */
	[PIECE_COLUMN_OPTION] = {PIECE_BY_QUERY, "column option",
		"SELECT c.oid, a.attname || ' ' || o.option_name,"
		" ARRAY[" ALTER_COLUMN "format(' SET (%I = %L)', o.option_name, o.option_value)],"
		" ARRAY[" ALTER_COLUMN "format(' RESET (%I)', o.option_name)],"
		" a.attname"
		" FROM " TABLES ", pg_attribute a, pg_options_to_table(a.attoptions) o"
		WANTED COLUMN
		" AND NOT starts_with(o.option_name, 'pg_')"},
	[PIECE_STORAGE] = {PIECE_BY_QUERY, "storage",
		"SELECT c.oid, a.attname,"
		" ARRAY[" ALTER_COLUMN "' SET STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN'"
			" WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END],"
		" ARRAY[" ALTER_COLUMN "' SET STORAGE ' || CASE y.typstorage WHEN 'p' THEN 'PLAIN'"
			" WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END],"
		" a.attname"
		" FROM " TABLES ", pg_attribute a, pg_type y"
		WANTED COLUMN
		" AND y.oid = a.atttypid"
		" AND a.attstorage <> y.typstorage"},
	[PIECE_COMPRESSION] = {PIECE_BY_QUERY, "compression",
		"SELECT c.oid, a.attname,"
		" ARRAY[" ALTER_COLUMN "' SET COMPRESSION ' || CASE a.attcompression"
			" WHEN 'l' THEN 'lz4' ELSE 'pglz' END],"
		" ARRAY[" ALTER_COLUMN "' SET COMPRESSION default'],"
		" a.attname"
		" FROM " TABLES ", pg_attribute a"
		WANTED COLUMN
		" AND a.attcompression <> ''"},

	/* constraints and indexes */
	[PIECE_CONSTRAINT] = {PIECE_BY_CONSTRAINT, "constraint",
		"SELECT c.oid, o.conname, o.oid"
		" FROM " TABLES ", pg_constraint o"
		WANTED
		" AND o.conrelid = c.oid"
		" AND o.contype IN ('p', 'u', 'x', 'c')"},
	[PIECE_INDEX] = {PIECE_BY_INDEX, "index",
		"SELECT c.oid, x.relname, x.oid"
		" FROM " TABLES ", pg_index i, pg_class x"
		WANTED
		" AND i.indrelid = c.oid"
		" AND x.oid = i.indexrelid"
		" AND i.indisvalid"
		" AND i.indislive"
		" AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.oid"
			" AND k.contype IN ('p', 'u', 'x'))"},
	[PIECE_INDEX_STATISTICS_TARGET] = {PIECE_BY_QUERY, "index statistics target",
		"SELECT c.oid, x.relname || ' ' || a.attnum,"
		" ARRAY['ALTER INDEX ', 'schema',"
			" format('.%I ALTER COLUMN %s SET STATISTICS %s', x.relname, a.attnum, a.attstattarget)],"
		" ARRAY['ALTER INDEX ', 'schema',"
			" format('.%I ALTER COLUMN %s SET STATISTICS -1', x.relname, a.attnum)]"
		" FROM " TABLES ", pg_index i, pg_class x, pg_attribute a"
		WANTED
		" AND i.indrelid = c.oid"
		" AND x.oid = i.indexrelid"
		" AND a.attrelid = x.oid"
		" AND a.attstattarget >= 0"},
	[PIECE_CLUSTER] = {PIECE_BY_QUERY, "cluster",
		"SELECT c.oid, x.relname,"
		" ARRAY['ALTER TABLE ', 'table', ' CLUSTER ON ' || quote_ident(x.relname)],"
		" ARRAY['ALTER TABLE ', 'table', ' SET WITHOUT CLUSTER']"
		" FROM " TABLES ", pg_index i, pg_class x"
		WANTED
		" AND i.indrelid = c.oid"
		" AND x.oid = i.indexrelid"
		" AND i.indisclustered"},
	[PIECE_REPLICA_IDENTITY] = {PIECE_BY_QUERY, "replica identity",
		"SELECT c.oid, 'replica identity',"
		" ARRAY['ALTER TABLE ', 'table', ' REPLICA IDENTITY ' || CASE c.relreplident"
			" WHEN 'f' THEN 'FULL' WHEN 'i' THEN 'USING INDEX ' || quote_ident(x.relname)"
			" ELSE 'NOTHING' END],"
		" ARRAY['ALTER TABLE ', 'table', ' REPLICA IDENTITY DEFAULT']"
		" FROM " TABLES
		" LEFT JOIN (pg_index i JOIN pg_class x ON x.oid = i.indexrelid) ON i.indrelid = c.oid"
		" AND i.indisreplident"
		WANTED
		" AND c.relreplident <> 'd'"
		" AND (c.relreplident <> 'i' OR x.oid IS NOT NULL)"},
	[PIECE_EXTENDED_STATISTICS] = {PIECE_BY_QUERY, "extended statistics",
		"SELECT c.oid, o.stxname,"
		" ARRAY['CREATE STATISTICS ', 'schema', '.' || " STATISTICS_BODY ", 'table', ''],"
		" ARRAY['DROP STATISTICS ', 'schema', '.' || quote_ident(o.stxname)]"
		" FROM " TABLES ", pg_statistic_ext o"
		" JOIN pg_namespace m ON m.oid = o.stxnamespace"
		WANTED
		" AND o.stxrelid = c.oid"},
	[PIECE_EXTENDED_STATISTICS_TARGET] = {PIECE_BY_QUERY, "extended statistics target",
		"SELECT c.oid, o.stxname,"
		" ARRAY['ALTER STATISTICS ', 'schema',"
			" format('.%I SET STATISTICS %s', o.stxname, o.stxstattarget)],"
		" ARRAY['ALTER STATISTICS ', 'schema', format('.%I SET STATISTICS -1', o.stxname)]"
		" FROM " TABLES ", pg_statistic_ext o"
		WANTED
		" AND o.stxrelid = c.oid"
		" AND o.stxstattarget >= 0"},
	[PIECE_FOREIGN_KEY] = {PIECE_BY_FOREIGN_KEY, "foreign key",
		TWINS "SELECT c.oid, o.conname,"
		" ARRAY['ALTER TABLE ', 'table', ' ADD CONSTRAINT ' || quote_ident(o.conname)"
			" || ' ' || k.head || " SHARED_NAME
			" || CASE WHEN starts_with(k.definition, k.head || o.confrelid::regclass || '(')"
			" THEN substr(k.definition, length(k.head || o.confrelid::regclass) + 1) END],"
		" ARRAY['ALTER TABLE ', 'table', ' DROP CONSTRAINT ' || quote_ident(o.conname)]"
		" FROM " TABLES
		" JOIN pg_constraint o ON o.conrelid = c.oid"
		SHARED_TABLE
		" CROSS JOIN LATERAL (SELECT pg_get_constraintdef(o.oid), 'FOREIGN KEY ('"
			" || (SELECT string_agg(quote_ident(ka.attname), ', ' ORDER BY ck.place)"
			" FROM unnest(o.conkey) WITH ORDINALITY AS ck (attnum, place)"
			" JOIN pg_attribute ka ON ka.attrelid = o.conrelid AND ka.attnum = ck.attnum)"
			" || ') REFERENCES ') AS k (definition, head)"
		WANTED
		" AND o.contype = 'f'"
		" AND o.conparentid = 0"},

	/* behaviour */
	[PIECE_TRIGGER] = {PIECE_BY_QUERY, "trigger",
		"SELECT c.oid, o.tgname,"
		" ARRAY[" TRIGGER_HEAD ", 'table', " REST("pg_get_triggerdef(o.oid)", TRIGGER_HEAD) "],"
		" ARRAY['DROP TRIGGER ' || quote_ident(o.tgname) || ' ON ', 'table', '']"
		" FROM " TABLES ", pg_trigger o"
		WANTED OWN_TRIGGER},
	[PIECE_TRIGGER_STATE] = {PIECE_BY_QUERY, "trigger state",
		"SELECT c.oid, o.tgname,"
		" ARRAY['ALTER TABLE ', 'table', ' ' || CASE o.tgenabled WHEN 'D' THEN 'DISABLE'"
			" WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END || ' TRIGGER '"
			" || quote_ident(o.tgname)],"
		" ARRAY['ALTER TABLE ', 'table', ' ENABLE TRIGGER ' || quote_ident(o.tgname)]"
		" FROM " TABLES ", pg_trigger o"
		WANTED OWN_TRIGGER
		" AND o.tgenabled <> 'O'"},
	[PIECE_TRIGGER_EXTENSION] = {PIECE_BY_QUERY, "trigger's extension",
		"SELECT c.oid, o.tgname || ' ' || x.extname,"
		" ARRAY[format('ALTER TRIGGER %I ON ', o.tgname), 'table',"
			" format(' DEPENDS ON EXTENSION %I', x.extname)],"
		" ARRAY[format('ALTER TRIGGER %I ON ', o.tgname), 'table',"
			" format(' NO DEPENDS ON EXTENSION %I', x.extname)]"
		" FROM " TABLES ", pg_trigger o, pg_depend d, pg_extension x"
		WANTED OWN_TRIGGER
		" AND d.classid = 'pg_trigger'::regclass"
		" AND d.objid = o.oid"
		" AND d.deptype = 'x'"
		" AND x.oid = d.refobjid"},
	[PIECE_INDEX_EXTENSION] = {PIECE_BY_QUERY, "index's extension",
		"SELECT c.oid, i.relname || ' ' || x.extname,"
		" ARRAY['ALTER INDEX ', 'schema', format('.%I DEPENDS ON EXTENSION %I', i.relname, x.extname)],"
		" ARRAY['ALTER INDEX ', 'schema', format('.%I NO DEPENDS ON EXTENSION %I', i.relname, x.extname)]"
		" FROM " TABLES ", pg_index o"
		" JOIN pg_class i ON i.oid = o.indexrelid, pg_depend d, pg_extension x"
		WANTED
		" AND o.indrelid = c.oid"
		" AND d.classid = 'pg_class'::regclass"
		" AND d.objid = i.oid"
		" AND d.deptype = 'x'"
		" AND x.oid = d.refobjid"},
	[PIECE_RULE] = {PIECE_BY_QUERY, "rule",
		"SELECT c.oid, o.rulename,"
		" ARRAY[" RULE_HEAD ", 'table', " REST("pg_get_ruledef(o.oid)", RULE_HEAD) "],"
		" ARRAY['DROP RULE ' || quote_ident(o.rulename) || ' ON ', 'table', '']"
		" FROM " TABLES ", pg_rewrite o"
		WANTED
		" AND o.ev_class = c.oid"
		" AND o.rulename <> '_RETURN'"},
	[PIECE_RULE_STATE] = {PIECE_BY_QUERY, "rule state",
		"SELECT c.oid, o.rulename,"
		" ARRAY['ALTER TABLE ', 'table', ' ' || CASE o.ev_enabled WHEN 'D' THEN 'DISABLE'"
			" WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END || ' RULE '"
			" || quote_ident(o.rulename)],"
		" ARRAY['ALTER TABLE ', 'table', ' ENABLE RULE ' || quote_ident(o.rulename)]"
		" FROM " TABLES ", pg_rewrite o"
		WANTED
		" AND o.ev_class = c.oid"
		" AND o.rulename <> '_RETURN'"
		" AND o.ev_enabled <> 'O'"},

	/* who may do what */
	[PIECE_POLICY] = {PIECE_BY_QUERY, "policy",
		"SELECT c.oid, o.polname,"
		" ARRAY['CREATE POLICY ' || quote_ident(o.polname) || ' ON ', 'table',"
			" CASE WHEN o.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END"
			" || CASE o.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT'"
			" WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END"
			" || ' TO ' || (SELECT string_agg(" ROLE_NAME("r.role") ", ', ' ORDER BY r.role)"
			" FROM unnest(o.polroles) AS r (role))"
			" || coalesce(' USING (' || pg_get_expr(o.polqual, o.polrelid) || ')', '')"
			" || coalesce(' WITH CHECK (' || pg_get_expr(o.polwithcheck, o.polrelid) || ')', '')],"
		" ARRAY['DROP POLICY ' || quote_ident(o.polname) || ' ON ', 'table', '']"
		" FROM " TABLES ", pg_policy o"
		WANTED
		" AND o.polrelid = c.oid"},
	[PIECE_ROW_LEVEL_SECURITY] = {PIECE_BY_QUERY, "row level security",
		"SELECT c.oid, f.name,"
		" ARRAY['ALTER TABLE ', 'table', ' ' || f.on_text || ' ROW LEVEL SECURITY'],"
		" ARRAY['ALTER TABLE ', 'table', ' ' || f.off_text || ' ROW LEVEL SECURITY']"
		" FROM " TABLES
		" CROSS JOIN LATERAL (VALUES"
			" ('enabled', 'ENABLE', 'DISABLE', c.relrowsecurity),"
			" ('forced', 'FORCE', 'NO FORCE', c.relforcerowsecurity))"
			" AS f (name, on_text, off_text, is_on)"
		WANTED
		" AND f.is_on"},
	[PIECE_GRANT] = {PIECE_BY_QUERY, "grant",
		"SELECT c.oid, p.privilege_type || ' to ' || " ROLE_NAME("p.grantee") " || " BY_GRANTOR ","
		" ARRAY['GRANT ' || p.privilege_type || ' ON ', 'table', ' TO ' || "
			ROLE_NAME("p.grantee") " || CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION'"
			" ELSE '' END],"
		" ARRAY['REVOKE ' || p.privilege_type || ' ON ', 'table', ' FROM ' || "
			ROLE_NAME("p.grantee") "],"
		" NULL, p.place, " GRANTOR
		" FROM " TABLES ", aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))"
		" WITH ORDINALITY AS p (grantor, grantee, privilege_type, is_grantable, place)"
		WANTED},
	[PIECE_COLUMN_GRANT] = {PIECE_BY_QUERY, "column grant",
		"SELECT c.oid, p.privilege_type || ' (' || a.attname || ') to ' || "
			ROLE_NAME("p.grantee") " || " BY_GRANTOR ","
		" ARRAY['GRANT ' || p.privilege_type || ' (' || quote_ident(a.attname)"
			" || ') ON ', 'table', ' TO ' || " ROLE_NAME("p.grantee")
			" || CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END],"
		" ARRAY['REVOKE ' || p.privilege_type || ' (' || quote_ident(a.attname)"
			" || ') ON ', 'table', ' FROM ' || " ROLE_NAME("p.grantee") "],"
		" a.attname, p.place, " GRANTOR
		" FROM " TABLES ", pg_attribute a, aclexplode(a.attacl)"
		" WITH ORDINALITY AS p (grantor, grantee, privilege_type, is_grantable, place)"
		WANTED COLUMN},

	/* comments */
	[PIECE_COMMENT] = {PIECE_BY_QUERY, "comment",
		"SELECT c.oid, 'table',"
		" ARRAY['COMMENT ON ' || " KIND " || ' ', 'table', ' IS ' || quote_literal(d.description)],"
		" ARRAY['COMMENT ON ' || " KIND " || ' ', 'table', ' IS NULL']"
		" FROM " TABLES ", pg_description d"
		WANTED
		" AND d.objoid = c.oid"
		" AND d.classoid = 'pg_class'::regclass"
		" AND d.objsubid = 0"},
	[PIECE_COLUMN_COMMENT] = {PIECE_BY_QUERY, "column comment",
		"SELECT c.oid, a.attname,"
		" ARRAY['COMMENT ON COLUMN ', 'table', '.' || quote_ident(a.attname) || ' IS '"
			" || quote_literal(d.description)],"
		" ARRAY['COMMENT ON COLUMN ', 'table', '.' || quote_ident(a.attname) || ' IS NULL'],"
		" a.attname"
		" FROM " TABLES ", pg_attribute a, pg_description d"
		WANTED COLUMN
		" AND d.objoid = c.oid"
		" AND d.classoid = 'pg_class'::regclass"
		" AND d.objsubid = a.attnum"},
	[PIECE_CONSTRAINT_COMMENT] = {PIECE_BY_QUERY, "constraint comment",
		COMMENT_ON("CONSTRAINT", "o.conname", "pg_constraint", "o.conrelid = c.oid AND o.contype <> 'f'")},
	[PIECE_FOREIGN_KEY_COMMENT] = {PIECE_BY_FOREIGN_KEY, "foreign key comment",
		COMMENT_ON("CONSTRAINT", "o.conname", "pg_constraint", "o.conrelid = c.oid AND o.contype = 'f'")},
	[PIECE_TRIGGER_COMMENT] = {PIECE_BY_QUERY, "trigger comment",
		COMMENT_ON("TRIGGER", "o.tgname", "pg_trigger", "o.tgrelid = c.oid AND NOT o.tgisinternal")},
	[PIECE_RULE_COMMENT] = {PIECE_BY_QUERY, "rule comment",
		COMMENT_ON("RULE", "o.rulename", "pg_rewrite", "o.ev_class = c.oid")},
	[PIECE_POLICY_COMMENT] = {PIECE_BY_QUERY, "policy comment",
		COMMENT_ON("POLICY", "o.polname", "pg_policy", "o.polrelid = c.oid")},
	[PIECE_INDEX_COMMENT] = {PIECE_BY_QUERY, "index comment",
		COMMENT_ON_OWN("INDEX", "x.relname", "pg_index i JOIN pg_class x ON x.oid = i.indexrelid",
			"i.indrelid = c.oid AND d.objoid = x.oid AND d.classoid = 'pg_class'::regclass")},
	[PIECE_EXTENDED_STATISTICS_COMMENT] = {PIECE_BY_QUERY, "extended statistics comment",
		COMMENT_ON_OWN("STATISTICS", "o.stxname", "pg_statistic_ext o",
			"o.stxrelid = c.oid AND d.objoid = o.oid AND d.classoid = 'pg_statistic_ext'::regclass")},
};

StaticAssertDecl(lengthof(piece_sources) == PIECE_KINDS, "each kind of piece has a source");
