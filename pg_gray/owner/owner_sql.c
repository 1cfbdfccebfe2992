/*
 * owner_sql.c: makes the SQL that leads from the rows of a twin's table to their user
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "owner/owner_sql.h"
#include "postgres/sql_text.h"

int
owner_sql_columns(const Twin *twin, const Column ***columns)
{
	*columns = palloc(sizeof(Column *) * Max(twin->path_count, 1));
	if (twin->uid_column != NULL)
	{
		(*columns)[0] = twin->uid_column;
		return 1;
	}
	for (int i = 0; i < twin->path_count; i++)
		(*columns)[i] = twin->path_columns[i];
	return twin->path_count;
}

char *
owner_sql_join(StringInfo sql, const Twin *twin, Side side, const char *alias, const char *join)
{
	char *parent;

	if (twin->uid_column != NULL)
		return psprintf("%s.%s", alias, twin->uid_column->name[side]);
	parent = psprintf("%s_%d", alias, twin->parent->position);
	appendStringInfo(sql, " %s %s %s ON ", join, twin->parent->table[side], parent);
	for (int i = 0; i < twin->path_count; i++)
	{
		const Column *from = twin->path_columns[i];
		const Column *to = twin->parent_columns[i];

		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		sql_text_equal(sql, psprintf("%s.%s", parent, to->name[side]), to->type[side],
					   psprintf("%s.%s", alias, from->name[side]), from->type[side]);
	}
	return owner_sql_join(sql, twin->parent, side, parent, join);
}

void
owner_sql_leads(StringInfo sql, const Twin *twin, Side side, const char *alias)
{
	const Column **columns;
	int			   count = owner_sql_columns(twin, &columns);

	for (int i = 0; i < count; i++)
		appendStringInfo(sql, "%s%s.%s IS NOT NULL", i == 0 ? "" : " AND ", alias,
						 columns[i]->name[side]);
}
