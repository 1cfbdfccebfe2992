/*
 * migrate.c: the rows of one user, from production to gray
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "integrity.h"
#include "move.h"
#include "quiet.h"
#include "twin_sql.h"

/* Identity values are moved as they are; generated columns are computed anew. */
static void
copy_rows(Move *move, const Twin *twin)
{
	StringInfoData names;
	StringInfoData values;
	StringInfoData sql;

	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (column->generated[SIDE_GRAY])
			continue;
		appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", column->name[SIDE_GRAY]);
		appendStringInfoString(&values, values.len == 0 ? "" : ", ");
		twin_sql_value(&values, column, SIDE_PRODUCTION);
	}

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s p WHERE ",
					 twin->table[SIDE_GRAY], names.data, values.data,
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	move->row_count += quiet_run(sql.data, &move->args, move->set, twin, SIDE_GRAY);
}

void
migrate_rows(Move *move)
{
	TwinSet    *set = move->set;

	move->steps = 2 * set->count;
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "copy");
		copy_rows(move, &set->twins[i]);
	}
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "check");
		integrity_check_references(set, &set->twins[i], SIDE_GRAY, &move->args);
	}
}
