/*
 * together_value.c: who has in production a unique value that a way home wants
 *
 * The index's keys are formed of p, and of n: the production row that a gray row would become.
 * An exclusion constraint has no keys that could be compared so.
 */
#include "postgres.h"

#include "access/genam.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "owned.h"
#include "partition.h"
#include "together_value.h"
#include "twin_sql.h"

/* The violated index, open; or null. */
static Relation
open_index(const ErrorData *error)
{
	Oid		 schema;
	Oid		 oid;
	Relation index;

	if (error->schema_name == NULL || error->constraint_name == NULL)
		return NULL;
	schema = get_namespace_oid(error->schema_name, true);
	oid = get_relname_relid(error->constraint_name, schema);
	if (!OidIsValid(oid) || get_rel_relkind(oid) != RELKIND_INDEX)
		return NULL;
	index = index_open(oid, AccessShareLock);
	if (index->rd_index->indisunique)
		return index;
	index_close(index, NoLock);
	return NULL;
}

static char *
print(Relation index, Node *expression, const char *alias)
{
	return deparse_expression(expression, deparse_context_for(alias, index->rd_index->indrelid),
							  true, false);
}

static char *
column_of(Relation index, AttrNumber attnum, const char *alias)
{
	return psprintf("%s.%s", alias,
					quote_identifier(get_attname(index->rd_index->indrelid, attnum, false)));
}

/* Append: p and n have the same key. */
static void
append_same_key(StringInfo sql, Relation index)
{
	List	 *expressions = owned_index_expressions(index);
	ListCell *expression = list_head(expressions);

	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		AttrNumber attnum = index->rd_index->indkey.values[i];
		Oid		   type = TupleDescAttr(RelationGetDescr(index), i)->atttypid;
		char	  *p;
		char	  *n;

		if (attnum != 0)
		{
			p = column_of(index, attnum, "p");
			n = column_of(index, attnum, "n");
		}
		else
		{
			p = print(index, lfirst(expression), "p");
			n = print(index, lfirst(expression), "n");
			expression = lnext(expressions, expression);
		}
		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		twin_sql_equal(sql, psprintf("(%s)", p), type, psprintf("(%s)", n), type);
	}
}

static void
append_predicate(StringInfo sql, Relation index)
{
	List *predicate = owned_index_predicate(index);
	Node *all;

	if (predicate == NIL)
		return;
	all = (Node *) make_ands_explicit(predicate);
	appendStringInfo(sql, " AND (%s) AND (%s)", print(index, all, "p"), print(index, all, "n"));
}

/* Append: SELECT what a gray row g has for production's columns. */
static void
append_row(StringInfo sql, const Twin *twin)
{
	appendStringInfoString(sql, "SELECT ");
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];

		appendStringInfoString(sql, i == 0 ? "" : ", ");
		twin_sql_value(sql, column, SIDE_GRAY);
		appendStringInfo(sql, " AS %s", column->name[SIDE_PRODUCTION]);
	}
}

bool
together_value_append(StringInfo sql, const TwinSet *set, const ErrorData *error)
{
	Relation	index = open_index(error);
	const Twin *twin = NULL;

	if (index != NULL)
		twin = twin_find(set, SIDE_PRODUCTION, partition_root(index->rd_index->indrelid));
	if (twin != NULL)
	{
		appendStringInfoString(sql, "SELECT DISTINCT ");
		twin_sql_owner(sql, twin, SIDE_PRODUCTION, "p");
		appendStringInfo(sql, " FROM %s g CROSS JOIN LATERAL (", twin->table[SIDE_GRAY]);
		append_row(sql, twin);
		appendStringInfo(sql, ") n JOIN %s p ON ", twin->table[SIDE_PRODUCTION]);
		append_same_key(sql, index);
		append_predicate(sql, index);
		appendStringInfoString(sql, " WHERE ");
		twin_sql_owned(sql, twin, SIDE_GRAY, "g");
		appendStringInfoString(sql, " AND (");
		twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
		appendStringInfoString(sql, ") IS NOT TRUE");
	}
	if (index != NULL)
		index_close(index, NoLock);
	return twin != NULL;
}
