/*
 * expression.c: checks and rewrites SQL that computes a column's value from a row of another table
 *
 * The rules are those of PostgreSQL for ALTER COLUMN TYPE ... USING: no subqueries, no aggregates,
 * no functions that return sets.  Moreover the value must be the same for the same row each time,
 * since the way home compares the present value with the one that the migration gave.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "postgres/expression.h"

/*
 * Parsing.  The text alone is parsed, so it can't close a parenthesis that a
 * statement puts around it.
 */

static void
raise_not_one(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR), errmsg("not one expression"),
			 errhint(
				 "Write what could stand between SELECT and FROM, for one value without a name.")));
}

/*
 * Each statement reads the row under another alias, so no table name in the expression would be
 * right.
 */
static bool
refuse_qualified(Node *node, ParseState *state)
{
	if (node == NULL || IsA(node, SubLink))
		return false;
	if (IsA(node, ColumnRef))
	{
		List *fields = ((ColumnRef *) node)->fields;

		if (list_length(fields) != 1 || IsA(linitial(fields), A_Star))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
					 errmsg("\"%s\" is not the mere name of a column", NameListToString(fields)),
					 errhint(
						 "Write the column without its table, and (column).field for a part of it."),
					 parser_errposition(state, ((ColumnRef *) node)->location)));
		return false;
	}
	return raw_expression_tree_walker(node, refuse_qualified, state);
}

static Node *
parse(const char *text, ParseState *state)
{
	List	   *statements = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *statement = castNode(SelectStmt, linitial_node(RawStmt, statements)->stmt);
	SelectStmt *only_targets = makeNode(SelectStmt);
	ResTarget  *target;

	only_targets->targetList = statement->targetList;
	if (list_length(statement->targetList) != 1 || !equal(statement, only_targets))
		raise_not_one();
	target = linitial_node(ResTarget, statement->targetList);
	if (target->name != NULL)
		raise_not_one();
	(void) refuse_qualified(target->val, state);
	return target->val;
}

/*
 * Parts that an expression may have
 */

static bool
refuse_system_column(Node *node, ParseState *state)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var) && ((Var *) node)->varattno <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
						errmsg("system columns can't be used in a mapping"),
						errhint("They say where a row is, which a move changes."),
						parser_errposition(state, ((Var *) node)->location)));
	return expression_tree_walker(node, refuse_system_column, state);
}

/* Stable functions are allowed, except these, whose value has nothing to do with the row. */
static bool
is_varying_function(Oid function, void *found)
{
	*(Oid *) found = function;
	return func_volatile(function) == PROVOLATILE_VOLATILE || function == F_NOW ||
		   function == F_TRANSACTION_TIMESTAMP || function == F_STATEMENT_TIMESTAMP;
}

/* CURRENT_DATE, CURRENT_USER and the like are SQLValueFunctions. */
static bool
refuse_varying(Node *node, void *context)
{
	Oid function = InvalidOid;

	if (node == NULL)
		return false;
	if (check_functions_in_node(node, is_varying_function, &function))
		ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
						errmsg("the value would not be the same for the same row each time"),
						errdetail("It depends on the function %s.", format_procedure(function)),
						errhint("Give the column a DEFAULT for such values.")));
	if (IsA(node, SQLValueFunction) || IsA(node, NextValueExpr))
		ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
						errmsg("the value would not be the same for the same row each time"),
						errdetail("It depends on the time or on the session."),
						errhint("Give the column a DEFAULT for such values.")));
	return expression_tree_walker(node, refuse_varying, context);
}

/* Check EXECUTE on each function, as the executor does when it begins. */
static void
check_functions(Expr *expression)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "pg_gray expression", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);

	(void) ExecInitExpr(expression, NULL);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
}

static Node *
coerce_to_column(ParseState *state, Node *expression, Oid type, int32 typmod)
{
	Oid	  own_type = exprType(expression);
	Node *coerced = coerce_to_target_type(state, expression, own_type, type, typmod,
										  COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);

	if (coerced == NULL)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("the expression is of type %s, the column of type %s",
							   format_type_be(own_type), format_type_be(type)),
						errhint("Cast it: (expression)::%s", format_type_be(type))));
	return coerced;
}

/* Only the table's columns are visible: a name of the table would be its whole row. */
static Node *
analyze(const char *text, ParseState *state, Relation table)
{
	Node *expression;

	state->p_sourcetext = text;
	expression = parse(text, state);
	addNSItemToQuery(state,
					 addRangeTableEntryForRelation(state, table, AccessShareLock, NULL, false, true),
					 false, false, true);
	return transformExpr(state, expression, EXPR_KIND_ALTER_COL_TRANSFORM);
}

void
expression_check(const char *text, unsigned int relation, unsigned int type, int32_t typmod)
{
	ParseState *state = make_parsestate(NULL);
	Relation	table = table_open(relation, AccessShareLock);
	Node	   *expression = analyze(text, state, table);

	expression = coerce_to_column(state, expression, type, typmod);
	assign_expr_collations(state, expression);
	(void) refuse_system_column(expression, state);

	/*
	 * The planned expression shows the contents of inlined functions and of defaults of their
	 * arguments.
	 */
	expression = (Node *) expression_planner((Expr *) expression);
	(void) refuse_varying(expression, NULL);
	check_functions((Expr *) expression);
	free_parsestate(state);
	table_close(table, NoLock);
}

char *
expression_qualified(const char *text, unsigned int relation, const char *alias)
{
	ParseState *state = make_parsestate(NULL);
	Relation	table = table_open(relation, AccessShareLock);
	Node	   *expression = analyze(text, state, table);
	char	   *qualified;

	assign_expr_collations(state, expression);
	qualified = deparse_expression(expression, deparse_context_for(alias, relation), true, false);
	free_parsestate(state);
	table_close(table, NoLock);
	return qualified;
}

Node *
expression_tree(const char *text, unsigned int relation)
{
	ParseState *state = make_parsestate(NULL);
	Relation	table = table_open(relation, AccessShareLock);
	Node	   *expression = analyze(text, state, table);

	free_parsestate(state);
	table_close(table, NoLock);
	return expression;
}

char *
expression_closed(const char *text)
{
	return psprintf("%s%s", text, strstr(text, "--") != NULL ? "\n" : "");
}
