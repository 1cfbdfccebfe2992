/*
 * owner_query.c: reading the uid at the end of an owner path
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "owner_query.h"
#include "twin_sql.h"

static char *
qualified(const Twin *twin, const char *column)
{
	return psprintf("t%d.%s", twin->position, column);
}

/* The uid, from the first table above. */
static void
append_select(StringInfo sql, const Twin *parent, Side side)
{
	const Twin *last = parent;

	while (last->uid_column == NULL)
		last = last->parent;
	appendStringInfo(sql, "SELECT %s FROM %s t%d", qualified(last, last->uid_column->name[side]),
					 parent->table[side], parent->position);
}

static void
append_join(StringInfo sql, const Twin *twin, Side side)
{
	const Twin *parent = twin->parent;

	appendStringInfo(sql, " JOIN %s t%d ON true", parent->table[side], parent->position);
	for (int i = 0; i < twin->path_count; i++)
	{
		const TwinColumn *from = twin->path_columns[i];
		const TwinColumn *to = twin->parent_columns[i];

		appendStringInfoString(sql, " AND ");
		twin_sql_equal(sql, qualified(parent, to->name[side]), to->type[side],
					   qualified(twin, from->name[side]), from->type[side]);
	}
}

char *
owner_query(const Twin *twin, Side side)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_select(&sql, twin->parent, side);
	for (const Twin *next = twin->parent; next->uid_column == NULL; next = next->parent)
		append_join(&sql, next, side);
	for (int i = 0; i < twin->path_count; i++)
	{
		const TwinColumn *to = twin->parent_columns[i];

		appendStringInfoString(&sql, i == 0 ? " WHERE " : " AND ");
		twin_sql_equal(&sql, qualified(twin->parent, to->name[side]), to->type[side],
					   psprintf("$%d", i + 1), twin->path_columns[i]->type[side]);
	}
	return sql.data;
}
