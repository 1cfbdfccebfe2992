/*
 * check_column.c: whether values have a way from each column to its twin
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "check_column.h"
#include "query.h"
#include "release.h"
#include "twin_lone.h"

static Side
other(Side side)
{
	return side == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
}

static char *
column_name(const Twin *twin, Side side, const TwinColumn *column)
{
	return psprintf("%s.%s", twin->table[side], column->name[side]);
}

static bool
is_not_null(const Twin *twin, Side side, const TwinColumn *column)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(twin->relation[side]),
									  Int16GetDatum(column->attnum[side]));
	bool	  not_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for column %s of table %s", column->name[side],
			 twin->table[side]);
	not_null = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
	ReleaseSysCache(tuple);
	return not_null;
}

/* An expression gives the column its value; see check_mapping.c. */
static bool
is_mapped(const TwinColumn *column, Side to)
{
	return (to == SIDE_GRAY ? column->up : column->down) != NULL;
}

/*
 * Columns without a twin
 */

/* Is it a column without a twin, and without an expression? */
static bool
is_left_alone(const Twin *twin, Side side, AttrNumber attnum)
{
	const LoneColumn *lone = twin_lone_column(twin, side, attnum);

	return lone != NULL && lone->expression == NULL;
}

/* A column that must have a value, and has no twin to take it from. */
static void
check_required(const Twin *twin, Side side, AttrNumber attnum, char *name, Findings *findings)
{
	char *column = psprintf("%s.%s", twin->table[side], quote_identifier(name));

	if (!is_left_alone(twin, side, attnum))
		return;
	finding_add(findings, true, column,
				psprintf("not null, without a default, and %s has no twin of it: no value on the way %s",
						 twin->table[other(side)], side == SIDE_PRODUCTION ? "home" : "to gray"),
				psprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT ..., or DROP NOT NULL; or SELECT gray_map(%s, %s, %s => '...');",
						 twin->table[side], quote_identifier(name),
						 quote_literal_cstr(twin->table[SIDE_GRAY]), quote_literal_cstr(name),
						 side == SIDE_GRAY ? "up" : "down"));
}

static void
check_required_columns(const Twin *twin, Side side, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(twin->relation[side]));
	rows =
		query_run("WITH RECURSIVE domain AS ("
				  " SELECT a.attnum, t.typtype, t.typbasetype, t.typnotnull, t.typdefault"
				  " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = $1"
				  " UNION ALL SELECT d.attnum, t.typtype, t.typbasetype, t.typnotnull, t.typdefault"
				  " FROM domain d JOIN pg_type t ON t.oid = d.typbasetype WHERE d.typtype = 'd')"
				  " SELECT attnum, attname FROM pg_attribute a WHERE attrelid = $1 AND attnum > 0"
				  " AND NOT attisdropped AND NOT atthasdef AND attidentity = ''"
				  " AND (attnotnull OR EXISTS (SELECT 1 FROM domain d WHERE d.attnum = a.attnum AND d.typtype = 'd' AND d.typnotnull))"
				  " AND NOT EXISTS (SELECT 1 FROM domain d WHERE d.attnum = a.attnum AND d.typdefault IS NOT NULL)"
				  " ORDER BY attnum",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		check_required(twin, side, query_int(row, 1), query_text(row, 2), findings);
}

/* Columns of one side whose twin was dropped; required ones are errors already. */
static void
check_lost_twins(const Release *release, const Twin *twin, Side side, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg_int(&args, twin->position);
	query_arg(&args, OIDOID, ObjectIdGetDatum(twin->relation[side]));
	query_arg(&args, OIDOID, ObjectIdGetDatum(twin->relation[other(side)]));
	rows =
		query_run(psprintf("SELECT here.attname, here.attnum FROM gray.column_pair c"
						   " JOIN pg_attribute here ON here.attrelid = $3 AND here.attnum = c.%s_attnum"
						   " JOIN pg_attribute there ON there.attrelid = $4 AND there.attnum = c.%s_attnum"
						   " WHERE c.release_id = $1 AND c.position = $2"
						   " AND NOT here.attisdropped AND there.attisdropped"
						   " AND NOT (here.attnotnull AND NOT here.atthasdef AND here.attidentity = '')"
						   " ORDER BY here.attnum",
						   side_name(side), side_name(other(side))),
				  &args);
	for (uint64 row = 0; row < rows; row++)
	{
		if (!is_left_alone(twin, side, query_int(row, 2)))
			continue;
		finding_add(findings, false,
					psprintf("%s.%s", twin->table[side], quote_identifier(query_text(row, 1))),
					psprintf("its twin in %s was dropped: rows made there come here with its default",
							 twin->table[other(side)]),
					"Give it a default that suits such rows.");
	}
}

/*
 * Nulls
 */

/* A twin that was freed from NOT NULL on one side only. */
static void
check_null(const Twin *twin, const TwinColumn *column, Side from, Findings *findings)
{
	Side to = other(from);

	if (!column->generated[to] && !is_mapped(column, to) && !is_not_null(twin, from, column) &&
		is_not_null(twin, to, column))
		finding_add(findings, false, column_name(twin, from, column),
					psprintf("may be null, but its twin in %s may not: a null would be refused on the way %s",
							 twin->table[to], from == SIDE_PRODUCTION ? "to gray" : "home"),
					psprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;", twin->table[from],
							 column->name[from]));
}

static void
check_nulls(const Twin *twin, Findings *findings)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		check_null(twin, &twin->columns[i], SIDE_PRODUCTION, findings);
		check_null(twin, &twin->columns[i], SIDE_GRAY, findings);
	}
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

	if (column->generated[to] || is_mapped(column, to) ||
		can_coerce_type(1, &source, &target, COERCION_ASSIGNMENT))
		return;
	if (can_coerce_type(1, &source, &target, COERCION_EXPLICIT))
		finding_add(findings, false, column_name(twin, from, column),
					psprintf("not every value of type %s is one of type %s: it may not fit on the way %s",
							 format_type_be(source), format_type_be(target), way),
					"Constrain the values with a CHECK constraint.");
	else
		finding_add(findings, true, column_name(twin, from, column),
					psprintf("no cast from %s to %s: no value on the way %s",
							 format_type_be(source), format_type_be(target), way),
					psprintf("SELECT gray_map(%s, %s, %s => '...'), or give both columns one type.",
							 quote_literal_cstr(twin->table[SIDE_GRAY]),
							 quote_literal_cstr(get_attname(twin->relation[SIDE_GRAY],
															column->attnum[SIDE_GRAY], false)),
							 to == SIDE_GRAY ? "up" : "down"));
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

void
check_columns(const Release *release, const Twin *twin, Findings *findings)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		check_required_columns(twin, side, findings);
		check_lost_twins(release, twin, side, findings);
	}
	check_nulls(twin, findings);
	check_types(twin, findings);
}
