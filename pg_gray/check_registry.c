/*
 * check_registry.c: tables by which an extension or an application knows production's tables
 *
 * Periods, partition managers, queues and the like remember tables so.  Of a large table a sample
 * is read.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check_count.h"
#include "check_registry.h"
#include "check_try.h"
#include "query.h"
#include "relation.h"

/* clang-format off */

/*
 * Tables besides the release's, with the columns that may name a table.  Only those of who reads
 * them: any other is not read anyway (role_guard.h), and its owner could hold us up by a lock.
 */
#define SELECT_REGISTRIES \
	"SELECT c.oid::text, coalesce(e.extname, ''), string_agg(quote_ident(a.attname), ',') FILTER (WHERE a.atttypid = 'regclass'::regtype)," \
	" string_agg(quote_ident(a.attname) || '::pg_catalog.text', ',') FILTER (WHERE a.atttypid <> 'regclass'::regtype)" \
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped" \
	" LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'" \
	" AND d.refclassid = 'pg_extension'::regclass LEFT JOIN pg_extension e ON e.oid = d.refobjid" \
	" WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND NOT c.relispartition AND pg_get_userbyid(c.relowner) = current_user" \
	" AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'gray')" \
	" AND n.nspname NOT IN (SELECT gray_schema FROM gray.release) AND c.oid <> ALL ($1)" \
	" AND (a.atttypid = 'regclass'::regtype OR (e.oid IS NOT NULL AND a.atttypid IN ('text'::regtype," \
	" 'name'::regtype, 'varchar'::regtype))) GROUP BY c.oid, e.extname ORDER BY c.oid::regclass::text"

/* clang-format on */

/* A table of others that is being read. */
typedef struct Registry
{
	Oid		   relation;
	char	  *extension; /* or empty */
	char	  *relations; /* its columns of regclass, or null */
	char	  *names;	  /* of text, or null */
	QueryArgs *tables;	  /* $1: oids, $2: schemas, $3: names, of the release's */
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

		registry->relation = (Oid) strtoul(query_text(row, 1), NULL, 10);
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

		if (check_try(read_registry, registry) != NULL || registry->found == NULL)
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
