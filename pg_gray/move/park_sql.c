/*
 * park_sql.c: makes the SQL of statements on own tables and their parked tables
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "move/park_sql.h"
#include "move/reference.h"
#include "postgres/partition.h"
#include "postgres/sql_text.h"
#include "release/own_load.h"
#include "release/twin_sql.h"

/*
 * Columns
 */

void
park_sql_parked_columns(StringInfo sql, const Twin *own, const char *prefix)
{
	for (int i = 0; i < own->column_count; i++)
	{
		if (own->columns[i].parked != NULL)
			appendStringInfo(sql, ", %s%s", prefix, own->columns[i].parked);
	}
}

void
park_sql_as_parked(StringInfo sql, const Twin *own, const char *alias)
{
	for (int i = 0; i < own->column_count; i++)
	{
		const Column *column = &own->columns[i];

		if (column->parked != NULL)
			appendStringInfo(sql, ", %s AS %s",
							 own_value_to_park(column,
											   psprintf("%s.%s", alias, column->name[SIDE_GRAY])),
							 column->parked);
	}
}

void
park_sql_values(StringInfo sql, const Twin *own, bool named)
{
	bool first = true;

	for (int i = 0; i < own->column_count; i++)
	{
		const Column *column = &own->columns[i];

		if (column->parked == NULL)
			continue;
		appendStringInfoString(sql, first ? "" : ", ");
		own_parked_value(sql, column, psprintf("k.%s", column->parked));
		if (named)
			appendStringInfo(sql, " AS %s", column->name[SIDE_GRAY]);
		first = false;
	}
}

void
park_sql_gray_columns(StringInfo sql, const Twin *own)
{
	bool first = true;

	for (int i = 0; i < own->column_count; i++)
	{
		if (own->columns[i].parked == NULL)
			continue;
		appendStringInfo(sql, "%s%s", first ? "" : ", ", own->columns[i].name[SIDE_GRAY]);
		first = false;
	}
}

/*
 * References
 */

/* Return a column of an own table, by its number in the table or in one of its partitions. */
static const Column *
own_column(const Twin *own, Oid relation, AttrNumber attnum)
{
	return twin_column(own, SIDE_GRAY, partition_attnum(own->relation[SIDE_GRAY], relation, attnum));
}

const char *
park_sql_referring(const Reference *reference, int i)
{
	const ForeignKeyCacheInfo *key = reference->key;

	return own_column(reference->twin, key->conrelid, key->conkey[i])->parked;
}

void
park_sql_refers_at_all(StringInfo sql, const Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;

	for (int i = 0; i < key->nkeys; i++)
		appendStringInfo(sql, " AND %s IS NOT NULL",
						 reference_sql_parked_column((ReferenceRow){"k", reference->twin},
													 key->conrelid, key->conkey[i]));
}

void
park_sql_refers_home(StringInfo sql, const Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;
	const Twin				  *parent = reference->parent;

	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s p WHERE ", parent->table[SIDE_PRODUCTION]);
	for (int i = 0; i < key->nkeys; i++)
	{
		const Column  *column = twin_pair(parent, SIDE_GRAY,
										  partition_attnum(parent->relation[SIDE_GRAY],
														   key->confrelid, key->confkey[i]));
		StringInfoData value;

		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		if (column == NULL)
		{
			appendStringInfoString(sql, "true");
			continue;
		}
		initStringInfo(&value);
		twin_sql_value(&value, column, SIDE_PRODUCTION);
		sql_text_equal(sql, value.data, column->type[SIDE_GRAY],
					   reference_sql_parked_column((ReferenceRow){"k", reference->twin},
												   key->conrelid, key->conkey[i]),
					   get_atttype(key->conrelid, key->conkey[i]));
	}
	appendStringInfoChar(sql, ')');
}
