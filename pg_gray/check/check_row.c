/*
 * check_row.c: the row that a move makes from another row, as expressions
 *
 * The expressions are those of the move's statements, with the casts of an INSERT.  So they raise
 * the errors that the move would raise for the row, and nothing is written.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "check/check_row.h"
#include "release/twin_difference.h"
#include "release/twin_sql.h"

/*
 * Reading
 */

static void
add_row(ParseState *state, Oid relation, const char *alias)
{
	Relation			table = table_open(relation, AccessShareLock);
	ParseNamespaceItem *item = addRangeTableEntryForRelation(state, table, AccessShareLock,
															 makeAlias(alias, NIL), false, false);

	addNSItemToQuery(state, item, false, true, true);
	table_close(table, NoLock);
}

/* The order of the two rows gives them the numbers CHECK_ROW_P and CHECK_ROW_G. */
static ParseState *
make_state(const Twin *twin)
{
	ParseState *state = make_parsestate(NULL);

	add_row(state, twin->relation[SIDE_PRODUCTION], twin_sql_alias(SIDE_PRODUCTION));
	add_row(state, twin->relation[SIDE_GRAY], twin_sql_alias(SIDE_GRAY));
	return state;
}

/*
 * Parse an expression and cast it to a column's type; null: there is no cast, or the expression
 * reads other tables, which only a statement can do.
 */
static Node *
read_value(ParseState *state, const char *text, Oid type, int32 typmod)
{
	List	   *statements = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select = castNode(SelectStmt, linitial_node(RawStmt, statements)->stmt);
	Node	   *value;

	state->p_hasSubLinks = false;
	value = transformExpr(state, linitial_node(ResTarget, select->targetList)->val,
						  EXPR_KIND_SELECT_TARGET);
	if (state->p_hasSubLinks)
		return NULL;
	value = coerce_to_target_type(state, value, exprType(value), type, typmod, COERCION_ASSIGNMENT,
								  COERCE_IMPLICIT_CAST, -1);
	if (value != NULL)
		assign_expr_collations(state, value);
	return value;
}

/*
 * Values
 */

static Node *
variable(const CheckRow *row, Side side, AttrNumber attnum)
{
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	get_atttypetypmodcoll(row->twin->relation[side], attnum, &type, &typmod, &collation);
	return (Node *) makeVar(side == SIDE_PRODUCTION ? CHECK_ROW_P : CHECK_ROW_G, attnum, type,
							typmod, collation, 0);
}

/*
 * On the way home a row with a twin is merged into the twin: a column that gray has not changed
 * keeps production's value.  For a column with a `down`, a change can't be seen here; its value
 * counts as changed.
 */
static void
append_value(StringInfo sql, const CheckRow *row, const Column *column)
{
	Twin twin = *row->twin;

	twin.kept_table = NULL;
	if (row->to == SIDE_PRODUCTION && column_is_pair(column) && twin.key_count > 0 &&
		column->map[SIDE_PRODUCTION] == NULL)
		twin_difference_merged(sql, &twin, column);
	else
		twin_sql_value(sql, column, row->from);
}

/*
 * The value of a column; null: it is not known, since it is generated, or a default that differs
 * each time, such as the next number of a sequence.
 */
static Node *
value_of(const CheckRow *row, const Column *column)
{
	StringInfoData text;

	if (row->from == row->to)
		return variable(row, row->to, column->attnum[row->to]);
	if (column->generated[row->to] || (column->map[row->to] == NULL && column->varies))
		return NULL;
	initStringInfo(&text);
	append_value(&text, row, column);
	return read_value(row->state, text.data, column->type[row->to], column->typmod[row->to]);
}

static void
load_generated(CheckRow *row, Relation table)
{
	TupleDesc descriptor = RelationGetDescr(table);

	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (row->from != row->to && attribute->attgenerated != '\0' && !attribute->attisdropped)
			row->values[i] = check_row_apply(row, build_column_default(table, i + 1));
	}
}

CheckRow *
check_row_load(const Twin *twin, Side from, Side to)
{
	CheckRow *row = palloc0(sizeof(CheckRow));
	Relation  table = table_open(twin->relation[to], AccessShareLock);

	row->twin = twin;
	row->from = from;
	row->to = to;
	row->state = make_state(twin);
	row->count = RelationGetNumberOfAttributes(table);
	row->values = palloc0(sizeof(Node *) * Max(row->count, 1));
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (column_on(column, to))
			row->values[column->attnum[to] - 1] = value_of(row, column);
	}
	load_generated(row, table);
	table_close(table, NoLock);
	return row;
}

/*
 * Using them
 */

static bool
is_known(const CheckRow *row, int attnum)
{
	Relation table;
	bool	 known = true;

	if (attnum != 0)
		return attnum > 0 && row->values[attnum - 1] != NULL;
	table = table_open(row->twin->relation[row->to], AccessShareLock);
	for (int i = 0; i < row->count; i++)
		known = known &&
				(row->values[i] != NULL || TupleDescAttr(RelationGetDescr(table), i)->attisdropped);
	table_close(table, NoLock);
	return known;
}

static RangeTblEntry *
make_entry(Oid relation)
{
	RangeTblEntry *entry = makeNode(RangeTblEntry);

	entry->rtekind = RTE_RELATION;
	entry->relid = relation;
	entry->relkind = get_rel_relkind(relation);
	entry->rellockmode = AccessShareLock;
	entry->eref = makeAlias("row", NIL);
	return entry;
}

Node *
check_row_apply(const CheckRow *row, Node *expression)
{
	Bitmapset *used = NULL;
	List	  *values = NIL;
	int		   i = -1;

	pull_varattnos(expression, 1, &used);
	while ((i = bms_next_member(used, i)) >= 0)
	{
		if (!is_known(row, i + FirstLowInvalidHeapAttributeNumber))
			return NULL;
	}
	for (i = 0; i < row->count; i++)
	{
		if (row->values[i] != NULL)
			values = lappend(values, makeTargetEntry((Expr *) row->values[i], i + 1, NULL, false));
	}
	return ReplaceVarsFromTargetList(expression, 1, 0, make_entry(row->twin->relation[row->to]),
									 values, REPLACEVARS_REPORT_ERROR, 0, NULL);
}

Node *
check_row_home(const CheckRow *row, const Column *column)
{
	StringInfoData text;
	Node		  *value;

	initStringInfo(&text);
	twin_sql_value(&text, column, SIDE_GRAY);
	value = read_value(row->state, text.data, column->type[SIDE_PRODUCTION],
					   column->typmod[SIDE_PRODUCTION]);
	if (value != NULL)
		ChangeVarNodes(value, CHECK_ROW_G, 1, 0);
	return value;
}
