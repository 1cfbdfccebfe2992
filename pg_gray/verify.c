/*
 * verify.c: comparing a user's rows on both sides
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"

#include "call.h"
#include "mapping.h"
#include "query.h"
#include "release.h"
#include "rows.h"
#include "twin_sql.h"
#include "uid.h"

PG_FUNCTION_INFO_V1(gray_verify);

/* The rows of one side, in a subquery with that side's alias. */
static void
append_rows(StringInfo sql, const Twin *twin, Side side, const char *alias)
{
	appendStringInfo(sql, "(SELECT * FROM %s %s WHERE ", twin->table[side], alias);
	twin_sql_owned(sql, twin, side, alias);
	appendStringInfo(sql, ") %s", alias);
}

static char *
compare_query(const Twin *twin)
{
	StringInfoData sql;
	const char	  *p_key;
	const char	  *g_key;

	if (twin->key_count == 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table %s has no unique, not-null key to compare rows by",
							   twin->table[SIDE_PRODUCTION]),
						errhint("Give it a primary key.")));
	p_key = psprintf("p.%s", twin->key_columns[0]->name[SIDE_PRODUCTION]);
	g_key = psprintf("g.%s", twin->key_columns[0]->name[SIDE_GRAY]);

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT count(%s)::text, count(%s)::text,"
					 " count(*) FILTER (WHERE %s IS NULL OR %s IS NULL OR ",
					 p_key, g_key, p_key, g_key);
	twin_sql_differs(&sql, twin);
	appendStringInfoString(&sql, ")::text FROM ");
	append_rows(&sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(&sql, " FULL JOIN ");
	append_rows(&sql, twin, SIDE_GRAY, "g");
	appendStringInfoString(&sql, " ON ");
	twin_sql_same_key(&sql, twin);
	return sql.data;
}

Datum
gray_verify(PG_FUNCTION_ARGS)
{
	UserCall   call;
	RoleSwitch before;
	TwinSet	  *set;
	QueryArgs  args = {0};

	rows_begin(fcinfo);
	call_begin_user(&call, fcinfo);
	set = twin_load_all(call.release);
	query_arg(&args, call.uid->type, call.uid->value);
	mapping_qualify_all(set);
	role_become(&before, twin_owner_role(set));
	role_pin_formats(call.release->time_zone);
	for (int i = 0; i < set->count; i++)
	{
		char *values[4];

		query_run(compare_query(&set->twins[i]), &args);
		values[0] = set->twins[i].table[SIDE_PRODUCTION];
		for (int column = 1; column <= 3; column++)
			values[column] = query_text(0, column);
		rows_put(fcinfo, values);
	}
	role_return(&before);
	call_end_user(&call);
	return (Datum) 0;
}
