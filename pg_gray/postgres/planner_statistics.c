/*
 * planner_statistics.c: sets the planner's assumptions about tables in place of the statistics
 *
 * The planner asks for the size of a table, for the values of a column, and for the number of rows
 * that a join leaves.  A plan for every user and for all time gets the same answers for every
 * table: the table is large, a value of a non-unique column has few rows, and the user has some
 * rows.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "postgres/planner_statistics.h"

/* With this size, reading a whole table costs more than anything else. */
#define TABLE_PAGES 1000000
#define INDEX_PAGES (TABLE_PAGES / 4)
#define INDEX_HEIGHT 3
#define ROWS_PER_PAGE 100

/*
 * For a large user, tables have their real sizes; but with this minimum, no row is searched by
 * reading a whole table.
 */
#define LEAST_PAGES 100

/*
 * The number of rows of a user, and of any other value in a non-unique column.  A scan of the
 * user's rows for each of these rows must look much worse than a look-up for each, also beside the
 * cost of reading a table: the planner treats two costs as equal that differ by less than a
 * hundredth.
 */
#define USER_ROWS 1000.0
#define VALUE_ROWS 10.0

static const PlannerStatistics *assumed; /* null: PostgreSQL's own statistics count */

static get_relation_info_hook_type	previous_relation_info;
static get_relation_stats_hook_type previous_relation_stats;
static get_index_stats_hook_type	previous_index_stats;
static get_attavgwidth_hook_type	previous_width;
static set_join_pathlist_hook_type	previous_join_paths;

const PlannerStatistics *
planner_statistics_now(void)
{
	return assumed;
}

void
planner_statistics_set(const PlannerStatistics *wanted)
{
	assumed = wanted;
}

/*
 * Sizes
 */

static void
believe_index(IndexOptInfo *index, double rows)
{
	index->tuples = rows;
	if (assumed->large != NULL)
		return;
	index->pages = INDEX_PAGES;
	index->tree_height = INDEX_HEIGHT;
}

/*
 * The size of a file, which info has already, is not a statistic.  A LIMIT ends a search that
 * hardly ever finds a row, so the first row may cost as much as all rows.
 */
static void
relation_info(PlannerInfo *root, Oid relation, bool is_parent, RelOptInfo *info)
{
	ListCell *cell;

	if (previous_relation_info)
		previous_relation_info(root, relation, is_parent, info);
	if (assumed == NULL)
		return;
	root->tuple_fraction = 0;
	info->consider_startup = false;
	info->statlist = NIL;
	if (is_parent)
		return;
	info->pages = assumed->large == NULL ? TABLE_PAGES : Max(info->pages, LEAST_PAGES);
	info->tuples = (double) info->pages * ROWS_PER_PAGE;
	info->allvisfrac = 0;
	foreach(cell, info->indexlist)
		believe_index(lfirst(cell), info->tuples);
}

static int32
width(Oid relation, AttrNumber attnum)
{
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	if (assumed == NULL)
		return previous_width ? previous_width(relation, attnum) : 0;
	get_atttypetypmodcoll(relation, attnum, &type, &typmod, &collation);
	return get_typavgwidth(type, typmod);
}

/*
 * Values
 */

/*
 * The kind of values to which a statement restricts a column; the last kind in this list counts.
 * Constants tell partitions and kinds of rows apart, so their rows are not assumed to be few.
 */
typedef enum Restriction
{
	NOT_RESTRICTED,
	TO_RANGE,
	TO_CONSTANTS,
	TO_USER
} Restriction;

static RelOptInfo *
find_relation(const PlannerInfo *root, const RangeTblEntry *entry)
{
	for (int i = 1; i < root->simple_rel_array_size; i++)
	{
		if (root->simple_rte_array[i] == entry)
			return root->simple_rel_array[i];
	}
	return NULL;
}

static bool
is_column(Node *node, AttrNumber attnum)
{
	Node *bare = strip_implicit_coercions(node);

	return IsA(bare, Var) && ((Var *) bare)->varattno == attnum;
}

static bool
is_uid(Node *node)
{
	Node *bare = strip_implicit_coercions(node);

	return IsA(bare, Param) && ((Param *) bare)->paramkind == PARAM_EXTERN &&
		   ((Param *) bare)->paramid == 1;
}

static bool
is_equality(Oid operator)
{
	return get_oprrest(operator) == F_EQSEL;
}

/*
 * Return the restriction by `left operator right`, or (right is an array) `left operator ANY
 * (right)`.
 */
static Restriction
restriction_by(Node *left, Oid operator, Node * right, AttrNumber attnum)
{
	Node *value = is_column(left, attnum) ? right : left;

	if (!is_column(left, attnum) && !is_column(right, attnum))
		return NOT_RESTRICTED;
	if (is_uid(value))
		return TO_USER;
	if (!IsA(strip_implicit_coercions(value), Const))
		return NOT_RESTRICTED;
	return is_equality(operator) ? TO_CONSTANTS : TO_RANGE;
}

static Restriction
restriction_by_clause(Node *clause, AttrNumber attnum)
{
	if (is_opclause(clause) && list_length(((OpExpr *) clause)->args) == 2)
		return restriction_by(get_leftop(clause), ((OpExpr *) clause)->opno, get_rightop(clause),
							  attnum);
	if (IsA(clause, ScalarArrayOpExpr))
		return restriction_by(linitial(((ScalarArrayOpExpr *) clause)->args),
							  ((ScalarArrayOpExpr *) clause)->opno,
							  lsecond(((ScalarArrayOpExpr *) clause)->args), attnum);
	return NOT_RESTRICTED;
}

static Restriction
restriction_of(const RelOptInfo *relation, AttrNumber attnum)
{
	Restriction found = NOT_RESTRICTED;
	ListCell   *cell;

	foreach(cell, relation->baserestrictinfo)
	{
		Node *clause = (Node *) lfirst_node(RestrictInfo, cell)->clause;

		found = Max(found, restriction_by_clause(clause, attnum));
	}
	return found;
}

static double
rows_of_user(Oid table)
{
	double rows = assumed->large == NULL ? 0 : assumed->large->rows_of(assumed->large, table);

	return Max(rows, USER_ROWS);
}

/*
 * Make a row of pg_statistic that tells the number of distinct values (negative: a fraction of the
 * rows), and no more.
 */
static HeapTuple
statistics(double distinct)
{
	Size	  header = MAXALIGN(SizeofHeapTupleHeader);
	Size	  size = header + sizeof(FormData_pg_statistic);
	HeapTuple tuple = palloc0(HEAPTUPLESIZE + size);

	tuple->t_len = size;
	tuple->t_data = (HeapTupleHeader) ((char *) tuple + HEAPTUPLESIZE);
	tuple->t_data->t_hoff = header;
	((Form_pg_statistic) GETSTRUCT(tuple))->stadistinct = distinct;
	return tuple;
}

static void
put_statistics(VariableStatData *variable, double distinct)
{
	variable->statsTuple = statistics(distinct);
	variable->freefunc = heap_freetuple;
	variable->acl_ok = true;
}

static void
put_values(VariableStatData *variable, const RelOptInfo *relation, const RangeTblEntry *entry,
		   AttrNumber attnum)
{
	switch (relation == NULL ? NOT_RESTRICTED : restriction_of(relation, attnum))
	{
		case NOT_RESTRICTED:
			put_statistics(variable, -1 / VALUE_ROWS);
			break;
		case TO_RANGE: /* without statistics PostgreSQL assumes fewer rows for a range */
			break;
		case TO_CONSTANTS:
			put_statistics(variable, 1);
			break;
		case TO_USER:
			put_statistics(variable, -1 / rows_of_user(entry->relid));
			break;
	}
}

static bool
relation_stats(PlannerInfo *root, RangeTblEntry *entry, AttrNumber attnum,
			   VariableStatData *variable)
{
	if (assumed == NULL)
		return previous_relation_stats && previous_relation_stats(root, entry, attnum, variable);
	if (entry->rtekind != RTE_RELATION || attnum <= 0)
		return false;
	put_values(variable, find_relation(root, entry), entry, attnum);
	return true;
}

static bool
index_stats(PlannerInfo *root, Oid index, AttrNumber attnum, VariableStatData *variable)
{
	if (assumed == NULL)
		return previous_index_stats && previous_index_stats(root, index, attnum, variable);
	put_statistics(variable, -1 / VALUE_ROWS);
	return true;
}

/*
 * Joins
 *
 * Conditions on several columns make the planner believe that a single row is left, so that all
 * later steps may be slow.  And the planner estimates zero rows for an anti-join, so that it would
 * search for them in whole tables first.
 */

static void
believe_rows(double *rows, double least)
{
	*rows = Max(*rows, least);
}

static void
join_paths(PlannerInfo *root, RelOptInfo *join, RelOptInfo *outer, RelOptInfo *inner, JoinType type,
		   JoinPathExtraData *extra)
{
	double	  least = type == JOIN_ANTI ? Max(outer->rows, USER_ROWS) : USER_ROWS;
	ListCell *cell;

	if (previous_join_paths)
		previous_join_paths(root, join, outer, inner, type, extra);
	if (assumed == NULL)
		return;
	believe_rows(&join->rows, least);
	foreach(cell, join->pathlist)
	{
		Path *path = lfirst(cell);

		if (path->param_info == NULL)
			believe_rows(&path->rows, least);
	}
}

void
planner_statistics_init(void)
{
	previous_relation_info = get_relation_info_hook;
	get_relation_info_hook = relation_info;
	previous_relation_stats = get_relation_stats_hook;
	get_relation_stats_hook = relation_stats;
	previous_index_stats = get_index_stats_hook;
	get_index_stats_hook = index_stats;
	previous_width = get_attavgwidth_hook;
	get_attavgwidth_hook = width;
	previous_join_paths = set_join_pathlist_hook;
	set_join_pathlist_hook = join_paths;
}
