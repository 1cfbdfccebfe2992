/*
 * check_duplicate.c: finds rows of one side that would conflict with each other on the other side
 *
 * The check takes each unique index and exclusion constraint that the rows' own side does not
 * enforce, and looks for conflicts among the values that the rows would have after a move.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/index.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "check/check_count.h"
#include "check/check_duplicate.h"
#include "move/failed_row.h"
#include "owner/owner_sql.h"
#include "postgres/definition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/twin_sql.h"
#include "unique/unique_index.h"

/* Columns of the query that are not columns of the table. */
#define KEY "\"pg_gray: key\""
#define TABLE "\"pg_gray: table\""
#define PLACE "\"pg_gray: place\""

/* An index of one side that rows of the other side would have to satisfy. */
typedef struct Fit
{
	const Twin *twin;
	Side		from;
	Side		to;
	Relation	index;
	IndexInfo  *info;
	char	   *columns; /* values of the columns that the index reads, over row p or g */
} Fit;

/*
 * Does the rows' own side enforce the same rule already?
 */

static const Column *
same_value(const Fit *fit, AttrNumber attnum)
{
	const Column *column = attnum > 0 ? twin_pair(fit->twin, fit->to, attnum) : NULL;

	if (column == NULL || !column_is_verbatim(column) ||
		(fit->to == SIDE_PRODUCTION && column->map[SIDE_PRODUCTION] != NULL) ||
		column->generated[SIDE_PRODUCTION] != column->generated[SIDE_GRAY])
		return NULL;
	return column;
}

/*
 * True when the i-th column of the other index is among our keys, and our index tells at least as
 * many values apart.
 */
static bool
is_among_keys(const Fit *fit, Relation other, const IndexInfo *info, int i)
{
	for (int j = 0; j < fit->info->ii_NumIndexKeyAttrs; j++)
	{
		const Column *column = same_value(fit, fit->info->ii_IndexAttrNumbers[j]);
		Oid			  collation = fit->index->rd_indcollation[j];

		if (column != NULL && column->attnum[fit->from] == info->ii_IndexAttrNumbers[i])
			return !OidIsValid(collation) || collation == other->rd_indcollation[i] ||
				   get_collation_isdeterministic(collation);
	}
	return false;
}

static bool
has_subset(const Fit *fit, Relation other, const IndexInfo *info)
{
	if (!info->ii_Unique || info->ii_Predicate != NIL || info->ii_Expressions != NIL ||
		(fit->info->ii_NullsNotDistinct && !info->ii_NullsNotDistinct))
		return false;
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		if (!is_among_keys(fit, other, info, i))
			return false;
	}
	return true;
}

static bool
reads_same_values(const Fit *fit)
{
	Bitmapset *columns = unique_index_columns(fit->info);
	int		   attnum = -1;

	while ((attnum = bms_next_member(columns, attnum)) >= 0)
	{
		if (same_value(fit, attnum) == NULL)
			return false;
	}
	return true;
}

/* The predicate of an open index as text; null: it has none. */
static char *
predicate_of(Relation index)
{
	bool  is_null;
	Datum predicate =
		SysCacheGetAttr(INDEXRELID, index->rd_indextuple, Anum_pg_index_indpred, &is_null);

	if (is_null)
		return NULL;
	return TextDatumGetCString(
		DirectFunctionCall2(pg_get_expr, predicate, ObjectIdGetDatum(index->rd_index->indrelid)));
}

static bool
has_same_predicate(const Fit *fit, Relation other)
{
	char *left = predicate_of(fit->index);
	char *right = predicate_of(other);

	if (left == NULL || right == NULL)
		return left == right;
	return strcmp(left, right) == 0;
}

static bool
has_same_operators(const Fit *fit, const IndexInfo *info)
{
	const Oid *left = fit->info->ii_ExclusionOps;
	const Oid *right = info->ii_ExclusionOps;

	if (left == NULL || right == NULL)
		return left == right;
	return memcmp(left, right, sizeof(Oid) * info->ii_NumIndexKeyAttrs) == 0;
}

/* True when both indexes have the same columns by name, and the same expressions. */
static bool
has_same_keys(const Fit *fit, Relation other, const IndexInfo *info)
{
	if (fit->info->ii_Expressions != NIL || info->ii_Expressions != NIL)
		return strcmp(pg_get_indexdef_columns(RelationGetRelid(fit->index), false),
					  pg_get_indexdef_columns(RelationGetRelid(other), false)) == 0;
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		AttrNumber left = fit->info->ii_IndexAttrNumbers[i];
		AttrNumber right = info->ii_IndexAttrNumbers[i];

		if (strcmp(get_attname(fit->index->rd_index->indrelid, left, false),
				   get_attname(other->rd_index->indrelid, right, false)) != 0)
			return false;
	}
	return true;
}

/* True when both indexes have the same definition, apart from the names of index and table. */
static bool
has_same_text(const Fit *fit, Relation other, const IndexInfo *info)
{
	int keys = fit->info->ii_NumIndexKeyAttrs;

	return keys == info->ii_NumIndexKeyAttrs &&
		   fit->index->rd_index->indisunique == other->rd_index->indisunique &&
		   fit->index->rd_index->indnullsnotdistinct == other->rd_index->indnullsnotdistinct &&
		   memcmp(fit->index->rd_indcollation, other->rd_indcollation, sizeof(Oid) * keys) == 0 &&
		   has_same_operators(fit, info) && reads_same_values(fit) &&
		   has_same_keys(fit, other, info) && has_same_predicate(fit, other);
}

static bool
is_enforced_by(const Fit *fit, Relation other)
{
	IndexInfo *info = definition_index_info(other);

	return (fit->info->ii_ExclusionOps == NULL && has_subset(fit, other, info)) ||
		   has_same_text(fit, other, info);
}

static bool
is_kept_already(const Fit *fit)
{
	Relation  table = table_open(fit->twin->relation[fit->from], AccessShareLock);
	bool	  kept = false;
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		Relation other = index_open(lfirst_oid(cell), AccessShareLock);

		kept = other->rd_index->indisvalid && is_enforced_by(fit, other);
		index_close(other, NoLock);
		if (kept)
			break;
	}
	table_close(table, NoLock);
	return kept;
}

/*
 * Values
 */

static char *
cast_to(const char *value, Oid type, int32 typmod)
{
	return psprintf("CAST(%s AS %s)", value,
					format_type_extended(type, typmod,
										 FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

static char *
computed_value(const Fit *fit, const Column *column)
{
	StringInfoData value;

	initStringInfo(&value);
	if (fit->to == SIDE_GRAY)
		twin_sql_up(&value, column);
	else
		twin_sql_value(&value, column, SIDE_GRAY);
	return fit->to == SIDE_GRAY
			   ? value.data
			   : cast_to(value.data, column->type[fit->to], column->typmod[fit->to]);
}

/* The value that a row would have in this column of the index; null: the value is not known. */
static char *
value_of(const Fit *fit, AttrNumber attnum)
{
	const Column *column = twin_column(fit->twin, fit->to, attnum);

	if (column == NULL || (column->generated[fit->to] && same_value(fit, attnum) == NULL) ||
		(column->map[fit->to] == NULL && column->varies))
		return NULL;
	return computed_value(fit, column);
}

/* Load fit->columns; false when the value of a column is not known. */
static bool
load_columns(Fit *fit)
{
	const char	  *alias = twin_sql_alias(fit->from);
	Bitmapset	  *used = unique_index_columns(fit->info);
	StringInfoData columns;
	int			   attnum = -1;

	initStringInfo(&columns);
	while ((attnum = bms_next_member(used, attnum)) >= 0)
	{
		char *value = attnum == 0 ? NULL : value_of(fit, attnum);

		if (value == NULL)
			return false;
		appendStringInfo(&columns, "%s AS %s, ", value,
						 quote_identifier(get_attname(fit->twin->relation[fit->to], attnum, false)));
	}
	failed_row_append_key(&columns, fit->twin, fit->from, alias);
	appendStringInfo(&columns, " AS " KEY ", %1$s.tableoid AS " TABLE ", %1$s.ctid AS " PLACE,
					 alias);
	fit->columns = columns.data;
	return true;
}

/* The i-th key of row `alias`, which has the columns of the index's side; sets *type. */
static char *
key_text(const Fit *fit, int i, const char *alias, Oid *type)
{
	Oid		   relation = fit->twin->relation[fit->to];
	AttrNumber attnum = fit->info->ii_IndexAttrNumbers[i];
	Oid		   collation = fit->index->rd_indcollation[i];
	int		   expression = 0;
	char	  *text;

	if (attnum != 0)
	{
		text = psprintf("%s.%s", alias, quote_identifier(get_attname(relation, attnum, false)));
		*type = get_atttype(relation, attnum);
	}
	else
	{
		Node *node;

		for (int j = 0; j < i; j++)
			expression += fit->info->ii_IndexAttrNumbers[j] == 0;
		node = list_nth(fit->info->ii_Expressions, expression);
		text = psprintf("(%s)", deparse_expression(node, deparse_context_for(alias, relation), true,
												   false));
		*type = exprType(node);
	}
	if (OidIsValid(collation))
		text = psprintf("(%s COLLATE %s)", text, generate_collation_name(collation));
	return text;
}

static char *
predicate_text(const Fit *fit, const char *alias)
{
	if (fit->info->ii_Predicate == NIL)
		return "true";
	return deparse_expression((Node *) make_ands_explicit(fit->info->ii_Predicate),
							  deparse_context_for(alias, fit->twin->relation[fit->to]), true,
							  false);
}

/*
 * Counting
 */

/* Append the condition that a row leads to a user: rows of nobody do not move. */
static void
append_moved(StringInfo sql, const Fit *fit)
{
	appendStringInfoString(sql, " WHERE ");
	owner_sql_leads(sql, fit->twin, fit->from, twin_sql_alias(fit->from));
}

static RowCount
count_equal(const Fit *fit, Counting *counting)
{
	StringInfoData rest;
	StringInfoData keys;
	CountQuery	   query = {.relation = fit->twin->relation[fit->from],
							.alias = twin_sql_alias(fit->from)};

	initStringInfo(&rest);
	initStringInfo(&keys);
	append_moved(&rest, fit);
	appendStringInfo(&rest, ") AS a WHERE %s", predicate_text(fit, "a"));
	for (int i = 0; i < fit->info->ii_NumIndexKeyAttrs; i++)
	{
		Oid	  type;
		char *key = key_text(fit, i, "a", &type);

		appendStringInfo(&keys, "%s%s", i == 0 ? "" : ", ", key);
		if (!fit->info->ii_NullsNotDistinct)
			appendStringInfo(&rest, " AND %s IS NOT NULL", key);
	}
	appendStringInfo(&rest, " GROUP BY %s HAVING count(*) > 1) AS equals", keys.data);
	query.rest = rest.data;
	query.head = psprintf("SELECT coalesce(sum(n), 0)::pg_catalog.int8, NULL, min(" KEY ") FROM"
						  " (SELECT count(*) AS n, min(" KEY ") AS " KEY " FROM (SELECT %s",
						  fit->columns);
	return check_count(counting, &query);
}

static RowCount
count_excluded(const Fit *fit, Counting *counting)
{
	const char	  *alias = twin_sql_alias(fit->from);
	StringInfoData rest;
	CountQuery	   query = {.relation = fit->twin->relation[fit->from], .alias = alias};

	initStringInfo(&rest);
	append_moved(&rest, fit);
	appendStringInfo(&rest, ") AS a WHERE %s AND EXISTS (SELECT 1 FROM (SELECT %s FROM %s %s",
					 predicate_text(fit, "a"), fit->columns, fit->twin->table[fit->from], alias);
	append_moved(&rest, fit);
	appendStringInfo(&rest, ") AS b WHERE %s", predicate_text(fit, "b"));
	appendStringInfoString(&rest, " AND (a." TABLE " <> b." TABLE " OR a." PLACE " <> b." PLACE ")");
	for (int i = 0; i < fit->info->ii_NumIndexKeyAttrs; i++)
	{
		Oid	  type;
		char *left = key_text(fit, i, "a", &type);
		char *right = key_text(fit, i, "b", &type);

		appendStringInfoString(&rest, " AND ");
		generate_operator_clause(&rest, left, type, fit->info->ii_ExclusionOps[i], right, type);
	}
	appendStringInfoChar(&rest, ')');
	query.rest = rest.data;
	query.head = psprintf("SELECT count(*), NULL, min(a." KEY ") FROM (SELECT %s", fit->columns);
	return check_count(counting, &query);
}

static void
add_finding(const Fit *fit, const RowCount *count, Findings *findings)
{
	char *name = relation_name(RelationGetRelid(fit->index));
	bool  excluded = fit->info->ii_ExclusionOps != NULL;
	Oid	  constraint = get_index_constraint(RelationGetRelid(fit->index));
	char *drop = OidIsValid(constraint)
					 ? psprintf("ALTER TABLE %s DROP CONSTRAINT %s;", fit->twin->table[fit->to],
								quote_identifier(get_constraint_name(constraint)))
					 : psprintf("DROP INDEX %s;", name);

	finding_add(findings, false, name,
				psprintf("%s of %s can't be in %s together by this %s%s%s", check_count_rows(count),
						 fit->twin->table[fit->from], fit->twin->table[fit->to],
						 excluded ? "exclusion constraint" : "unique index",
						 count->example == NULL ? "" : ", such as ",
						 count->example == NULL ? "" : count->example),
				fit->to == SIDE_GRAY ? psprintf("Mend them; or %s", drop)
									 : psprintf("Mend them in %s.", fit->twin->table[SIDE_GRAY]));
}

static void
check_index(Fit *fit, Counting *counting, Findings *findings)
{
	RowCount count;

	fit->info = definition_index_info(fit->index);
	if (is_kept_already(fit) || !load_columns(fit))
		return;
	count = fit->info->ii_ExclusionOps != NULL ? count_excluded(fit, counting)
											   : count_equal(fit, counting);
	if (check_count_any(&count))
		add_finding(fit, &count, findings);
}

static void
check_way(const Twin *twin, Side from, Side to, Counting *counting, Findings *findings)
{
	Relation  table = table_open(twin->relation[to], AccessShareLock);
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		Fit fit = {.twin = twin, .from = from, .to = to};

		fit.index = index_open(lfirst_oid(cell), AccessShareLock);
		if (fit.index->rd_index->indisvalid &&
			(fit.index->rd_index->indisunique || fit.index->rd_index->indisexclusion))
			check_index(&fit, counting, findings);
		index_close(fit.index, NoLock);
	}
	table_close(table, NoLock);
}

void
check_duplicates(const TwinSet *set, Counting *counting, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		check_way(&set->twins[i], SIDE_PRODUCTION, SIDE_GRAY, counting, findings);
		check_way(&set->twins[i], SIDE_GRAY, SIDE_PRODUCTION, counting, findings);
	}
}
