/*
 * check_outside.c: finds links to production's tables that a clone does not have
 *
 *   registries      tables in which an extension or an application stores names of tables:
 *                   periods, partition managers, queues; of a large table a sample is read
 *   large objects   objects that are in no table, and so are not moved: after a move the gray row
 *                   and the frozen row hold the number of the same object
 *   preload         roles whose first statement does not obey pg_gray.fence
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_count.h"
#include "check/check_outside.h"
#include "check/check_relations.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/subtransaction.h"
#include "release/release.h"

/* clang-format off */

/*
 * Tables outside the release, with the columns that may name a table.  Only tables of the reading
 * role are selected: other tables are not read anyway (role_guard.h), and their owners could block
 * us by a lock.
 */
#define SELECT_REGISTRIES \
	"SELECT c.oid, coalesce(e.extname, '')," \
		" string_agg(quote_ident(a.attname), ',') FILTER (WHERE a.atttypid = 'regclass'::regtype)," \
		" string_agg(" \
			"quote_ident(a.attname) || '::pg_catalog.text', ','" \
		") FILTER (WHERE a.atttypid <> 'regclass'::regtype)" \
	" FROM pg_class c" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped" \
	" LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass" \
	" AND d.objid = c.oid" \
	" AND d.deptype = 'e'" \
	" AND d.refclassid = 'pg_extension'::regclass" \
	" LEFT JOIN pg_extension e ON e.oid = d.refobjid" \
	" WHERE c.relkind = 'r'" \
	" AND c.relpersistence <> 't'" \
	" AND NOT c.relispartition" \
	" AND pg_get_userbyid(c.relowner) = current_user" \
	" AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'gray')" \
	" AND n.nspname NOT IN (SELECT gray_schema FROM gray.release)" \
	" AND c.oid <> ALL ($1)" \
	" AND (" \
		"a.atttypid = 'regclass'::regtype" \
		" OR (" \
			"e.oid IS NOT NULL" \
			" AND a.atttypid IN ('text'::regtype, 'name'::regtype, 'varchar'::regtype)))" \
	" GROUP BY c.oid, e.extname" \
	" ORDER BY c.oid::regclass::text"

/* clang-format on */

/* A table outside the release that is being read. */
typedef struct Registry
{
	Oid		   relation;
	char	  *extension; /* or empty */
	char	  *relations; /* its columns of type regclass, or null */
	char	  *names;	  /* its columns of names, or null */
	QueryArgs *tables;	  /* of the release's tables, $1: oids, $2: schemas, $3: names */
	char	  *found;	  /* "public.orders, public.items", or null */
} Registry;

static void
read_registry(void *arg)
{
	Registry	  *registry = arg;
	StringInfoData condition;
	double		   percent;

	initStringInfo(&condition);
	if (registry->relations != NULL)
		appendStringInfo(&condition, "f.oid IN (%s)", registry->relations);
	if (registry->names != NULL)
		appendStringInfo(&condition,
						 "%1$sf.schema || '.' || f.name IN (%2$s) OR pg_catalog.format('%%I.%%I', f.schema, f.name) IN (%2$s)"
						 " OR (f.name IN (%2$s) AND f.schema IN (%2$s))",
						 condition.len == 0 ? "" : " OR ", registry->names);
	query_run(psprintf("SELECT string_agg(DISTINCT f.oid::regclass::text, ', ')"
					   " FROM ONLY %s r%s, unnest($1, $2, $3) AS f (oid, schema, name) WHERE %s",
					   relation_name(registry->relation),
					   check_count_sample(registry->relation, &percent), condition.data),
			  registry->tables);
	registry->found = query_text(0, 1);
}

static Datum
texts(Datum *values, int count)
{
	return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
append_tables(QueryArgs *args, const TwinSet *set)
{
	List  *oids = NIL;
	Datum *schemas = palloc(sizeof(Datum) * Max(set->count, 1));
	Datum *names = palloc(sizeof(Datum) * Max(set->count, 1));

	for (int i = 0; i < set->count; i++)
	{
		Oid table = set->twins[i].relation[SIDE_PRODUCTION];

		oids = lappend_oid(oids, table);
		schemas[i] = CStringGetTextDatum(get_namespace_name(get_rel_namespace(table)));
		names[i] = CStringGetTextDatum(get_rel_name(table));
	}
	query_arg_oids(args, oids);
	query_arg(args, TEXTARRAYOID, texts(schemas, set->count));
	query_arg(args, TEXTARRAYOID, texts(names, set->count));
}

static List *
load_registries(QueryArgs *tables)
{
	QueryArgs args = *tables;
	List	 *registries = NIL;
	uint64	  rows;

	args.count = 1;
	rows = query_run(SELECT_REGISTRIES, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Registry *registry = palloc0(sizeof(Registry));

		registry->relation = query_oid(row, 1);
		registry->extension = query_text(row, 2);
		registry->relations = query_text(row, 3);
		registry->names = query_text(row, 4);
		registry->tables = tables;
		registries = lappend(registries, registry);
	}
	return registries;
}

void
check_registries(const TwinSet *set, Findings *findings)
{
	QueryArgs tables = {0};
	ListCell *cell;

	append_tables(&tables, set);
	foreach(cell, load_registries(&tables))
	{
		Registry *registry = lfirst(cell);

		if (subtransaction_read(read_registry, registry) != NULL || registry->found == NULL)
			continue;
		finding_add(findings, false, relation_name(registry->relation),
					psprintf("it names %s, and not the twins in gray: what %s does by it is not done for version 2's tables",
							 registry->found,
							 *registry->extension == '\0'
								 ? "a program"
								 : psprintf("extension %s", quote_identifier(registry->extension))),
					"Register the gray tables there, too, if version 2 needs that.");
	}
}

/* Find large objects by the names that extension lo uses: trigger lo_manage, or type lo. */
static void
check_managed(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass::text, quote_ident(t.tgname) FROM relation r"
				  " JOIN pg_trigger t ON t.tgrelid = r.oid AND t.tgparentid = 0 AND t.tgenabled <> 'D'"
				  " JOIN pg_proc p ON p.oid = t.tgfoid AND p.prosrc = 'lo_manage'"
				  " WHERE r.side = 'gray'" CHECK_RELATIONS_ORDER ", 2",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					psprintf("trigger %s removes large objects that the frozen rows in production still have: after gray_discard they are gone",
							 query_text(row, 2)),
					psprintf("ALTER TABLE %s DISABLE TRIGGER %s; and vacuumlo once the release is over.",
							 query_text(row, 1), query_text(row, 2)));
}

static void
check_columns(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass || '.' || quote_ident(a.attname) FROM relation r"
				  " JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped"
				  " JOIN pg_type y ON y.oid = a.atttypid AND y.typname = 'lo' AND y.typtype = 'd'"
				  " AND y.typbasetype = 'oid'::regtype"
				  " WHERE r.side = 'gray' AND r.oid = r.root" CHECK_RELATIONS_ORDER ", a.attnum",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					"large objects are shared by both sides: gray_discard does not take back what version 2 wrote into one (lo_put), or removed (lo_unlink)",
					"Let version 2 make a new object for each change, and remove none.");
}

void
check_large_objects(const Release *release, Findings *findings)
{
	check_managed(release, findings);
	check_columns(release, findings);
}

#define HAS_US(libraries) libraries " ~ '(^|[,\"[:blank:]/])pg_gray($|[,\"[:blank:].])'"

/* clang-format off */

/*
 * Settings for a role in a database, for a role, for a database and for all; the first setting in
 * this order takes effect.
 */
#define SELECT_ROLES \
	"SELECT DISTINCT s.setrole <> 0, coalesce(quote_ident(r.rolname), quote_ident(d.datname))," \
		" CASE" \
		" WHEN s.setrole <> 0 AND s.setdatabase <> 0 THEN ' IN DATABASE ' || quote_ident(d.datname)" \
		" ELSE '' END," \
		" (" \
			"SELECT string_agg(quote_literal(btrim(l, ' \"')) || ', ', '')" \
			" FROM unnest(string_to_array(p.libraries, ',')) l" \
			" WHERE btrim(l, ' \"') <> '')" \
	" FROM pg_db_role_setting s" \
	" JOIN pg_database d ON d.datname = current_database() AND s.setdatabase IN (0, d.oid)" \
	" LEFT JOIN pg_roles r ON r.oid = s.setrole," \
	" LATERAL (" \
		"SELECT coalesce(" \
			"(" \
				"SELECT split_part(c, '=', 2)" \
				" FROM pg_db_role_setting o, unnest(o.setconfig) c" \
				" WHERE o.setdatabase IN (0, d.oid)" \
				" AND o.setrole IN (0, s.setrole)" \
				" AND c LIKE 'session_preload_libraries=%'" \
				" ORDER BY o.setrole <> 0 DESC, o.setdatabase <> 0 DESC" \
				" LIMIT 1)," \
			" $1) AS libraries) p" \
	" WHERE EXISTS (SELECT FROM unnest(s.setconfig) c WHERE lower(c) = 'pg_gray.fence=skip')" \
	" AND NOT " HAS_US("p.libraries") \
	" AND NOT " HAS_US("$2") \
	" ORDER BY 1, 2, 3"

/* clang-format on */

void
check_preload(Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	/* The owner of the extension may not have the right to read these settings by SQL. */
	query_arg_text(&args, session_preload_libraries_string);
	query_arg_text(&args, shared_preload_libraries_string);
	rows = query_run(SELECT_ROLES, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		const char *kind = query_bool(row, 1) ? "role" : "database";
		char	   *name = query_text(row, 2);
		char	   *others = query_text(row, 4); /* the preloaded libraries */

		finding_add(findings, false, psprintf("%s %s", kind, name),
					"has pg_gray.fence = skip, but the library is loaded by the first statement of a session: that one can't leave rows alone, and is refused with 40001",
					psprintf("ALTER %s %s%s SET session_preload_libraries = %s'pg_gray';",
							 query_bool(row, 1) ? "ROLE" : "DATABASE", name, query_text(row, 3),
							 others == NULL ? "" : others));
	}
}
