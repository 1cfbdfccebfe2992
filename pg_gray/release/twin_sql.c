/*
 * twin_sql.c: makes the conditions and expressions of statements on a pair of twins
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/typcache.h"

#include "postgres/sql_text.h"
#include "release/twin_lone.h"
#include "release/twin_sql.h"

/* Alias of the row of a side in statements that read both. */
static const char *const side_alias[] = {"p", "g"};

/* $1 is an array, whose users count as one. */
static bool together;

void
twin_sql_set_together(bool wanted)
{
	together = wanted;
}

bool
twin_sql_is_together(void)
{
	return together;
}

const char *
twin_sql_is_user(void)
{
	return together ? "OPERATOR(pg_catalog.=) ANY ($1)" : "OPERATOR(pg_catalog.=) $1";
}

const char *
twin_sql_alias(Side side)
{
	return side_alias[side];
}

void
twin_sql_refers(StringInfo sql, const Twin *twin, Side side, const char *alias, const char *parent)
{
	for (int i = 0; i < twin->path_count; i++)
	{
		const TwinColumn *from = twin->path_columns[i];
		const TwinColumn *to = twin->parent_columns[i];
		char			 *above = psprintf("%s.%s", parent, to->name[side]);

		if (i > 0)
			appendStringInfoString(sql, " AND ");
		/*
		 * The query goes from the user down, by the index of the columns that refer to the parent.
		 */
		above = sql_text_collated(above, to->collation[side], from->collation[side]);
		sql_text_equal(sql, above, to->type[side], psprintf("%s.%s", alias, from->name[side]),
					   from->type[side]);
	}
}

/*
 * With an owner path, the condition is EXISTS over the parent, with the same condition on the
 * parent, until there is a uid column.  The planner makes joins of it.
 */
void
twin_sql_owned_by(StringInfo sql, const Twin *twin, Side side, const char *alias,
				  const char *is_owner)
{
	char *parent_alias;

	if (twin->uid_column != NULL)
	{
		appendStringInfo(sql, "%s.%s %s", alias, twin->uid_column->name[side], is_owner);
		return;
	}

	parent_alias = psprintf("%s_%d", alias, twin->parent->position);
	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s %s WHERE ", twin->parent->table[side],
					 parent_alias);
	twin_sql_refers(sql, twin, side, alias, parent_alias);
	appendStringInfoString(sql, " AND ");
	twin_sql_owned_by(sql, twin->parent, side, parent_alias, is_owner);
	appendStringInfoChar(sql, ')');
}

void
twin_sql_owned(StringInfo sql, const Twin *twin, Side side, const char *alias)
{
	twin_sql_owned_by(sql, twin, side, alias, twin_sql_is_user());
}

void
twin_sql_owner(StringInfo sql, const Twin *twin, Side side, const char *alias)
{
	char *parent_alias;

	if (twin->uid_column != NULL)
	{
		appendStringInfo(sql, "%s.%s", alias, twin->uid_column->name[side]);
		return;
	}
	parent_alias = psprintf("%s_%d", alias, twin->parent->position);
	appendStringInfoString(sql, "(SELECT ");
	twin_sql_owner(sql, twin->parent, side, parent_alias);
	appendStringInfo(sql, " FROM %s %s WHERE ", twin->parent->table[side], parent_alias);
	twin_sql_refers(sql, twin, side, alias, parent_alias);
	appendStringInfoString(sql, " LIMIT 1)");
}

void
twin_sql_up(StringInfo sql, const TwinColumn *column)
{
	if (column->up == NULL && column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY] &&
		column->typmod[SIDE_PRODUCTION] == column->typmod[SIDE_GRAY])
		appendStringInfo(sql, "p.%s", column->name[SIDE_PRODUCTION]);
	else
		appendStringInfo(sql, "CAST(%s AS %s)",
						 column->up != NULL ? column->up
											: psprintf("p.%s", column->name[SIDE_PRODUCTION]),
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

void
twin_sql_lone_default(StringInfo sql, const Twin *twin, Side side, const LoneColumn *column)
{
	sql_text_cast(sql, twin_lone_default(twin, side, column->attnum), column->type, column->typmod);
}

void
twin_sql_default(StringInfo sql, const Twin *twin, Side side, const TwinColumn *column)
{
	sql_text_cast(sql, twin_lone_default(twin, side, column->attnum[side]), column->type[side],
				  column->typmod[side]);
}

void
twin_sql_is_silent(StringInfo sql, const Twin *twin, Side side, const TwinColumn *column)
{
	char *value = psprintf("%s.%s", side_alias[side], column->name[side]);

	appendStringInfo(sql, "(%s IS NULL", value);
	if (!twin_lone_default_varies(twin, side, column->attnum[side]))
	{
		appendStringInfo(sql, " OR pg_catalog.record_image_eq(ROW(%s), ROW(", value);
		twin_sql_default(sql, twin, side, column);
		appendStringInfoString(sql, "))");
	}
	appendStringInfoChar(sql, ')');
}

/* Append g's value as production would have it, cut to the length of production's column. */
static void
append_home(StringInfo sql, const TwinColumn *column)
{
	StringInfoData value;

	initStringInfo(&value);
	twin_sql_value(&value, column, SIDE_GRAY);
	sql_text_cast(sql, value.data, column->type[SIDE_PRODUCTION], column->typmod[SIDE_PRODUCTION]);
}

void
twin_sql_leads_back(StringInfo sql, const TwinColumn *column)
{
	appendStringInfoString(sql, "pg_catalog.record_image_eq(ROW(");
	append_home(sql, column);
	appendStringInfo(sql, "), ROW(p.%s))", column->name[SIDE_PRODUCTION]);
}

void
twin_sql_there_and_back(StringInfo sql, const TwinColumn *column)
{
	StringInfoData home;

	initStringInfo(&home);
	append_home(&home, column);
	sql_text_cast(sql, home.data, column->type[SIDE_GRAY], column->typmod[SIDE_GRAY]);
}

void
twin_sql_cast_home(StringInfo sql, const TwinColumn *column, const char *expression)
{
	if (column->type[SIDE_GRAY] == column->type[SIDE_PRODUCTION])
		appendStringInfoString(sql, expression);
	else
		sql_text_cast(sql, expression, getBaseType(column->type[SIDE_PRODUCTION]), -1);
}

void
twin_sql_lone(StringInfo sql, const LoneColumn *column)
{
	sql_text_cast(sql, column->expression, getBaseType(column->type), -1);
}

void
twin_sql_lone_up(StringInfo sql, const Twin *twin, const LoneColumn *column)
{
	if (column->expression != NULL)
		sql_text_cast(sql, column->expression, column->type, column->typmod);
	else
		twin_sql_lone_default(sql, twin, SIDE_GRAY, column);
}

/*
 * Kept values
 */

void
twin_sql_key(StringInfo sql, const Twin *twin)
{
	appendStringInfoString(sql, "CAST(ARRAY[");
	for (int i = 0; i < twin->key_count; i++)
		appendStringInfo(sql, "%s%s", i == 0 ? "" : ", ",
						 sql_text_text(
							 psprintf("p.%s", twin->key_columns[i]->name[SIDE_PRODUCTION])));
	appendStringInfoString(sql, "] AS pg_catalog.text[])");
}

/* The columns of the key are compared one by one, so that production's index can be used. */
void
twin_sql_has_key(StringInfo sql, const Twin *twin, const char *key)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		const TwinColumn *column = twin->key_columns[i];
		StringInfoData	  part;

		initStringInfo(&part);
		sql_text_from_text(&part, psprintf("(%s)[%d]", key, i + 1), column->type[SIDE_PRODUCTION]);
		sql_text_equal(sql, psprintf("p.%s", column->name[SIDE_PRODUCTION]),
					   column->type[SIDE_PRODUCTION],
					   sql_text_collated(part.data, C_COLLATION_OID,
										 column->collation[SIDE_PRODUCTION]),
					   getBaseType(column->type[SIDE_PRODUCTION]));
		appendStringInfoString(sql, " AND ");
	}
	appendStringInfo(sql, "%s = ", key);
	twin_sql_key(sql, twin);
}

/*
 * Append a condition: the value of g is no longer the value that it had when the row came, which
 * is `up` unless a kept value was put in its place.
 */
static void
append_changed(StringInfo sql, const Twin *twin, int kept_id, const char *up, const char *value)
{
	appendStringInfo(sql, "(pg_catalog.record_image_ne(ROW(%s), ROW(%s))", up, value);
	if (twin->kept_table != NULL && kept_id != 0)
	{
		appendStringInfo(sql,
						 " AND NOT EXISTS (SELECT 1 FROM %s k WHERE k.uid %s AND k.position = %d"
						 " AND k.column_id = %d AND k.value IS NOT DISTINCT FROM %s AND k.key = ",
						 twin->kept_table, twin_sql_is_user(), twin->position, kept_id,
						 sql_text_text(value));
		twin_sql_key(sql, twin);
		appendStringInfoChar(sql, ')');
	}
	appendStringInfoChar(sql, ')');
}

/* Append the value that g had when the row came, where it was not `value`. */
static void
append_came(StringInfo sql, const Twin *twin, int kept_id, const char *up, const char *value)
{
	if (twin->kept_table == NULL || kept_id == 0)
	{
		appendStringInfoString(sql, up);
		return;
	}
	appendStringInfoString(sql, "CASE WHEN ");
	append_changed(sql, twin, kept_id, up, value);
	appendStringInfo(sql, " THEN %s ELSE %s END", up, value);
}

static char *
up_of(const TwinColumn *column)
{
	StringInfoData up;

	initStringInfo(&up);
	twin_sql_up(&up, column);
	return up.data;
}

static char *
lone_up_of(const Twin *twin, const LoneColumn *column)
{
	StringInfoData up;

	initStringInfo(&up);
	twin_sql_lone_up(&up, twin, column);
	return up.data;
}

/*
 * Keys and twins
 */

/*
 * A column of the key is a plain column on both sides, of types that may differ.  PostgreSQL can
 * use the index of either side where the types' operator family has an operator for the two.
 */
static void
append_same_column(StringInfo sql, const TwinColumn *column, const char *production)
{
	Oid	  left = getBaseType(column->type[SIDE_GRAY]);
	Oid	  right = getBaseType(column->type[SIDE_PRODUCTION]);
	Oid	  family = lookup_type_cache(left, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	Oid	  equal = get_opfamily_member(family, left, right, BTEqualStrategyNumber);
	char *p = psprintf("%s.%s", production, column->name[SIDE_PRODUCTION]);
	char *g = psprintf("g.%s", column->name[SIDE_GRAY]);

	g = sql_text_collated(g, column->collation[SIDE_GRAY], column->collation[SIDE_PRODUCTION]);
	if (left == right)
		sql_text_equal(sql, g, column->type[SIDE_GRAY], p, column->type[SIDE_PRODUCTION]);
	else if (OidIsValid(equal))
		sql_text_clause(sql, g, left, equal, p, right);
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

/* The uid of one user is equal by the owner condition, and never written (docs/concepts.md). */
bool
twin_sql_comes_home(const Twin *twin, const TwinColumn *column)
{
	return (column != twin->uid_column || together) && !column->generated[SIDE_PRODUCTION];
}

bool
twin_sql_is_data(const Twin *twin, const TwinColumn *column)
{
	return twin_sql_comes_home(twin, column) && !column->generated[SIDE_GRAY];
}

/*
 * Differences
 */

/* A default that differs each time can't be computed again: the row counts as it is. */
static void
append_lone_came(StringInfo sql, const Twin *twin, const LoneColumn *column)
{
	char *value = psprintf("g.%s", column->name);

	if (column->expression == NULL && column->volatile_default)
		appendStringInfoString(sql, value);
	else
		append_came(sql, twin, column->kept_id, lone_up_of(twin, column), value);
}

static bool
append_separated(StringInfo sql, bool first)
{
	appendStringInfoString(sql, first ? "" : ", ");
	return false;
}

/* Append: SELECT the gray row as it was when it came from p, without generated columns. */
static void
append_written_base(StringInfo sql, const Twin *twin)
{
	bool first = true;

	appendStringInfoString(sql, "SELECT ");
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];

		if (column->generated[SIDE_GRAY])
			continue;
		first = append_separated(sql, first);
		append_came(sql, twin, column->kept_id, up_of(column),
					psprintf("g.%s", column->name[SIDE_GRAY]));
		appendStringInfo(sql, " AS %s", column->name[SIDE_GRAY]);
	}
	for (int i = 0; i < twin->lone_count[SIDE_GRAY]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_GRAY][i];

		if (column->generated)
			continue;
		first = append_separated(sql, first);
		append_lone_came(sql, twin, column);
		appendStringInfo(sql, " AS %s", column->name);
	}
}

static void
append_generated(StringInfo sql, const Twin *twin, int attnum, const char *name)
{
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	get_atttypetypmodcoll(twin->relation[SIDE_GRAY], attnum, &type, &typmod, &collation);
	appendStringInfoString(sql, ", ");
	sql_text_cast(sql, twin_lone_default(twin, SIDE_GRAY, attnum), type, typmod);
	appendStringInfo(sql, " AS %s", name);
}

/*
 * Append the generated columns of that row.  Their expressions name the columns bare: these are
 * the columns of the innermost row.
 */
static void
append_generated_base(StringInfo sql, const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];

		if (column->generated[SIDE_GRAY])
			append_generated(sql, twin, column->attnum[SIDE_GRAY], column->name[SIDE_GRAY]);
	}
	for (int i = 0; i < twin->lone_count[SIDE_GRAY]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_GRAY][i];

		if (column->generated)
			append_generated(sql, twin, column->attnum, column->name);
	}
}

/*
 * Append an expression over the gray row g as it was when it came from p: a subquery with that
 * row.
 */
static void
append_of_base(StringInfo sql, const Twin *twin, const char *expression)
{
	StringInfoData generated;

	initStringInfo(&generated);
	append_generated_base(&generated, twin);
	appendStringInfo(sql, "(SELECT %s FROM (", expression);
	if (generated.len > 0)
		appendStringInfo(sql, "SELECT w.*%s FROM (", generated.data);
	append_written_base(sql, twin);
	if (generated.len > 0)
		appendStringInfoString(sql, ") w");
	appendStringInfoString(sql, ") g)");
}

/*
 * Append a condition: an expression has another value over g than over the gray row that p became.
 */
static void
append_differs_from_base(StringInfo sql, const Twin *twin, const char *expression)
{
	appendStringInfo(sql, "pg_catalog.record_image_ne(ROW(%s), ROW(", expression);
	append_of_base(sql, twin, expression);
	appendStringInfoString(sql, "))");
}

void
twin_sql_merged_lone(StringInfo sql, const Twin *twin, const LoneColumn *column)
{
	appendStringInfoString(sql, "CASE WHEN ");
	append_differs_from_base(sql, twin, column->expression);
	appendStringInfoString(sql, " THEN ");
	twin_sql_lone(sql, column);
	appendStringInfo(sql, " ELSE p.%s END", column->name);
}

/*
 * Append a condition: gray no longer holds the value that p's column became; with `down`, as far
 * as `down` can tell.
 */
static void
append_column_differs(StringInfo sql, const Twin *twin, const TwinColumn *column)
{
	if (column->down != NULL || column->generated[SIDE_GRAY])
	{
		append_differs_from_base(sql, twin,
								 column->down != NULL ? column->down
													  : psprintf("g.%s", column->name[SIDE_GRAY]));
		return;
	}
	append_changed(sql, twin, column->kept_id, up_of(column),
				   psprintf("g.%s", column->name[SIDE_GRAY]));
}

void
twin_sql_as_it_came(StringInfo sql, const Twin *twin, const TwinColumn *column)
{
	char *value = psprintf("g.%s", column->name[SIDE_GRAY]);

	appendStringInfoString(sql, "NOT ");
	if (column->generated[SIDE_GRAY])
		append_differs_from_base(sql, twin, value);
	else
		append_changed(sql, twin, column->kept_id, up_of(column), value);
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
	StringInfoData others;

	initStringInfo(&ups);
	initStringInfo(&grays);
	initStringInfo(&others);
	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (!twin_sql_comes_home(twin, column))
			continue;
		if (column->down != NULL || column->kept_id != 0 || column->generated[SIDE_GRAY])
		{
			appendStringInfoString(&others, " OR ");
			append_column_differs(&others, twin, column);
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
		appendStringInfoString(&others, " OR ");
		append_differs_from_base(&others, twin, column->expression);
	}
	if (ups.len == 0)
		appendStringInfo(sql, "(false%s)", others.data);
	else
		appendStringInfo(sql, "(pg_catalog.record_image_ne(ROW(%s), ROW(%s))%s)", ups.data,
						 grays.data, others.data);
}
