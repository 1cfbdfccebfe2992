/*
 * content.c: what a row holds, as one value, to be compared without a key
 *
 * Of each pair its value in gray.  Where production's value is made by a `down`, that value
 * instead: for g by g, for p by the gray row that p became.  There is no g to be asked about
 * columns that gray alone has and that no `up` fills; there they have their defaults, and
 * null where that is another each time.
 */
#include "postgres.h"

#include "access/table.h"
#include "lib/stringinfo.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "catalog.h"
#include "content.h"
#include "stay.h"
#include "twin_sql.h"

static void
append_cast(StringInfo sql, const char *expression, const LoneColumn *column)
{
	appendStringInfo(sql, "CAST(%s AS %s)", expression,
					 format_type_extended(column->type, column->typmod,
										  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

/* Append the value of a generated column over row g. */
static void
append_generated(StringInfo sql, const Twin *twin, const LoneColumn *column)
{
	Relation table = table_open(twin->relation[SIDE_GRAY], AccessShareLock);
	Node	*expression = build_column_default(table, column->attnum);
	List	*context = deparse_context_for("g", RelationGetRelid(table));

	append_cast(sql, deparse_expression(expression, context, true, false), column);
	table_close(table, NoLock);
}

/* Append: , value AS name for each column that gray alone has and that is, or is not, generated. */
static void
append_lone(StringInfo sql, const Twin *twin, bool generated)
{
	for (int i = 0; i < twin->lone_count[SIDE_GRAY]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_GRAY][i];

		if (column->generated != generated)
			continue;
		appendStringInfoString(sql, ", ");
		if (generated)
			append_generated(sql, twin, column);
		else if (column->expression == NULL && column->volatile_default)
			append_cast(sql, "NULL", column);
		else
			twin_sql_lone_up(sql, twin, column);
		appendStringInfo(sql, " AS %s", column->name);
	}
}

/* Append a `down` over the gray row that p became; generated columns read the others. */
static void
append_down_of_base(StringInfo sql, const Twin *twin, const char *down)
{
	appendStringInfo(sql, "(SELECT %s FROM (SELECT g.*", down);
	append_lone(sql, twin, true);
	appendStringInfoString(sql, " FROM (SELECT ");
	for (int i = 0; i < twin->column_count; i++)
	{
		appendStringInfoString(sql, i == 0 ? "" : ", ");
		twin_sql_up(sql, &twin->columns[i]);
		appendStringInfo(sql, " AS %s", twin->columns[i].name[SIDE_GRAY]);
	}
	append_lone(sql, twin, false);
	appendStringInfoString(sql, ") g) g)");
}

static void
append_down(StringInfo sql, const Twin *twin, Side side, const char *down)
{
	appendStringInfoString(sql, sql->len == 0 ? "" : ", ");
	if (side == SIDE_GRAY)
		appendStringInfo(sql, "(%s)", down);
	else
		append_down_of_base(sql, twin, down);
}

static bool
is_recast(const Altered *altered, const TwinColumn *column)
{
	return altered != NULL && column->up == NULL && !twin_column_is_verbatim(column) &&
		   (stay_is_altered(altered->stay, column, SIDE_PRODUCTION) ||
			stay_is_altered(altered->stay, column, SIDE_GRAY));
}

static void
append_gray_value(StringInfo sql, const TwinColumn *column, const Altered *altered)
{
	if (is_recast(altered, column))
		twin_sql_there_and_back(sql, column);
	else
		appendStringInfo(sql, "g.%s", column->name[SIDE_GRAY]);
}

static void
append_pair(StringInfo sql, const Twin *twin, Side side, const TwinColumn *column,
			const Altered *altered)
{
	if (column->down != NULL)
	{
		append_down(sql, twin, side, column->down);
		return;
	}
	appendStringInfoString(sql, sql->len == 0 ? "" : ", ");
	if (side == SIDE_GRAY)
		append_gray_value(sql, column, altered);
	else
		twin_sql_up(sql, column);
}

static bool
is_compared(const Twin *twin, const TwinColumn *column, const Altered *altered)
{
	return twin_sql_is_data(twin, column) &&
		   (altered == NULL || !stay_is_new_pair(altered, column));
}

void
content_append(StringInfo sql, const Twin *twin, Side side, const Altered *altered)
{
	StringInfoData values;

	initStringInfo(&values);
	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_compared(twin, &twin->columns[i], altered))
			append_pair(&values, twin, side, &twin->columns[i], altered);
	}
	for (int i = 0; i < twin->lone_count[SIDE_PRODUCTION]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_PRODUCTION][i];

		if (column->expression != NULL)
			append_down(&values, twin, side, column->expression);
	}
	appendStringInfo(sql, CATALOG_SCHEMA ".row_image(ROW(%s))", values.data);
}
