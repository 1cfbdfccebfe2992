/*
 * check_value.c: finds rows that the other side would refuse
 *
 * Types, NOT NULL and CHECK constraints are tried on the row that a move would make.  Constraints
 * that both sides have are left out.  But a constraint that is NOT VALID in production is tried:
 * production may have rows that violate it, and gray would refuse the copies of these rows.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "check/check_column.h"
#include "check/check_count.h"
#include "check/check_relations.h"
#include "check/check_row.h"
#include "check/check_trial.h"
#include "check/check_value.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"

/* The most rows to try for a table; so many rows are read in an instant. */
#define ROWS_MAX 100000

/* The detail of a probe: the object that may refuse a row. */
typedef struct Refusal
{
	char *object; /* a column, or the table with the constraint */
	char *what;	  /* "column v2.orders.note", "check constraint c of v2.orders" */
	char *hint;
} Refusal;

/* A CHECK constraint of one side without a valid one of the same text on the other. */
typedef struct LoneCheck
{
	Oid	  relation;
	char *name;
} LoneCheck;

/* One direction of one pair of tables. */
typedef struct Way
{
	const Twin *twin;
	Side		from;
	Side		to;
	CheckRow   *row;
	List	   *probes;
	Trial		trial;
	Counting   *counting;
	const List *lone_checks; /* LoneCheck, of all tables */
} Way;

static const char *
way_to(Side side)
{
	return side == SIDE_GRAY ? "to gray" : "home";
}

static void
add_probe(Way *way, TrialKind kind, Node *expression, char *object, char *what, char *hint)
{
	TrialProbe *probe = palloc0(sizeof(TrialProbe));
	Refusal	   *refusal = palloc(sizeof(Refusal));

	*refusal = (Refusal){object, what, hint};
	probe->kind = kind;
	probe->expression = expression;
	probe->detail = refusal;
	way->probes = lappend(way->probes, probe);
}

/*
 * Columns
 */

/*
 * True when each value fits into the other type.  PostgreSQL has implicit casts only where each
 * value has a counterpart.
 */
static bool
fits_always(const Column *column, Side from, Side to)
{
	Oid source = column->type[from];
	Oid target = column->type[to];

	if (column->map[to] != NULL)
		return false;
	if (source == target)
		return column->typmod[to] == -1 || column->typmod[to] == column->typmod[from];
	return column->typmod[to] == -1 && get_typtype(target) != TYPTYPE_DOMAIN &&
		   can_coerce_type(1, &source, &target, COERCION_IMPLICIT);
}

static char *
map_hint(const Way *way, const char *name)
{
	return psprintf("SELECT gray_map(%s, %s, %s => '...'); or mend the rows.",
					quote_literal_cstr(way->twin->table[SIDE_GRAY]), quote_literal_cstr(name),
					way->to == SIDE_GRAY ? "up" : "down");
}

static void
add_column(Way *way, const Column *column, bool tried)
{
	Oid	  relation = column->relation[way->to];
	Side  named = column_side(column);
	char *name = get_attname(column->relation[named], column->attnum[named], false);
	char *object = psprintf("%s.%s", way->twin->table[way->to], column->name[way->to]);
	Node *value = way->row->values[column->attnum[way->to] - 1];
	char *hint = map_hint(way, name);

	if (value == NULL)
		return;
	if (tried)
		add_probe(way, TRIAL_VALUE, value, object, psprintf("column %s", object), hint);
	/* check_column.c counts the nulls of pairs without a mapping. */
	if ((!column_is_pair(column) || column->map[way->to] != NULL) &&
		check_column_not_null(relation, column->attnum[way->to]))
		add_probe(way, TRIAL_NOT_NULL, value, object, psprintf("NOT NULL of column %s", object),
				  hint);
}

/* True when the column may refuse a value. */
static bool
is_tried(const Way *way, const Column *column)
{
	if (!column_on(column, way->to))
		return false;
	if (!column_is_pair(column))
		return column->map[way->to] != NULL || column->generated[way->to];
	return !column->generated[way->to] && !fits_always(column, way->from, way->to);
}

static void
add_columns(Way *way)
{
	const Twin *twin = way->twin;

	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		bool		  tried = is_tried(way, column);

		if (tried || (column_is_pair(column) && column->map[way->to] != NULL))
			add_column(way, column, tried);
	}
}

/*
 * Constraints
 */

/* True when the expression reads only pairs whose values are the same on both sides. */
static bool
reads_same_values(const Way *way, Node *expression)
{
	ListCell *cell;

	foreach(cell, pull_vars_of_level(expression, 0))
	{
		const Column *column = twin_pair(way->twin, way->to, lfirst_node(Var, cell)->varattno);

		if (column == NULL || !column_is_verbatim(column) || column->map[way->to] != NULL)
			return false;
	}
	return true;
}

static bool
is_demanded_already(const Way *way, const char *name)
{
	Oid		  relation = way->twin->relation[way->to];
	ListCell *cell;

	foreach(cell, way->lone_checks)
	{
		const LoneCheck *check = lfirst(cell);

		if (check->relation == relation && strcmp(check->name, name) == 0)
			return false;
	}
	return true;
}

static bool
is_kept_already(const Way *way, const ConstrCheck *check)
{
	return reads_same_values(way, stringToNode(check->ccbin)) &&
		   is_demanded_already(way, check->ccname);
}

static void
add_check(Way *way, const ConstrCheck *check)
{
	const char *table = way->twin->table[way->to];
	const char *name = quote_identifier(check->ccname);

	if (is_kept_already(way, check))
		return;
	add_probe(way, TRIAL_CHECK, check_row_apply(way->row, stringToNode(check->ccbin)),
			  pstrdup(table), psprintf("check constraint %s of %s", name, table),
			  way->to == SIDE_GRAY
				  ? psprintf("Mend them; or ALTER TABLE %s DROP CONSTRAINT %s;", table, name)
				  : psprintf("Mend them in %s.", way->twin->table[SIDE_GRAY]));
}

static void
add_checks(Way *way)
{
	Relation	 table = table_open(way->twin->relation[way->to], AccessShareLock);
	TupleConstr *constraints = RelationGetDescr(table)->constr;

	for (int i = 0; constraints != NULL && i < constraints->num_check; i++)
		add_check(way, &constraints->check[i]);
	table_close(table, NoLock);
}

/*
 * Findings
 */

/* "all 3 rows", "3 of the 50 rows", "3 of the 50 changed rows" */
static char *
number_of(const Way *way, const TrialProbe *probe)
{
	const char *rows = way->trial.moves && way->twin->key_count > 0 ? "changed row" : "row";
	uint64		tried = way->trial.tried;
	const char *plural = tried == 1 ? "" : "s";

	if (way->trial.is_sample)
		return psprintf(UINT64_FORMAT " of the " UINT64_FORMAT " %s%s that were tried",
						probe->failed, tried, rows, plural);
	if (probe->closed || probe->failed < tried)
		return psprintf("%s" UINT64_FORMAT " of the " UINT64_FORMAT " %s%s",
						probe->closed ? "at least " : "", probe->failed, tried, rows, plural);
	if (tried == 1)
		return psprintf("the only %s", rows);
	return psprintf("all " UINT64_FORMAT " %ss", tried, rows);
}

/* ", of 3 users," or an empty text. */
static char *
users_of(const Way *way, const TrialProbe *probe)
{
	RowCount users;

	if (!check_trial_users(&way->trial, probe, way->counting, &users))
		return "";
	return psprintf(", of %s,", check_count_users(&users));
}

static void
add_finding(const Way *way, const TrialProbe *probe, Findings *findings)
{
	const Refusal *refusal = probe->detail;
	char		  *why = probe->error == NULL ? "" : psprintf(" (%s)", probe->error->message);
	char		  *example = probe->example == NULL ? "" : psprintf(", such as %s", probe->example);

	finding_add(findings, false, refusal->object,
				psprintf("%s of %s%s would be refused on the way %s by %s%s%s",
						 number_of(way, probe), way->twin->table[way->from], users_of(way, probe),
						 way_to(way->to), refusal->what, why, example),
				refusal->hint);
}

/* False when the two tables are alike, as most twins are: then the row need not be made. */
static bool
may_refuse(const Way *way)
{
	const Twin	*twin = way->twin;
	Relation	 table;
	TupleConstr *constraints;
	bool		 may = false;

	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_tried(way, &twin->columns[i]))
			return true;
	}
	table = table_open(twin->relation[way->to], AccessShareLock);
	constraints = RelationGetDescr(table)->constr;
	for (int i = 0; constraints != NULL && i < constraints->num_check && !may; i++)
		may = !is_kept_already(way, &constraints->check[i]);
	table_close(table, NoLock);
	return may;
}

static void
load_way(void *arg)
{
	Way *way = arg;

	if (!may_refuse(way))
		return;
	way->row = check_row_load(way->twin, way->from, way->to);
	add_columns(way);
	add_checks(way);
}

static void
run_way(void *arg)
{
	Way *way = arg;

	check_trial_run(&way->trial, way->counting);
}

/* Errors while reading or trying are ignored: other checks report those that matter. */
static void
check_way(Way way, Findings *findings)
{
	ListCell *cell;

	if (subtransaction_read(load_way, &way) != NULL || way.probes == NIL)
		return;
	way.trial = (Trial){.twin = way.twin,
						.from = way.from,
						.moves = way.to == SIDE_PRODUCTION,
						.most = ROWS_MAX,
						.probes = way.probes};
	if (subtransaction_read(run_way, &way) != NULL)
		return;
	foreach(cell, way.probes)
	{
		if (((TrialProbe *) lfirst(cell))->failed > 0)
			add_finding(&way, lfirst(cell), findings);
	}
}

static List *
load_lone_checks(const Release *release)
{
	QueryArgs args = {0};
	List	 *checks = NIL;
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  ", condition AS MATERIALIZED (SELECT r.position, r.side, r.oid, k.conname, k.convalidated,"
				  " pg_get_expr(k.conbin, k.conrelid) AS text FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid"
				  " AND k.contype = 'c' WHERE r.oid = r.root)"
				  " SELECT c.oid, c.conname FROM condition c WHERE NOT EXISTS (SELECT 1 FROM condition o"
				  " WHERE o.position = c.position AND o.side <> c.side AND o.text = c.text AND o.convalidated)",
				  &args);
	for (uint64 row = 0; row < rows; row++)
	{
		LoneCheck *check = palloc(sizeof(LoneCheck));

		check->relation = query_oid(row, 1);
		check->name = query_text(row, 2);
		checks = lappend(checks, check);
	}
	return checks;
}

void
check_values(const Release *release, const TwinSet *set, Counting *counting, Findings *findings)
{
	Way		   way = {.counting = counting, .lone_checks = load_lone_checks(release)};
	RoleSwitch before;

	role_become(&before, counting->role);
	role_pin_formats(counting->formats);
	for (int i = 0; i < set->count; i++)
	{
		way.twin = &set->twins[i];
		way.from = SIDE_PRODUCTION;
		way.to = SIDE_GRAY;
		check_way(way, findings);
		way.from = SIDE_GRAY;
		way.to = SIDE_PRODUCTION;
		check_way(way, findings);
	}
	role_return(&before);
}
