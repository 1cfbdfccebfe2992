/*
 * check_call.c: finds functions of the application that do not work in a move
 *
 * Moves run with search_path = pg_catalog, pg_temp.  The expressions of a table are stored with the
 * Oids of the objects they name.  The text of a function is parsed when it runs, and names in it
 * are found under the search_path of the move, unless the function has a search_path of its own.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/partition.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "parser/parse_coerce.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/regproc.h"
#include "utils/rel.h"

#include "check/check_call.h"
#include "check/check_count.h"
#include "check/check_name.h"
#include "check/check_relations.h"
#include "check/check_row.h"
#include "check/check_trial.h"
#include "postgres/definition.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/search_path.h"
#include "release/twin_mapping.h"

/* Rows to try: a function that can't find a name fails for one of the first rows, or never. */
#define ROWS_MAX 100

/* clang-format off */

/*
 * Positions of tables with an expression that depends on a function, or with a mapping.  pg_depend
 * has no dependencies on PostgreSQL's own functions.
 */
#define SELECT_CALLING \
	CHECK_RELATIONS \
	", calling (classid, objid) AS (" \
		"SELECT d.classid, d.objid" \
		" FROM pg_depend d" \
		" WHERE d.deptype = 'n'" \
		" AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass))" \
	" SELECT DISTINCT r.position" \
	" FROM relation r" \
	" JOIN (" \
		"SELECT k.conrelid, c.classid" \
		" FROM pg_constraint k" \
		" JOIN calling c ON c.classid = 'pg_constraint'::regclass AND c.objid = k.oid" \
		" UNION SELECT a.attrelid, c.classid" \
		" FROM pg_constraint k" \
		" JOIN calling c ON c.classid = 'pg_constraint'::regclass AND c.objid = k.oid" \
		" JOIN pg_attribute a ON a.atttypid = k.contypid AND NOT a.attisdropped" \
		" UNION SELECT e.adrelid, c.classid" \
		" FROM pg_attrdef e" \
		" JOIN calling c ON c.classid = 'pg_attrdef'::regclass AND c.objid = e.oid" \
		" UNION SELECT i.indrelid, c.classid" \
		" FROM pg_index i" \
		" JOIN calling c ON c.classid = 'pg_class'::regclass AND c.objid = i.indexrelid" \
		" UNION SELECT c.objid, c.classid" \
		" FROM calling c" \
		" WHERE c.classid = 'pg_class'::regclass) AS o (relation, classid) ON o.relation = r.oid" \
	" UNION SELECT m.position" \
	" FROM gray.column_map m" \
	" WHERE m.release_id = $1"

/* clang-format on */

/* One table of a pair; its constraints, indexes, defaults and mappings are tried. */
typedef struct Caller
{
	const Twin *twin;
	Side		side; /* the side of the table */
	Relation	table;
	CheckRow   *row;
	List	   *probes; /* TrialProbe; its detail names the object: "check constraint c" */
} Caller;

/*
 * Expressions that call functions
 */

static bool
is_foreign(Oid function, void *context pg_attribute_unused())
{
	return function >= FirstNormalObjectId;
}

static bool
calls_foreign(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, CoerceToDomain))
		return true;
	return check_functions_in_node(node, is_foreign, context) ||
		   expression_tree_walker(node, calls_foreign, context);
}

static bool
collect(Oid function, void *functions)
{
	if (function >= FirstNormalObjectId)
		*(List **) functions = list_append_unique_oid(*(List **) functions, function);
	return false;
}

static bool
collect_functions(Node *node, void *functions)
{
	if (node == NULL)
		return false;
	(void) check_functions_in_node(node, collect, functions);
	return expression_tree_walker(node, collect_functions, functions);
}

/* Add a probe for an expression over a row of `table`: the caller's table or a partition of it. */
static void
add_probe(Caller *caller, Relation table, Node *expression, char *what)
{
	TrialProbe *probe;

	if (expression == NULL || !calls_foreign(expression, NULL))
		return;
	probe = palloc0(sizeof(TrialProbe));
	probe->kind = TRIAL_CALL;
	probe->detail = what;
	if (table != caller->table)
	{
		List *mapped = map_partition_varattnos(list_make1(expression), 1, caller->table, table);

		probe->detail = psprintf("%s of %s", what, relation_name(RelationGetRelid(table)));
		expression = linitial(mapped);
	}
	probe->expression = check_row_apply(caller->row, expression);
	caller->probes = lappend(caller->probes, probe);
}

static bool
has_check(Relation table, const char *name)
{
	TupleConstr *constraints = RelationGetDescr(table)->constr;

	for (int i = 0; constraints != NULL && i < constraints->num_check; i++)
	{
		if (strcmp(constraints->check[i].ccname, name) == 0)
			return true;
	}
	return false;
}

/* Add probes for CHECK constraints; for a partition, those that the caller's table has not. */
static void
add_checks(Caller *caller, Relation table)
{
	TupleConstr *constraints = RelationGetDescr(table)->constr;

	for (int i = 0; constraints != NULL && i < constraints->num_check; i++)
	{
		const ConstrCheck *check = &constraints->check[i];

		if (table == caller->table || !has_check(caller->table, check->ccname))
			add_probe(caller, table, stringToNode(check->ccbin),
					  psprintf("check constraint %s", quote_identifier(check->ccname)));
	}
}

static void
add_indexes(Caller *caller, Relation table)
{
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		Relation  index = index_open(lfirst_oid(cell), AccessShareLock);
		char	 *what = psprintf("index %s", quote_identifier(RelationGetRelationName(index)));
		List	 *expressions = NIL;
		ListCell *expression;

		if (!index->rd_rel->relispartition)
			expressions = list_concat(list_copy(definition_index_expressions(index)),
									  definition_index_predicate(index));
		foreach(expression, expressions)
			add_probe(caller, table, lfirst(expression), what);
		index_close(index, NoLock);
	}
	if (table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		foreach(cell, definition_partition_key(table)->partexprs)
			add_probe(caller, table, lfirst(cell), "the partition key");
	}
}

static void
add_partitions(Caller *caller)
{
	ListCell *cell;

	foreach(cell, partition_all(RelationGetRelid(caller->table)))
	{
		Relation partition = table_open(lfirst_oid(cell), AccessShareLock);

		add_checks(caller, partition);
		add_indexes(caller, partition);
		table_close(partition, NoLock);
	}
}

/*
 * Add probes for generated columns and for defaults.  A move does not use the default of a column
 * that has a twin.  A default whose value is known is among the values of the row already.
 */
static void
add_defaults(Caller *caller)
{
	TupleDesc descriptor = RelationGetDescr(caller->table);

	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		const char		 *name = quote_identifier(NameStr(attribute->attname));
		char			 *what = psprintf("the default of column %s", name);

		if (attribute->attisdropped)
			continue;
		if (attribute->attgenerated != '\0')
			what = psprintf("generated column %s", name);
		else if (twin_pair(caller->twin, caller->side, i + 1) != NULL ||
				 (caller->row->from != caller->row->to && caller->row->values[i] != NULL))
			continue;
		add_probe(caller, caller->table, build_column_default(caller->table, i + 1), what);
	}
}

/*
 * Values that a mapping, a cast or the check of a domain makes for the other side
 */

static void
add_value(Caller *caller, Node *value, const char *kind, const char *column)
{
	TrialProbe *probe = palloc0(sizeof(TrialProbe));

	probe->kind = TRIAL_CALL;
	probe->expression = value;
	probe->detail = psprintf("%s of column %s", kind, column);
	caller->probes = lappend(caller->probes, probe);
}

static bool
is_wanted(Node *value)
{
	return value != NULL && calls_foreign(value, NULL);
}

static void
add_values_to_gray(Caller *caller)
{
	const Twin *twin = caller->twin;

	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		bool		  pair = column_is_pair(column);
		Node		 *value;

		if (!column_on(column, SIDE_GRAY) || column_is_verbatim(column) ||
			column->generated[SIDE_GRAY])
			continue;
		value = caller->row->values[column->attnum[SIDE_GRAY] - 1];
		if (is_wanted(value))
			add_value(caller, value,
					  column->map[SIDE_GRAY] != NULL ? "up"
					  : pair						 ? "the cast"
													 : "the default",
					  column->name[SIDE_GRAY]);
	}
}

/* Add probes for the values that would come home from the gray copies of production's rows. */
static void
add_values_home(Caller *caller)
{
	const Twin *twin = caller->twin;
	CheckRow   *made = check_row_load(twin, SIDE_PRODUCTION, SIDE_GRAY);

	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		const char	 *kind = column->map[SIDE_PRODUCTION] != NULL ? "down" : "the cast";
		Node		 *value;

		if (!column_on(column, SIDE_PRODUCTION) || column->generated[SIDE_PRODUCTION] ||
			(!column_is_pair(column) && column->map[SIDE_PRODUCTION] == NULL))
			continue;
		value = check_row_home(made, column);
		if (is_wanted(value))
			add_value(caller, check_row_apply(made, value), kind, column->name[SIDE_PRODUCTION]);
	}
}

/* A caller and the rows that it is tried on. */
typedef struct Attempt
{
	Caller			caller;
	Side			from;
	const Counting *counting;
	Trial			trial;
} Attempt;

static void
load_caller(Caller *caller, Side from)
{
	caller->table = table_open(caller->twin->relation[caller->side], AccessShareLock);
	caller->row = check_row_load(caller->twin, from, caller->side);
	add_checks(caller, caller->table);
	add_indexes(caller, caller->table);
	add_partitions(caller);
	add_defaults(caller);
	if (caller->side == SIDE_PRODUCTION)
		add_values_home(caller);
	else if (from == SIDE_PRODUCTION)
		add_values_to_gray(caller);
	table_close(caller->table, NoLock);
}

static void
run_attempt(void *arg)
{
	Attempt *attempt = arg;

	load_caller(&attempt->caller, attempt->from);
	if (attempt->caller.probes == NIL)
		return;
	attempt->trial = (Trial){.twin = attempt->caller.twin,
							 .from = attempt->from,
							 .most = ROWS_MAX,
							 .probes = attempt->caller.probes};
	check_trial_run(&attempt->trial, attempt->counting);
}

/*
 * Findings
 */

/* Functions that the domains of the table's columns call; expression trees do not contain them. */
static List *
domain_functions(const Caller *caller)
{
	QueryArgs args = {0};
	List	 *functions = NIL;
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(caller->twin->relation[caller->side]));
	rows =
		query_run("SELECT DISTINCT d.refobjid FROM pg_attribute a JOIN pg_constraint k ON k.contypid = a.atttypid"
				  " JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid"
				  " AND d.refclassid = 'pg_proc'::regclass WHERE a.attrelid = $1 AND NOT a.attisdropped",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		functions = lappend_oid(functions, query_oid(row, 1));
	return functions;
}

static List *
functions_of(const Caller *caller)
{
	List	 *functions = NIL;
	ListCell *cell;

	foreach(cell, caller->probes)
		(void) collect_functions(((TrialProbe *) lfirst(cell))->expression, &functions);
	return functions;
}

static char *
mend(const Release *release, const TwinSet *set, const Caller *caller, const TrialProbe *probe)
{
	List *functions = NIL;

	(void) collect_functions(probe->expression, &functions);
	if (functions == NIL)
		functions = domain_functions(caller);
	if (probe->error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return psprintf("GRANT what is missing to %s, which owns the tables.",
						quote_identifier(
							GetUserNameFromId(relation_owner(
												  caller->twin->relation[SIDE_PRODUCTION]),
											  false)));
	if (list_length(functions) == 1)
		return psprintf("ALTER FUNCTION %s SET search_path = %s; or write the schemas into it.",
						format_procedure_qualified(linitial_oid(functions)),
						search_path_of(release, set, SIDE_PRODUCTION));
	return psprintf("ALTER FUNCTION ... SET search_path = %s; or write the schemas into the function.",
					search_path_of(release, set, SIDE_PRODUCTION));
}

static void
add_failures(const Release *release, const TwinSet *set, const Caller *caller, Findings *findings)
{
	ListCell *cell;

	foreach(cell, caller->probes)
	{
		const TrialProbe *probe = lfirst(cell);

		if (probe->error != NULL)
			finding_add(findings, true, pstrdup(caller->twin->table[caller->side]),
						psprintf("%s calls a function that fails in a move (%s)",
								 (const char *) probe->detail, probe->error->message),
						mend(release, set, caller, probe));
	}
}

static void
check_caller(const Release *release, const TwinSet *set, const Twin *twin, Side side,
			 const Counting *counting, Findings *findings)
{
	Attempt attempt = {.caller = {.twin = twin, .side = side},
					   .from = SIDE_PRODUCTION,
					   .counting = counting};

	/* Gray's objects are tried on production's rows; without such rows, on gray's own rows. */
	if (subtransaction_read(run_attempt, &attempt) == NULL && attempt.trial.tried > 0)
	{
		add_failures(release, set, &attempt.caller, findings);
		return;
	}
	if (side == SIDE_GRAY)
	{
		attempt.caller.probes = NIL;
		attempt.from = SIDE_GRAY;
		attempt.trial.tried = 0;
		if (subtransaction_read(run_attempt, &attempt) == NULL && attempt.trial.tried > 0)
		{
			add_failures(release, set, &attempt.caller, findings);
			return;
		}
	}
	check_names(functions_of(&attempt.caller), twin->table[side],
				search_path_of(release, set, SIDE_PRODUCTION), findings);
}

/* Positions of tables with expressions or mappings that call functions. */
static List *
positions_calling(const Release *release)
{
	QueryArgs args = {0};
	List	 *positions = NIL;
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows = query_run(SELECT_CALLING, &args);
	for (uint64 row = 0; row < rows; row++)
		positions = lappend_int(positions, query_int(row, 1));
	return positions;
}

/* True when a column is cast: a cast may call a function, or check a domain. */
static bool
has_casts(const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (column_is_pair(column) && column->type[SIDE_PRODUCTION] != column->type[SIDE_GRAY])
			return true;
	}
	return false;
}

bool
check_call_is_any(const Release *release, const TwinSet *set)
{
	if (positions_calling(release) != NIL)
		return true;
	for (int i = 0; i < set->count; i++)
	{
		if (has_casts(&set->twins[i]))
			return true;
	}
	return false;
}

void
check_calls(const Release *release, const TwinSet *set, const Counting *counting, Findings *findings)
{
	List	  *positions = positions_calling(release);
	RoleSwitch before;

	role_become(&before, counting->role);
	role_pin_formats(counting->formats);
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		if (!list_member_int(positions, twin->position) && !has_casts(twin))
			continue;
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			check_caller(release, set, twin, side, counting, findings);
	}
	role_return(&before);
}
