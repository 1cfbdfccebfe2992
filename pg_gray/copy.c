/*
 * copy.c: a user's rows, from one side's table into the other's
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "copy.h"
#include "move.h"
#include "partition.h"
#include "partition_copy.h"
#include "quiet.h"
#include "twin_sql.h"

static void
append_names(StringInfo names, const Twin *twin, Side to)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (!column->generated[to])
			appendStringInfo(names, "%s%s", names->len == 0 ? "" : ", ", column->name[to]);
	}
}

/* The values; if `named`, each under the name that it has where it goes. */
static void
append_values(StringInfo values, const Twin *twin, Side from, bool named)
{
	Side to = from == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;

	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (column->generated[to])
			continue;
		appendStringInfoString(values, values->len == 0 ? "" : ", ");
		twin_sql_value(values, column, from);
		if (named)
			appendStringInfo(values, " AS %s", column->name[to]);
	}
}

void
copy_rows(Move *move, const Twin *twin, Side from, const char *condition)
{
	const char	  *alias = from == SIDE_PRODUCTION ? "p" : "g";
	Side		   to = from == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
	bool		   partitioned = partition_is_parent(twin->relation[to]);
	StringInfoData names;
	StringInfoData values;
	StringInfoData source;

	initStringInfo(&names);
	append_names(&names, twin, to);
	initStringInfo(&values);
	append_values(&values, twin, from, partitioned);
	initStringInfo(&source);
	appendStringInfo(&source, " FROM %s %s WHERE ", twin->table[from], alias);
	twin_sql_owned(&source, twin, from, alias);
	if (condition != NULL)
		appendStringInfo(&source, " AND %s", condition);

	if (partitioned)
		partition_copy_rows(move, twin, to, names.data, values.data, source.data);
	else
		move->row_count +=
			quiet_run(psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s%s",
							   twin->table[to], names.data, values.data, source.data),
					  &move->args, move->set, twin, to);
}
