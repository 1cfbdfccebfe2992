/*
 * diff_column.c: lists how the columns of twins differ
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/array.h"

#include "postgres/query.h"
#include "structure/diff_column.h"
#include "structure/difference.h"

/* clang-format off */

/* The columns of the tables of one side, declared as in SQL. */
#define SIDE_COLUMNS(relations) \
	"SELECT t.position, a.attrelid, a.attnum, a.attname, a.attnotnull," \
	" format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> y.typcollation" \
	" THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END AS type," \
	" CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS generated" \
	" FROM unnest($1, " relations ") AS t (position, relation) JOIN pg_attribute a ON a.attrelid = t.relation" \
	" AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type y ON y.oid = a.atttypid" \
	" LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''"

#define PRODUCTION_COLUMNS SIDE_COLUMNS("$2")
#define GRAY_COLUMNS SIDE_COLUMNS("$3")

/*
 * The columns of both sides in pairs, without those pairs that are alike.  $1, $2 and $3 are
 * arrays, which have for each table its position, and production's and gray's relation.  $4, $5
 * and $6 have for each pair the table's position, production's attribute number and gray's.
 */
#define PAIRED_COLUMNS \
	"WITH p AS (" \
		"SELECT s.*, c.gray_attnum" \
		" FROM (" PRODUCTION_COLUMNS ") s" \
		" LEFT JOIN unnest($4, $5, $6) AS c (" \
			"position, production_attnum, gray_attnum) ON c.position = s.position" \
		" AND c.production_attnum = s.attnum)," \
	" g AS (" GRAY_COLUMNS ")," \
	" both_sides AS (" \
		"SELECT coalesce(p.position, g.position) AS position," \
			" p.attrelid AS p_relation, p.attnum AS p_attnum, p.attname AS p_name, p.type AS p_type," \
			" p.attnotnull AS p_notnull, p.generated AS p_generated, g.attrelid AS g_relation," \
			" g.attnum AS g_attnum," \
			" g.attname AS g_name, g.type AS g_type, g.attnotnull AS g_notnull," \
			" g.generated AS g_generated" \
		" FROM p" \
		" FULL JOIN g ON g.position = p.position AND g.attnum = p.gray_attnum" \
		" WHERE (p.attname, p.type, p.attnotnull, p.generated) IS DISTINCT FROM" \
		" (g.attname, g.type, g.attnotnull, g.generated))"

/* What follows a column's name in CREATE TABLE; side is p or g. */
#define DECLARED(side) \
	"concat_ws(' ', b." side "_type, 'GENERATED ALWAYS AS (' || b." side "_generated || ') STORED'," \
	" 'DEFAULT ' || (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d" \
	" WHERE d.adrelid = b." side "_relation AND d.adnum = b." side "_attnum AND b." side "_generated IS NULL)," \
	" CASE WHEN b." side "_notnull THEN 'NOT NULL' END)"

static const char *const column_query = PAIRED_COLUMNS
	" SELECT b.position, coalesce(b.g_name, b.p_name), b.p_name IS NOT NULL, b.g_name IS NOT NULL, x.text, x.undo FROM both_sides b, LATERAL (SELECT quote_ident(b.p_name) AS name) p,"
	" LATERAL (SELECT quote_ident(b.g_name) AS name) g, LATERAL (VALUES"
	" (1, b.p_name IS NULL, 'only in gray: ' || " DECLARED("g") ", 'DROP COLUMN ' || g.name),"
	" (2, b.g_name IS NULL, 'only in production', 'ADD COLUMN ' || p.name || ' ' || " DECLARED("p") "),"
	" (3, b.g_type <> b.p_type, b.g_type || ' in gray, ' || b.p_type || ' in production',"
	" 'ALTER COLUMN ' || g.name || ' TYPE ' || b.p_type || ' USING ' || g.name || '::'"
	" || split_part(b.p_type, ' COLLATE ', 1)),"
	" (4, b.g_generated IS NOT NULL AND b.p_generated IS NULL AND b.p_name IS NOT NULL, 'generated in gray',"
	" 'ALTER COLUMN ' || g.name || ' DROP EXPRESSION'),"
	" (5, b.g_name IS NOT NULL AND b.p_generated IS NOT NULL AND b.p_generated IS DISTINCT FROM b.g_generated,"
	" 'generated in another way', 'DROP COLUMN ' || g.name || ', ADD COLUMN ' || p.name || ' ' || " DECLARED("p") "),"
	" (6, b.g_notnull AND NOT b.p_notnull, 'NOT NULL in gray', 'ALTER COLUMN ' || g.name || ' DROP NOT NULL'),"
	" (7, b.p_notnull AND NOT b.g_notnull, 'NOT NULL in production', 'ALTER COLUMN ' || g.name || ' SET NOT NULL'),"
	" (8, b.g_name <> b.p_name, 'called ' || p.name || ' in production',"
	" 'RENAME COLUMN ' || g.name || ' TO ' || p.name)) AS x (number, holds, text, undo)"
	" WHERE x.holds ORDER BY b.position, x.number = 8, coalesce(b.g_attnum, b.p_attnum), x.number";

/* clang-format on */

/* Append the pairs of a release as three arrays of integers. */
static void
append_pairs(QueryArgs *args, const TwinSet *set)
{
	int	   count = 0;
	Datum *values[3];

	for (int i = 0; i < set->count; i++)
		count += set->twins[i].column_count;
	for (int array = 0; array < 3; array++)
		values[array] = palloc(sizeof(Datum) * Max(count, 1));
	count = 0;
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		for (int j = 0; j < twin->column_count; j++)
		{
			const Column *column = &twin->columns[j];

			if (!column_is_pair(column))
				continue;
			values[0][count] = Int32GetDatum(twin->position);
			values[1][count] = Int32GetDatum(column->attnum[SIDE_PRODUCTION]);
			values[2][count] = Int32GetDatum(column->attnum[SIDE_GRAY]);
			count++;
		}
	}
	for (int array = 0; array < 3; array++)
		query_arg(args, INT4ARRAYOID,
				  PointerGetDatum(construct_array(values[array], count, INT4OID, sizeof(int32),
												  true, TYPALIGN_INT)));
}

static void
append_tables(QueryArgs *args, const TwinSet *set)
{
	List *positions = NIL;
	List *relations[2] = {NIL, NIL};

	for (int i = 0; i < set->count; i++)
	{
		positions = lappend_int(positions, set->twins[i].position);
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			relations[side] = lappend_oid(relations[side], set->twins[i].relation[side]);
	}
	query_arg_ints(args, positions);
	query_arg_oids(args, relations[SIDE_PRODUCTION]);
	query_arg_oids(args, relations[SIDE_GRAY]);
}

List *
diff_column_load(const TwinSet *set)
{
	QueryArgs args = {0};
	List	 *differences = NIL;
	uint64	  rows;

	append_tables(&args, set);
	append_pairs(&args, set);
	rows = query_run(column_query, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		const Twin *twin = twin_at(set, query_int(row, 1));
		Difference *difference;

		if (twin == NULL) /* version 2 has dropped the table */
			continue;
		difference = palloc0(sizeof(Difference));
		difference->twin = twin;
		difference->table = difference->twin->table[SIDE_GRAY];
		difference->subject = DIFF_COLUMN;
		difference->name = query_text(row, 2);
		difference->in_production = query_bool(row, 3);
		difference->in_gray = query_bool(row, 4);
		difference->text = query_text(row, 5);
		difference->undo = psprintf("ALTER TABLE %s %s", difference->table, query_text(row, 6));
		differences = lappend(differences, difference);
	}
	return differences;
}
