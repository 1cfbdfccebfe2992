/*
 * diff_own.c: lists tables that are gone or have another name, and what only the gray schema has
 *
 * PostgreSQL notes for each object of a schema that it depends on the schema.  So one query finds
 * objects of all kinds.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/query.h"
#include "release/own_load.h"
#include "release/release.h"
#include "structure/diff_own.h"
#include "structure/difference.h"

/*
 * Tables of the release
 */

static Difference *
add(List **differences, DiffSubject subject, const char *table, char *name, char *text)
{
	Difference *difference = palloc0(sizeof(Difference));

	difference->table = table;
	difference->subject = subject;
	difference->name = name;
	difference->text = text;
	difference->in_gray = true;
	*differences = lappend(*differences, difference);
	return difference;
}

static void
compare_names(List **differences, const Twin *twin)
{
	char	   *wanted = get_rel_name(twin->relation[SIDE_PRODUCTION]);
	char	   *present = get_rel_name(twin->relation[SIDE_GRAY]);
	Difference *difference;

	if (strcmp(wanted, present) == 0)
		return;
	difference = add(differences, DIFF_TABLE, twin->table[SIDE_GRAY], present,
					 psprintf("called %s in production", quote_identifier(wanted)));
	difference->twin = twin;
	difference->in_production = true;
	difference->undo =
		psprintf("ALTER TABLE %s RENAME TO %s", twin->table[SIDE_GRAY], quote_identifier(wanted));
}

static void
compare_schemas(List **differences, const Twin *twin, const char *gray_schema)
{
	const char *schema = get_namespace_name(get_rel_namespace(twin->relation[SIDE_GRAY]));
	Difference *difference;

	if (strcmp(schema, gray_schema) == 0)
		return;
	difference = add(differences, DIFF_TABLE, twin->table[SIDE_GRAY],
					 get_rel_name(twin->relation[SIDE_GRAY]), "moved out of the gray schema");
	difference->twin = twin;
	difference->in_production = true;
	difference->undo = psprintf("ALTER TABLE %s SET SCHEMA %s", twin->table[SIDE_GRAY],
								quote_identifier(gray_schema));
}

List *
diff_own_tables(const Release *release, const TwinSet *set)
{
	List	 *differences = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows =
		query_run("SELECT t.position, t.gray, (parse_ident(t.gray))[2],"
				  " CASE WHEN gray.table_now(t.gray, t.gray_oid, $2) IS NULL THEN 'dropped in gray: only in production'"
				  " WHEN gray.table_now(t.production, t.production_oid, $2) IS NULL THEN 'dropped in production: only in gray'"
				  " ELSE 'what leads from its rows to their user is gone' END"
				  " FROM gray.release_table t WHERE t.release_id = $1 ORDER BY t.position",
				  &args);
	for (uint64 row = 0; row < rows; row++)
	{
		const Twin *twin = twin_at(set, query_int(row, 1));

		if (twin == NULL)
			add(&differences, DIFF_TABLE, query_text(row, 2), query_text(row, 3), query_text(row, 4))
				->position = query_int(row, 1);
		else
		{
			compare_names(&differences, twin);
			compare_schemas(&differences, twin, release->gray_schema);
		}
	}
	return differences;
}

/*
 * Objects of version 2's own
 */

/* clang-format off */

/* What gray_clone made: the gray tables and views of release $1. */
#define MADE \
	"WITH made (oid) AS MATERIALIZED (" \
		"SELECT gray.table_now(gray, gray_oid, $2)" \
		" FROM gray.release_table" \
		" WHERE release_id = $1" \
		" UNION ALL SELECT to_regclass(gray)" \
		" FROM gray.release_view" \
		" WHERE release_id = $1" \
		" UNION ALL SELECT to_regclass(gray)" \
		" FROM gray.copied_table" \
		" WHERE release_id = $1)"

#define IS_OWN \
	"d.refclassid = 'pg_namespace'::regclass" \
	" AND d.refobjid = (SELECT oid FROM pg_namespace WHERE nspname = $3)" \
	" AND d.deptype = 'n'" \
	" AND NOT EXISTS (" \
		"SELECT FROM pg_depend o" \
		" WHERE o.classid = d.classid AND o.objid = d.objid AND o.objsubid = 0" \
		" AND o.deptype IN ('a', 'i', 'e', 'P', 'S'))" \
	" AND NOT EXISTS (SELECT FROM made m WHERE m.oid = d.objid AND d.classid = 'pg_class'::regclass)"

/* The stage in which an object can be dropped. */
#define STAGE \
	"CASE i.type WHEN 'view' THEN 1 WHEN 'materialized view' THEN 1 WHEN 'table' THEN 2" \
	" WHEN 'foreign table' THEN 2 WHEN 'sequence' THEN 3 WHEN 'type' THEN 5 WHEN 'extension' THEN 6 ELSE 4 END"

#define SELECT_OWN \
	MADE \
	" SELECT coalesce(CASE y.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range'" \
		" WHEN 'c' THEN 'composite type' END, i.type)," \
		" CASE WHEN starts_with(i.identity, s.prefix) THEN substr(i.identity, length(s.prefix) + 1)" \
		" ELSE i.identity END," \
		" CASE WHEN c.relkind IN ('r', 'p', 'f') THEN i.identity END," \
		" 'DROP ' || upper(i.type) || ' ' || i.identity," \
		" " STAGE " = 1, coalesce(c.oid, 0::oid)" \
	" FROM pg_depend d" \
	" CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) AS i" \
	" CROSS JOIN (SELECT quote_ident($3) || '.') AS s (prefix)" \
	" LEFT JOIN pg_class c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass" \
	" LEFT JOIN pg_type y ON y.oid = d.objid AND d.classid = 'pg_type'::regclass" \
	" WHERE " IS_OWN \
	" ORDER BY " STAGE ", d.objid DESC"

/* clang-format on */

/* The tables to which a table of version 2's own refers: ", refers to v2.users"; or nothing. */
static char *
references_text(Oid relation)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	query_run("SELECT coalesce(', refers to ' || string_agg(r.name, ' and ' ORDER BY r.name), '')"
			  " FROM (SELECT DISTINCT confrelid::regclass::text AS name FROM pg_constraint"
			  " WHERE conrelid = $1 AND contype = 'f' AND confrelid <> $1 AND conparentid = 0) AS r",
			  &args);
	return query_text(0, 1);
}

/* Whose rows a table of version 2's own has: ", rows by user_id"; or the tables that it refers to. */
static char *
owner_text(Oid relation)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	if (query_run("SELECT CASE WHEN o.is_shared THEN ', rows of ' ELSE ', rows by ' END || " OWN_LOAD_OWNER
				  " FROM gray.own_table o" OWN_LOAD_PARENTS " WHERE to_regclass(o.gray) = $1",
				  &args) > 0)
		return query_text(0, 1);
	return references_text(relation);
}

static char *
table_text(Oid relation)
{
	QueryArgs args = {0};
	int		  columns;

	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	query_run("SELECT count(*)::integer FROM pg_attribute"
			  " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped",
			  &args);
	columns = query_int(0, 1);
	return psprintf("only in gray: %d column%s%s", columns, columns == 1 ? "" : "s",
					owner_text(relation));
}

List *
diff_own_objects(const Release *release, int *views)
{
	List	 *differences = NIL;
	List	 *tables = NIL;
	QueryArgs args = {0};
	uint64	  rows;
	ListCell *cell;

	*views = 0;
	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	query_arg_text(&args, release->gray_schema);
	rows = query_run(SELECT_OWN, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		bool		is_table = !query_is_null(row, 3);
		Difference *difference =
			add(&differences, DIFF_OWN,
				is_table ? query_text(row, 3) : quote_identifier(release->gray_schema),
				query_text(row, 2), "only in gray");

		difference->kind = query_text(row, 1);
		difference->undo = query_text(row, 4);
		*views += query_bool(row, 5);
		tables = lappend_oid(tables, is_table ? query_oid(row, 6) : InvalidOid);
	}
	foreach(cell, tables)
	{
		if (OidIsValid(lfirst_oid(cell)))
			((Difference *) list_nth(differences, foreach_current_index(cell)))->text =
				table_text(lfirst_oid(cell));
	}
	return differences;
}
