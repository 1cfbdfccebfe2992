/*
 * check.c: what would go wrong with a release, before it does
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "call.h"
#include "check.h"
#include "check_index.h"
#include "query.h"
#include "release.h"
#include "rows.h"
#include "twin.h"

PG_FUNCTION_INFO_V1(gray_check);

typedef struct Problem
{
	bool		is_error;		/* else a warning */
	char	   *object;
	char	   *problem;
	char	   *hint;
} Problem;

/* Problems found so far, in order. */
typedef struct Findings
{
	List	   *problems;
} Findings;

static void
add(Findings *findings, bool is_error, char *object, char *text, char *hint)
{
	Problem    *problem = palloc(sizeof(Problem));

	problem->is_error = is_error;
	problem->object = object;
	problem->problem = text;
	problem->hint = hint;
	findings->problems = lappend(findings->problems, problem);
}

static char *
column_name(const Twin *twin, Side side, const TwinColumn *column)
{
	return psprintf("%s.%s", twin->table[side], column->name[side]);
}

static Side
other(Side side)
{
	return side == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
}

/*
 * What must be there for the twins to be loaded at all
 */

static void
check_tables_exist(const Release *release, Findings *findings)
{
	QueryArgs	args = {0};
	uint64		rows;

	query_arg_int(&args, release->id);
	rows = query_run("SELECT x.name FROM gray.release_table t,"
					 " LATERAL (VALUES (1, t.production), (2, t.gray)) AS x (side, name)"
					 " WHERE t.release_id = $1 AND to_regclass(x.name) IS NULL"
					 " ORDER BY t.position, x.side", &args);
	for (uint64 row = 0; row < rows; row++)
		add(findings, true, query_text(row, 1), "the table is gone, or has another name",
			"Give it its name back: a release knows its tables by name.");
}

/* Columns of owner paths, on either side, that were dropped. */
static void
check_owner_columns_exist(const Release *release, Findings *findings)
{
	QueryArgs	args = {0};
	uint64		rows;

	query_arg_int(&args, release->id);
	rows = query_run("SELECT DISTINCT t.position, x.side, x.name FROM gray.release_table t"
					 " LEFT JOIN gray.release_table parent ON parent.release_id = t.release_id AND parent.position = t.parent_position,"
					 " LATERAL (SELECT t.position, a FROM unnest(t.uid_attnum || t.path_attnums) AS a WHERE a IS NOT NULL"
					 " UNION ALL SELECT parent.position, a FROM unnest(t.parent_attnums) AS a) AS needed (position, attnum)"
					 " JOIN gray.release_table o ON o.position = needed.position"
					 " JOIN gray.column_pair c ON c.release_id = o.release_id AND c.position = o.position AND c.production_attnum = needed.attnum,"
					 " LATERAL (VALUES (1, o.production, c.production_attnum), (2, o.gray, c.gray_attnum)) AS x (side, name, attnum)"
					 " JOIN pg_attribute a ON a.attrelid = to_regclass(x.name) AND a.attnum = x.attnum"
					 " WHERE t.release_id = $1 AND o.release_id = $1 AND a.attisdropped"
					 " ORDER BY t.position, x.side", &args);
	for (uint64 row = 0; row < rows; row++)
		add(findings, true, query_text(row, 3),
			"a column that leads from a row to its user was dropped",
			"Drop the release and create it again.");
}

/*
 * Keys and values
 */

static void
check_key(const Twin *twin, Findings *findings)
{
	const char *table = twin->table[SIDE_PRODUCTION];

	if (twin->key_count == 0)
		add(findings, true, pstrdup(table),
			"no key by which a row and its gray twin know each other: rows could not come home",
			psprintf("ALTER TABLE %s ADD PRIMARY KEY (...): unique, not null, not deferrable, on columns that both sides have.",
					 table));
	else if (!check_index_unique(twin->relation[SIDE_GRAY], SIDE_GRAY, twin))
		add(findings, false, pstrdup(twin->table[SIDE_GRAY]),
			psprintf("no unique index on the columns of the key of %s: two gray rows could be the twin of one", table),
			psprintf("CREATE UNIQUE INDEX ON %s (...);", twin->table[SIDE_GRAY]));
}

/* A column that must have a value, and has no twin to take it from. */
static void
check_required(const Twin *twin, Side side, AttrNumber attnum, char *name, Findings *findings)
{
	char	   *column = psprintf("%s.%s", twin->table[side], quote_identifier(name));

	if (twin_column(twin, side, attnum) != NULL)
		return;
	add(findings, true, column,
		psprintf("not null, without a default, and %s has no twin of it: no value on the way %s",
				 twin->table[other(side)], side == SIDE_PRODUCTION ? "home" : "to gray"),
		psprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT ..., or DROP NOT NULL.",
				 twin->table[side], quote_identifier(name)));
}

static void
check_required_columns(const Twin *twin, Side side, Findings *findings)
{
	QueryArgs	args = {0};
	uint64		rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(twin->relation[side]));
	rows = query_run("WITH RECURSIVE domain AS ("
					 " SELECT a.attnum, t.typtype, t.typbasetype, t.typnotnull, t.typdefault"
					 " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = $1"
					 " UNION ALL SELECT d.attnum, t.typtype, t.typbasetype, t.typnotnull, t.typdefault"
					 " FROM domain d JOIN pg_type t ON t.oid = d.typbasetype WHERE d.typtype = 'd')"
					 " SELECT attnum, attname FROM pg_attribute a WHERE attrelid = $1 AND attnum > 0"
					 " AND NOT attisdropped AND NOT atthasdef AND attidentity = ''"
					 " AND (attnotnull OR EXISTS (SELECT 1 FROM domain d WHERE d.attnum = a.attnum AND d.typtype = 'd' AND d.typnotnull))"
					 " AND NOT EXISTS (SELECT 1 FROM domain d WHERE d.attnum = a.attnum AND d.typdefault IS NOT NULL)"
					 " ORDER BY attnum", &args);
	for (uint64 row = 0; row < rows; row++)
		check_required(twin, side, query_int(row, 1), query_text(row, 2), findings);
}

/*
 * Types
 */

static void
check_cast(const Twin *twin, const TwinColumn *column, Side from, Findings *findings)
{
	Side		to = other(from);
	Oid			source = column->type[from];
	Oid			target = column->type[to];
	const char *way = from == SIDE_PRODUCTION ? "to gray" : "home";

	if (column->generated[to] || can_coerce_type(1, &source, &target, COERCION_ASSIGNMENT))
		return;
	if (can_coerce_type(1, &source, &target, COERCION_EXPLICIT))
		add(findings, false, column_name(twin, from, column),
			psprintf("not every %s is a %s: a value may not fit on the way %s",
					 format_type_be(source), format_type_be(target), way),
			"Constrain the values with a CHECK constraint.");
	else
		add(findings, true, column_name(twin, from, column),
			psprintf("no cast from %s to %s: no value on the way %s",
					 format_type_be(source), format_type_be(target), way),
			psprintf("CREATE CAST (%s AS %s) ..., or give both columns one type.",
					 format_type_be(source), format_type_be(target)));
}

static void
check_types(const Twin *twin, Findings *findings)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];

		if (column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY])
			continue;
		check_cast(twin, column, SIDE_PRODUCTION, findings);
		check_cast(twin, column, SIDE_GRAY, findings);
	}
}

/*
 * Speed and users
 */

static void
check_index(const Twin *twin, Side side, Findings *findings)
{
	const TwinColumn *column = twin->uid_column != NULL ? twin->uid_column : twin->path_columns[0];

	if (!check_index_leads_to_owner(twin->relation[side], side, twin))
		add(findings, false, column_name(twin, side, column),
			"no index begins with it: every move of a user reads the whole table",
			psprintf("CREATE INDEX ON %s (%s);", twin->table[side], column->name[side]));
}

static void
check_cohort(const Release *release, Findings *findings)
{
	if (release->percent_buckets == 0 &&
		query_run(psprintf("SELECT 1 FROM %s LIMIT 1", release->cohort_table), NULL) == 0)
		add(findings, false, pstrdup(release->name), "nobody is in the cohort",
			psprintf("SELECT gray_add_user('42', '%s'); or gray_set_percent(1, '%s').",
					 release->name, release->name));
}

/*
 * All of it
 */

static void
check_twins(const Release *release, const TwinSet *set, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		check_key(twin, findings);
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			check_required_columns(twin, side, findings);
		check_types(twin, findings);
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			check_index(twin, side, findings);
	}
	check_cohort(release, findings);
}

static void
add_no_tables(const Release *release, Findings *findings)
{
	add(findings, true, pstrdup(release->name), "the release has no tables",
		psprintf("SELECT gray_clone_tree('users', 'id', release => '%s') clones a table and all that belongs to it.",
				 release->name));
}

static void
check_release(const Release *release, Findings *findings)
{
	if (!OidIsValid(release->uid_type))
	{
		add_no_tables(release, findings);
		return;
	}
	check_tables_exist(release, findings);
	check_owner_columns_exist(release, findings);
	if (findings->problems == NIL)
		check_twins(release, twin_load_all(release), findings);
}

void
check_or_raise(const Release *release, const TwinSet *set)
{
	Findings	findings = {0};
	Problem    *first = NULL;
	int			more = 0;
	ListCell   *cell;

	if (set->count == 0)
		add_no_tables(release, &findings);
	else
		check_twins(release, set, &findings);
	foreach(cell, findings.problems)
	{
		Problem    *problem = lfirst(cell);

		if (!problem->is_error)
			continue;
		if (first == NULL)
			first = problem;
		else
			more++;
	}
	if (first != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("%s: %s", first->object, first->problem),
				 more == 0 ? 0 : errdetail_plural("There is %d more error.",
												  "There are %d more errors.", more, more),
				 errhint("SELECT * FROM gray_check('%s');", release->name)));
}

Datum
gray_check(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	Findings	findings = {0};
	ListCell   *cell;

	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 0);
	check_release(call.release, &findings);
	foreach(cell, findings.problems)
	{
		Problem    *problem = lfirst(cell);
		char	   *values[] = {problem->is_error ? "error" : "warning", problem->object,
								problem->problem, problem->hint};

		rows_put(fcinfo, values);
	}
	call_end(&call);
	return (Datum) 0;
}
