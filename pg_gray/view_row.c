/*
 * view_row.c: views that hand whole rows to functions
 */
#include "postgres.h"

#include "access/relation.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "release.h"
#include "view_row.h"

typedef struct Search
{
	const ViewPlan *plan;
	Oid				function; /* found; 0: not yet */
	Oid				relation; /* whose rows it takes */
} Search;

/*
 * The relation with a twin whose row type the function asks for and this is a row of, as it
 * is printed: a whole row, or what is cast to a type of that name.  Or 0.
 */
static Oid
row_of(const ViewPlan *plan, const Node *argument, Oid declared)
{
	bool is_named = IsA(argument, Const) || IsA(argument, RowExpr) ||
					(IsA(argument, Var) && ((const Var *) argument)->varattno == 0);
	Oid relation = is_named ? get_typ_typrelid(declared) : InvalidOid;

	if (!OidIsValid(relation) || exprType(argument) != declared)
		return InvalidOid;
	return view_has_twin(plan, relation) ? relation : InvalidOid;
}

static bool
search_call(Node *node, void *context)
{
	Search *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, search_call, context, 0);
	if (IsA(node, FuncExpr))
	{
		const FuncExpr *call = (const FuncExpr *) node;
		int				count;
		Oid			   *declared;
		ListCell	   *cell;

		(void) get_func_signature(call->funcid, &declared, &count);
		foreach(cell, call->args)
		{
			int place = foreach_current_index(cell);

			if (place >= count)
				break;
			search->relation = row_of(search->plan, lfirst(cell), declared[place]);
			search->function = call->funcid;
			if (OidIsValid(search->relation))
				return true;
		}
	}
	return expression_tree_walker(node, search_call, context);
}

char *
view_row_call(const ViewPlan *plan, unsigned int view)
{
	Relation relation = relation_open(view, AccessShareLock);
	Search	 search = {.plan = plan};
	bool	 found = search_call((Node *) get_view_query(relation), &search);

	relation_close(relation, NoLock);
	if (!found)
		return NULL;
	return psprintf("%s(%s)",
					quote_qualified_identifier(get_namespace_name(
												   get_func_namespace(search.function)),
											   get_func_name(search.function)),
					quote_qualified_identifier(plan->release->gray_schema,
											   get_rel_name(search.relation)));
}
