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
#include "utils/typcache.h"

#include "postgres/sql_text.h"
#include "release/twin_sql.h"

/* Alias of the row of a side in statements that read both. */
static const char *const side_alias[] = {"p", "g"};

/* True when $1 is an array of uids, whose users count as one user. */
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
		const Column *from = twin->path_columns[i];
		const Column *to = twin->parent_columns[i];
		char		 *above = psprintf("%s.%s", parent, to->name[side]);

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
twin_sql_default(StringInfo sql, const Column *column, Side side)
{
	sql_text_cast(sql, column_default(column, side), column->type[side], column->typmod[side]);
}

void
twin_sql_up(StringInfo sql, const Column *column)
{
	const char *value = column->map[SIDE_GRAY];

	if (value == NULL && !column_on(column, SIDE_PRODUCTION))
	{
		twin_sql_default(sql, column, SIDE_GRAY);
		return;
	}
	if (value == NULL)
		value = psprintf("p.%s", column->name[SIDE_PRODUCTION]);
	if (column->map[SIDE_GRAY] == NULL &&
		column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY] &&
		column->typmod[SIDE_PRODUCTION] == column->typmod[SIDE_GRAY])
		appendStringInfoString(sql, value);
	else
		sql_text_cast(sql, value, column->type[SIDE_GRAY], column->typmod[SIDE_GRAY]);
}

void
twin_sql_value(StringInfo sql, const Column *column, Side from)
{
	Side		to = from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;
	const char *value = column->map[to];

	if (value == NULL && !column_on(column, from))
	{
		twin_sql_default(sql, column, to);
		return;
	}
	if (value == NULL)
		value = psprintf("%s.%s", side_alias[from], column->name[from]);
	if (column->map[to] == NULL && column->type[from] == column->type[to])
		appendStringInfoString(sql, value);
	else
		sql_text_cast(sql, value, getBaseType(column->type[to]), -1);
}

void
twin_sql_is_silent(StringInfo sql, const Column *column, Side side)
{
	char *value = psprintf("%s.%s", side_alias[side], column->name[side]);

	appendStringInfo(sql, "(%s IS NULL", value);
	if (!column_default_varies(column, side))
	{
		appendStringInfo(sql, " OR pg_catalog.record_image_eq(ROW(%s), ROW(", value);
		twin_sql_default(sql, column, side);
		appendStringInfoString(sql, "))");
	}
	appendStringInfoChar(sql, ')');
}

/* Append g's value as production would have it, cut to the length of production's column. */
static void
append_home(StringInfo sql, const Column *column)
{
	StringInfoData value;

	initStringInfo(&value);
	twin_sql_value(&value, column, SIDE_GRAY);
	sql_text_cast(sql, value.data, column->type[SIDE_PRODUCTION], column->typmod[SIDE_PRODUCTION]);
}

void
twin_sql_leads_back(StringInfo sql, const Column *column)
{
	appendStringInfoString(sql, "pg_catalog.record_image_eq(ROW(");
	append_home(sql, column);
	appendStringInfo(sql, "), ROW(p.%s))", column->name[SIDE_PRODUCTION]);
}

void
twin_sql_there_and_back(StringInfo sql, const Column *column)
{
	StringInfoData home;

	initStringInfo(&home);
	append_home(&home, column);
	sql_text_cast(sql, home.data, column->type[SIDE_GRAY], column->typmod[SIDE_GRAY]);
}

void
twin_sql_cast_home(StringInfo sql, const Column *column, const char *expression)
{
	if (column->type[SIDE_GRAY] == column->type[SIDE_PRODUCTION])
		appendStringInfoString(sql, expression);
	else
		sql_text_cast(sql, expression, getBaseType(column->type[SIDE_PRODUCTION]), -1);
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
		const Column  *column = twin->key_columns[i];
		StringInfoData part;

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
 * A column of the key is a plain column on both sides, of types that may differ.  PostgreSQL can
 * use the index of either side where the types' operator family has an operator for the two.
 */
static void
append_same_column(StringInfo sql, const Column *column, const char *production)
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
twin_sql_comes_home(const Twin *twin, const Column *column)
{
	return column_on(column, SIDE_PRODUCTION) &&
		   (column_on(column, SIDE_GRAY) || column->map[SIDE_PRODUCTION] != NULL) &&
		   (column != twin->uid_column || together) && !column->generated[SIDE_PRODUCTION];
}

bool
twin_sql_is_data(const Twin *twin, const Column *column)
{
	return twin_sql_comes_home(twin, column) && !column->generated[SIDE_GRAY];
}
