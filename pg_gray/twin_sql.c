/*
 * twin_sql.c: the conditions and expressions that every statement on a pair
 * of twins is made of
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "twin_sql.h"

/* Alias of the row of a side in statements that read both. */
static const char *const side_alias[] = {"p", "g"};

void
twin_sql_equal(StringInfo sql, const char *left, unsigned int left_type, const char *right,
			   unsigned int right_type)
{
	Oid base = getBaseType(left_type);
	Oid operator= InvalidOid;

	if (base == getBaseType(right_type))
		operator= lookup_type_cache(base, TYPECACHE_EQ_OPR)->eq_opr;
	if (OidIsValid(operator))
		generate_operator_clause(sql, left, left_type, operator, right, right_type);
	else
		appendStringInfo(sql, "%s = %s", left, right);
}

/*
 * By owner path: EXISTS over the parent, which asks the same of its parent
 * until there is a uid column.  The planner makes joins of it.
 */
void
twin_sql_owned(StringInfo sql, const Twin *twin, Side side, const char *alias)
{
	char *parent_alias;

	if (twin->uid_column != NULL)
	{
		appendStringInfo(sql, "%s.%s = $1", alias, twin->uid_column->name[side]);
		return;
	}

	parent_alias = psprintf("%s_%d", alias, twin->parent->position);
	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s %s WHERE ", twin->parent->table[side],
					 parent_alias);
	for (int i = 0; i < twin->path_count; i++)
	{
		TwinColumn *from = twin->path_columns[i];
		TwinColumn *to = twin->parent_columns[i];

		twin_sql_equal(sql, psprintf("%s.%s", parent_alias, to->name[side]), to->type[side],
					   psprintf("%s.%s", alias, from->name[side]), from->type[side]);
		appendStringInfoString(sql, " AND ");
	}
	twin_sql_owned(sql, twin->parent, side, parent_alias);
	appendStringInfoChar(sql, ')');
}

void
twin_sql_up(StringInfo sql, const TwinColumn *column)
{
	if (column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY] &&
		column->typmod[SIDE_PRODUCTION] == column->typmod[SIDE_GRAY])
		appendStringInfo(sql, "p.%s", column->name[SIDE_PRODUCTION]);
	else
		appendStringInfo(sql, "CAST(p.%s AS %s)", column->name[SIDE_PRODUCTION],
						 format_type_extended(column->type[SIDE_GRAY], column->typmod[SIDE_GRAY],
											  FORMAT_TYPE_TYPEMOD_GIVEN |
												  FORMAT_TYPE_FORCE_QUALIFY));
}

void
twin_sql_value(StringInfo sql, const TwinColumn *column, Side from)
{
	Side to = from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;

	if (column->type[from] == column->type[to])
		appendStringInfo(sql, "%s.%s", side_alias[from], column->name[from]);
	else
		appendStringInfo(sql, "CAST(%s.%s AS %s)", side_alias[from], column->name[from],
						 format_type_extended(column->type[to], -1,
											  FORMAT_TYPE_TYPEMOD_GIVEN |
												  FORMAT_TYPE_FORCE_QUALIFY));
}

void
twin_sql_same_key(StringInfo sql, const Twin *twin)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		TwinColumn	  *column = twin->key_columns[i];
		StringInfoData up;

		initStringInfo(&up);
		twin_sql_up(&up, column);
		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		twin_sql_equal(sql, psprintf("g.%s", column->name[SIDE_GRAY]), column->type[SIDE_GRAY],
					   up.data, column->type[SIDE_GRAY]);
	}
}

/* The uid itself is equal by the owner condition, and never written (design §8). */
bool
twin_sql_comes_home(const Twin *twin, const TwinColumn *column)
{
	return column != twin->uid_column && !column->generated[SIDE_PRODUCTION] &&
		   !column->generated[SIDE_GRAY];
}

void
twin_sql_differs(StringInfo sql, const Twin *twin)
{
	StringInfoData ups;
	StringInfoData grays;

	initStringInfo(&ups);
	initStringInfo(&grays);
	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (!twin_sql_comes_home(twin, column))
			continue;
		appendStringInfoString(&ups, ups.len == 0 ? "" : ", ");
		twin_sql_up(&ups, column);
		appendStringInfo(&grays, "%sg.%s", grays.len == 0 ? "" : ", ", column->name[SIDE_GRAY]);
	}
	if (ups.len == 0)
		appendStringInfoString(sql, "false");
	else
		appendStringInfo(sql, "pg_catalog.record_image_ne(ROW(%s), ROW(%s))", ups.data, grays.data);
}
