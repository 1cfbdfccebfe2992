/*
 * merge_altered.c: what comes home for pairs of columns that are others than at the migration
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "merge_altered.h"
#include "relation.h"
#include "stay.h"
#include "twin_sql.h"

static bool
has_arrived(const Altered *altered, const TwinColumn *column)
{
	return !stay_had_column(altered, SIDE_PRODUCTION, column->attnum[SIDE_PRODUCTION]);
}

static bool
has_arrived_in_gray(const Altered *altered, const TwinColumn *column)
{
	return !stay_had_column(altered, SIDE_GRAY, column->attnum[SIDE_GRAY]);
}

static void
append_arrived(StringInfo sql, const Twin *twin, const TwinColumn *column, const char *merged)
{
	appendStringInfoString(sql, "CASE");
	if (relation_column_is_not_null(twin->relation[SIDE_PRODUCTION],
									column->attnum[SIDE_PRODUCTION]))
		appendStringInfo(sql, " WHEN g.%s IS NULL THEN p.%s", column->name[SIDE_GRAY],
						 column->name[SIDE_PRODUCTION]);
	appendStringInfoString(sql, " WHEN ");
	twin_sql_is_silent(sql, twin, SIDE_PRODUCTION, column);
	appendStringInfoString(sql, " THEN ");
	twin_sql_value(sql, column, SIDE_GRAY);
	if (twin_column_is_verbatim(column) && column->down == NULL && !column->generated[SIDE_GRAY])
	{
		appendStringInfoString(sql, " WHEN ");
		twin_sql_is_silent(sql, twin, SIDE_GRAY, column);
		appendStringInfo(sql, " THEN p.%s", column->name[SIDE_PRODUCTION]);
	}
	appendStringInfo(sql, " ELSE %s END", merged);
}

static bool
is_cast(const Twin *twin, const TwinColumn *column)
{
	return column->down == NULL && !twin_column_is_verbatim(column) &&
		   twin_sql_is_data(twin, column);
}

void
merge_altered_value(StringInfo sql, const Altered *altered, const Twin *twin,
					const TwinColumn *column)
{
	StringInfoData merged;
	StringInfoData stays;

	initStringInfo(&merged);
	initStringInfo(&stays);
	twin_sql_merged(&merged, twin, column);
	if (has_arrived(altered, column))
	{
		append_arrived(sql, twin, column, merged.data);
		return;
	}
	if (has_arrived_in_gray(altered, column) && !column->generated[SIDE_GRAY])
		twin_sql_is_silent(&stays, twin, SIDE_GRAY, column);
	else if (is_cast(twin, column))
		twin_sql_leads_back(&stays, column);
	if (stays.len == 0)
		appendStringInfoString(sql, merged.data);
	else
		appendStringInfo(sql, "CASE WHEN %s THEN p.%s ELSE %s END", stays.data,
						 column->name[SIDE_PRODUCTION], merged.data);
}

/* Append a condition: p has not this value.  What is of two types can't be compared bit for bit. */
static void
append_is_other(StringInfo sql, const TwinColumn *column, const char *value)
{
	appendStringInfo(sql, "pg_catalog.record_image_ne(ROW(p.%s), ROW(CAST(%s AS %s)))",
					 column->name[SIDE_PRODUCTION], value,
					 format_type_extended(column->type[SIDE_PRODUCTION], -1,
										  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

void
merge_altered_differs(StringInfo sql, const Altered *altered, const Twin *twin)
{
	appendStringInfoChar(sql, '(');
	twin_sql_differs(sql, twin);
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];
		StringInfoData	  value;

		if (!has_arrived(altered, column) || !twin_sql_comes_home(twin, column))
			continue;
		initStringInfo(&value);
		twin_sql_value(&value, column, SIDE_GRAY);
		appendStringInfoString(sql, " OR ");
		append_is_other(sql, column, value.data);
	}
	appendStringInfoChar(sql, ')');
}

void
merge_altered_new_pairs(StringInfo assignments, StringInfo differs, const Altered *altered,
						const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];
		StringInfoData	  value;

		if (!stay_is_new_pair(altered, column) || column->always ||
			!twin_sql_comes_home(twin, column))
			continue;
		initStringInfo(&value);
		merge_altered_value(&value, altered, twin, column);
		appendStringInfo(assignments, "%s%s = %s", assignments->len == 0 ? "" : ", ",
						 column->name[SIDE_PRODUCTION], value.data);
		appendStringInfoString(differs, differs->len == 0 ? "" : " OR ");
		append_is_other(differs, column, value.data);
	}
}
