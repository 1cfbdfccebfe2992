/*
 * column.c: describes a column of a pair of tables, which one or both tables have
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_attribute.h"
#include "nodes/pg_list.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "release/column.h"

/*
 * VACUUM keeps the xmin of a row that it freezes.  So a very old xmin may look young; then the
 * caller compares values needlessly.
 */
uint64_t
column_full_xid(unsigned int xid)
{
	uint64 next = U64FromFullTransactionId(ReadNextFullTransactionId());

	return TransactionIdIsNormal(xid) ? next - (uint32) ((TransactionId) next - xid) : 0;
}

/*
 * True when the column may have been marked only along with a column before it.  ALTER TYPE of a
 * column also marks the columns behind it (since 15.20): their catalog rows have the same
 * transaction, and no later command of this transaction.
 */
static bool
is_marked_along(Oid relation, HeapTuple tuple, AttrNumber attnum)
{
	HeapTuple before =
		SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum - 1));
	bool along;

	if (!HeapTupleIsValid(before))
		return false;
	along = HeapTupleHeaderGetRawXmin(before->t_data) == HeapTupleHeaderGetRawXmin(tuple->t_data) &&
			HeapTupleHeaderGetRawCommandId(before->t_data) >=
				HeapTupleHeaderGetRawCommandId(tuple->t_data);
	if (!along && ((Form_pg_attribute) GETSTRUCT(before))->attisdropped)
		along = is_marked_along(relation, tuple, attnum - 1);
	ReleaseSysCache(before);
	return along;
}

bool
column_load(Column *column, Side side, unsigned int relation, int attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	Form_pg_attribute attribute;
	bool			  live;

	if (!HeapTupleIsValid(tuple))
		return false;
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	live = !attribute->attisdropped;
	column->relation[side] = relation;
	column->attnum[side] = attnum;
	column->name[side] = pstrdup(quote_identifier(NameStr(attribute->attname)));
	column->type[side] = attribute->atttypid;
	column->typmod[side] = attribute->atttypmod;
	column->collation[side] = attribute->attcollation;
	column->generated[side] = attribute->attgenerated != '\0';
	column->altered[side] = column_full_xid(HeapTupleHeaderGetRawXmin(tuple->t_data));
	column->along[side] = is_marked_along(relation, tuple, attnum);
	if (side == SIDE_PRODUCTION)
		column->always = attribute->attidentity == ATTRIBUTE_IDENTITY_ALWAYS;
	ReleaseSysCache(tuple);
	return live;
}

bool
column_on(const Column *column, Side side)
{
	return column->attnum[side] != InvalidAttrNumber;
}

bool
column_is_pair(const Column *column)
{
	return column_on(column, SIDE_PRODUCTION) && column_on(column, SIDE_GRAY);
}

bool
column_is_lone(const Column *column, Side side)
{
	return column_on(column, side) && !column_is_pair(column);
}

Side
column_side(const Column *column)
{
	return column_on(column, SIDE_GRAY) ? SIDE_GRAY : SIDE_PRODUCTION;
}

bool
column_is_verbatim(const Column *column)
{
	return column_is_pair(column) && column->map[SIDE_GRAY] == NULL &&
		   column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY] &&
		   column->typmod[SIDE_PRODUCTION] == column->typmod[SIDE_GRAY] &&
		   !column->generated[SIDE_GRAY];
}

char *
column_default(const Column *column, Side side)
{
	Relation relation = table_open(column->relation[side], AccessShareLock);
	Node	*expression = build_column_default(relation, column->attnum[side]);
	List	*context =
		deparse_context_for(RelationGetRelationName(relation), RelationGetRelid(relation));
	char *text =
		expression == NULL ? "NULL" : deparse_expression(expression, context, false, false);

	table_close(relation, NoLock);
	return text;
}

bool
column_default_varies(const Column *column, Side side)
{
	Relation relation = table_open(column->relation[side], AccessShareLock);
	bool varies = contain_mutable_functions(build_column_default(relation, column->attnum[side]));

	table_close(relation, NoLock);
	return varies;
}
