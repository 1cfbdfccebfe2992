/*
 * merge_altered.c: what comes home for pairs of columns that are others than at the migration
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "merge_altered.h"
#include "move.h"
#include "relation.h"
#include "stay.h"
#include "twin_sql.h"

/* Was the column there when the rows were moved? */
static bool
had(const Move *move, const Twin *twin, const TwinColumn *column, Side side)
{
	return stay_had_column(move->stay, playbook_place(move->playbook, twin), side,
						   column->attnum[side]);
}

static bool
has_arrived(const Move *move, const Twin *twin, const TwinColumn *column)
{
	return !had(move, twin, column, SIDE_PRODUCTION);
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
	appendStringInfo(sql, " ELSE %s END", merged);
}

static bool
is_cast(const Twin *twin, const TwinColumn *column)
{
	return column->down == NULL && !twin_column_is_verbatim(column) &&
		   twin_sql_is_data(twin, column);
}

void
merge_altered_value(StringInfo sql, const Move *move, const Twin *twin, const TwinColumn *column)
{
	StringInfoData merged;
	StringInfoData stays;

	initStringInfo(&merged);
	initStringInfo(&stays);
	twin_sql_merged(&merged, twin, column);
	if (has_arrived(move, twin, column))
	{
		append_arrived(sql, twin, column, merged.data);
		return;
	}
	if (!had(move, twin, column, SIDE_GRAY) && !column->generated[SIDE_GRAY])
		twin_sql_is_silent(&stays, twin, SIDE_GRAY, column);
	else if (is_cast(twin, column))
		twin_sql_leads_back(&stays, column);
	if (stays.len == 0)
		appendStringInfoString(sql, merged.data);
	else
		appendStringInfo(sql, "CASE WHEN %s THEN p.%s ELSE %s END", stays.data,
						 column->name[SIDE_PRODUCTION], merged.data);
}

void
merge_altered_differs(StringInfo sql, const Move *move, const Twin *twin)
{
	appendStringInfoChar(sql, '(');
	twin_sql_differs(sql, twin);
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];

		if (!has_arrived(move, twin, column) || !twin_sql_comes_home(twin, column))
			continue;
		appendStringInfo(sql, " OR pg_catalog.record_image_ne(ROW(p.%s), ROW(",
						 column->name[SIDE_PRODUCTION]);
		twin_sql_value(sql, column, SIDE_GRAY);
		appendStringInfoString(sql, "))");
	}
	appendStringInfoChar(sql, ')');
}
