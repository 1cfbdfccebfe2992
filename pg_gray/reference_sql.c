/*
 * reference_sql.c: the conditions and words that statements on foreign keys are
 * made of
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "partition.h"
#include "query.h"
#include "reference_sql.h"
#include "twin_sql.h"

static char *
column_of(const char *alias, Oid relation, AttrNumber attnum)
{
	return psprintf("%s.%s", alias, quote_identifier(get_attname(relation, attnum, false)));
}

static Oid
collation_of(Oid relation, AttrNumber attnum)
{
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	get_atttypetypmodcoll(relation, attnum, &type, &typmod, &collation);
	return collation;
}

/* As PostgreSQL does, compare in the collation of the column that is referred to. */
static char *
referring_column(const ForeignKeyCacheInfo *key, int i, const char *alias)
{
	return twin_sql_collated(column_of(alias, key->conrelid, key->conkey[i]),
							 collation_of(key->conrelid, key->conkey[i]),
							 collation_of(key->confrelid, key->confkey[i]));
}

void
reference_sql_refers(StringInfo sql, const ForeignKeyCacheInfo *key, const char *from,
					 const char *to)
{
	for (int i = 0; i < key->nkeys; i++)
	{
		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		generate_operator_clause(sql, column_of(to, key->confrelid, key->confkey[i]),
								 get_atttype(key->confrelid, key->confkey[i]), key->conpfeqop[i],
								 referring_column(key, i, from),
								 get_atttype(key->conrelid, key->conkey[i]));
	}
}

void
reference_sql_columns(StringInfo sql, const ForeignKeyCacheInfo *key, const char *alias,
					  const char *separator, const char *suffix)
{
	for (int i = 0; i < key->nkeys; i++)
		appendStringInfo(sql, "%s%s%s", i == 0 ? "" : separator,
						 column_of(alias, key->conrelid, key->conkey[i]), suffix);
}

/* A column that gray does not have is not known to come back. */
void
reference_sql_comes_back(StringInfo sql, const Twin *twin, const ForeignKeyCacheInfo *key)
{
	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	for (int i = 0; i < key->nkeys; i++)
	{
		const TwinColumn *column = twin_column(twin, SIDE_PRODUCTION,
											   partition_attnum(twin->relation[SIDE_PRODUCTION],
																key->confrelid, key->confkey[i]));
		StringInfoData	  value;

		appendStringInfoString(sql, " AND ");
		if (column == NULL)
		{
			appendStringInfoString(sql, "false");
			continue;
		}
		initStringInfo(&value);
		twin_sql_value(&value, column, SIDE_GRAY);
		twin_sql_equal(sql,
					   twin_sql_collated(value.data, column->collation[SIDE_GRAY],
										 column->collation[SIDE_PRODUCTION]),
					   column->type[SIDE_PRODUCTION],
					   psprintf("p.%s", column->name[SIDE_PRODUCTION]),
					   column->type[SIDE_PRODUCTION]);
	}
	appendStringInfoChar(sql, ')');
}

char *
reference_sql_key(const ForeignKeyCacheInfo *key)
{
	StringInfoData names;
	StringInfoData values;

	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < key->nkeys; i++)
	{
		char *value = query_text(0, i + 1);

		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ",
						 get_attname(key->conrelid, key->conkey[i], false));
		appendStringInfo(&values, "%s%s", i == 0 ? "" : ", ", value == NULL ? "null" : value);
	}
	return psprintf("(%s)=(%s)", names.data, values.data);
}

int
reference_sql_error(const ForeignKeyCacheInfo *key)
{
	err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(key->conrelid)));
	err_generic_string(PG_DIAG_TABLE_NAME, get_rel_name(key->conrelid));
	err_generic_string(PG_DIAG_CONSTRAINT_NAME, get_constraint_name(key->conoid));
	return 0;
}
