/*
 * twin_sql.c: the conditions and expressions that every statement on a pair
 * of twins is made of
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "twin_sql.h"

/* Alias of the row of a side in statements that read both. */
static const char *const side_alias[] = {"p", "g"};

const char *
twin_sql_alias(Side side)
{
	return side_alias[side];
}

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
	if (column->up == NULL && column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY] &&
		column->typmod[SIDE_PRODUCTION] == column->typmod[SIDE_GRAY])
		appendStringInfo(sql, "p.%s", column->name[SIDE_PRODUCTION]);
	else
		appendStringInfo(sql, "CAST(%s AS %s)",
						 column->up != NULL ? column->up : psprintf("p.%s", column->name[SIDE_PRODUCTION]),
						 format_type_extended(column->type[SIDE_GRAY], column->typmod[SIDE_GRAY],
											  FORMAT_TYPE_TYPEMOD_GIVEN |
												  FORMAT_TYPE_FORCE_QUALIFY));
}

void
twin_sql_value(StringInfo sql, const TwinColumn *column, Side from)
{
	Side		to = from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;
	const char *mapped = from == SIDE_GRAY ? column->down : column->up;

	if (mapped == NULL && column->type[from] == column->type[to])
		appendStringInfo(sql, "%s.%s", side_alias[from], column->name[from]);
	else
		appendStringInfo(sql, "CAST(%s AS %s)",
						 mapped != NULL ? mapped
										: psprintf("%s.%s", side_alias[from], column->name[from]),
						 format_type_extended(getBaseType(column->type[to]), -1,
											  FORMAT_TYPE_TYPEMOD_GIVEN |
												  FORMAT_TYPE_FORCE_QUALIFY));
}

/*
 * A key is a plain column on both sides, of types that may differ.  PostgreSQL can
 * use the index of either side where the types' family has an operator for the two.
 */
static void
append_same_column(StringInfo sql, const TwinColumn *column, const char *production)
{
	Oid	  left = getBaseType(column->type[SIDE_GRAY]);
	Oid	  right = getBaseType(column->type[SIDE_PRODUCTION]);
	Oid	  family = lookup_type_cache(left, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	Oid	  equal = get_opfamily_member(family, left, right, BTEqualStrategyNumber);
	char *g = psprintf("g.%s", column->name[SIDE_GRAY]);
	char *p = psprintf("%s.%s", production, column->name[SIDE_PRODUCTION]);

	if (left == right)
		twin_sql_equal(sql, g, column->type[SIDE_GRAY], p, column->type[SIDE_PRODUCTION]);
	else if (OidIsValid(equal))
		generate_operator_clause(sql, g, left, equal, p, right);
	else
		appendStringInfo(sql, "%s = CAST(%s AS %s)", g, p,
						 format_type_extended(column->type[SIDE_GRAY], column->typmod[SIDE_GRAY],
											  FORMAT_TYPE_TYPEMOD_GIVEN |
												  FORMAT_TYPE_FORCE_QUALIFY));
}

void
twin_sql_same_key_as(StringInfo sql, const Twin *twin, const char *production)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		append_same_column(sql, twin->key_columns[i], production);
	}
}

void
twin_sql_same_key(StringInfo sql, const Twin *twin)
{
	twin_sql_same_key_as(sql, twin, side_alias[SIDE_PRODUCTION]);
}

void
twin_sql_without_twin(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, "NOT EXISTS (SELECT 1 FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " AND ");
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	appendStringInfoChar(sql, ')');
}

/* The uid itself is equal by the owner condition, and never written (design §8). */
bool
twin_sql_comes_home(const Twin *twin, const TwinColumn *column)
{
	return column != twin->uid_column && !column->generated[SIDE_PRODUCTION] &&
		   !column->generated[SIDE_GRAY];
}

/*
 * Append the value of a `down` expression for the gray row as it was when it came from
 * p: a subquery whose g has what p becomes, and for the rest what the gray row has.
 */
static void
append_down_of_base(StringInfo sql, const Twin *twin, const char *down)
{
	const char *separator = "";

	appendStringInfo(sql, "(SELECT %s FROM (SELECT ", down);
	for (int i = 0; i < twin->column_count; i++)
	{
		appendStringInfoString(sql, separator);
		twin_sql_up(sql, &twin->columns[i]);
		appendStringInfo(sql, " AS %s", twin->columns[i].name[SIDE_GRAY]);
		separator = ", ";
	}
	for (int i = 0; i < twin->lone_count[SIDE_GRAY]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_GRAY][i];

		appendStringInfo(sql, "%s%s AS %s", separator,
						 column->expression != NULL && !column->generated
							 ? column->expression
							 : psprintf("g.%s", column->name),
						 column->name);
		separator = ", ";
	}
	appendStringInfoString(sql, ") g)");
}

/* Append: `down` gives another value for g than for what p became. */
static void
append_down_differs(StringInfo sql, const Twin *twin, const char *down)
{
	appendStringInfo(sql, "pg_catalog.record_image_ne(ROW(%s), ROW(", down);
	append_down_of_base(sql, twin, down);
	appendStringInfoString(sql, "))");
}

void
twin_sql_lone(StringInfo sql, const LoneColumn *column)
{
	appendStringInfo(sql, "CAST(%s AS %s)", column->expression,
					 format_type_extended(getBaseType(column->type), -1,
										  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

void
twin_sql_merged_lone(StringInfo sql, const Twin *twin, const LoneColumn *column)
{
	appendStringInfoString(sql, "CASE WHEN ");
	append_down_differs(sql, twin, column->expression);
	appendStringInfoString(sql, " THEN ");
	twin_sql_lone(sql, column);
	appendStringInfo(sql, " ELSE p.%s END", column->name);
}

/* Append: gray no longer holds what p's column became; with `down`, as far as it can tell. */
static void
append_column_differs(StringInfo sql, const Twin *twin, const TwinColumn *column)
{
	if (column->down != NULL)
	{
		append_down_differs(sql, twin, column->down);
		return;
	}
	appendStringInfoString(sql, "pg_catalog.record_image_ne(ROW(");
	twin_sql_up(sql, column);
	appendStringInfo(sql, "), ROW(g.%s))", column->name[SIDE_GRAY]);
}

void
twin_sql_merged(StringInfo sql, const Twin *twin, const TwinColumn *column)
{
	if (twin_column_is_verbatim(column) && column->down == NULL)
	{
		twin_sql_value(sql, column, SIDE_GRAY);
		return;
	}
	appendStringInfoString(sql, "CASE WHEN ");
	append_column_differs(sql, twin, column);
	appendStringInfoString(sql, " THEN ");
	twin_sql_value(sql, column, SIDE_GRAY);
	appendStringInfo(sql, " ELSE p.%s END", column->name[SIDE_PRODUCTION]);
}

void
twin_sql_differs(StringInfo sql, const Twin *twin)
{
	StringInfoData ups;
	StringInfoData grays;
	StringInfoData downs;

	initStringInfo(&ups);
	initStringInfo(&grays);
	initStringInfo(&downs);
	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (!twin_sql_comes_home(twin, column))
			continue;
		if (column->down != NULL)
		{
			appendStringInfoString(&downs, " OR ");
			append_down_differs(&downs, twin, column->down);
			continue;
		}
		appendStringInfoString(&ups, ups.len == 0 ? "" : ", ");
		twin_sql_up(&ups, column);
		appendStringInfo(&grays, "%sg.%s", grays.len == 0 ? "" : ", ", column->name[SIDE_GRAY]);
	}
	for (int i = 0; i < twin->lone_count[SIDE_PRODUCTION]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_PRODUCTION][i];

		if (column->expression == NULL)
			continue;
		appendStringInfoString(&downs, " OR ");
		append_down_differs(&downs, twin, column->expression);
	}
	if (ups.len == 0)
		appendStringInfo(sql, "(false%s)", downs.data);
	else
		appendStringInfo(sql, "(pg_catalog.record_image_ne(ROW(%s), ROW(%s))%s)", ups.data,
						 grays.data, downs.data);
}
