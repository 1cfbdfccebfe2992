/*
 * copy.c: a user's rows, from one side's table into the other's
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "copy.h"
#include "move.h"
#include "quiet.h"
#include "twin_sql.h"

void
copy_rows(Move *move, const Twin *twin, Side from, const char *condition)
{
	const char	  *alias = from == SIDE_PRODUCTION ? "p" : "g";
	Side		   to = from == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
	StringInfoData names;
	StringInfoData values;
	StringInfoData sql;

	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (column->generated[to])
			continue;
		appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", column->name[to]);
		appendStringInfoString(&values, values.len == 0 ? "" : ", ");
		twin_sql_value(&values, column, from);
	}

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s %s WHERE ",
					 twin->table[to], names.data, values.data, twin->table[from], alias);
	twin_sql_owned(&sql, twin, from, alias);
	if (condition != NULL)
		appendStringInfo(&sql, " AND %s", condition);
	move->row_count += quiet_run(sql.data, &move->args, move->set, twin, to);
}
