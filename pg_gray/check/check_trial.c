/*
 * check_trial.c: evaluates expressions on existing rows
 *
 * The rows come from a cursor, with just the columns that the expressions read.  The expressions
 * are evaluated here and not in SQL.  So each row that fails is known, and the casts are those of
 * an INSERT.
 */
#include "postgres.h"

#include "executor/executor.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "check/check_count.h"
#include "check/check_row.h"
#include "check/check_trial.h"
#include "move/failed_row.h"
#include "owner/owner_sql.h"
#include "postgres/role.h"
#include "postgres/role_guard.h"
#include "postgres/subtransaction.h"
#include "release/twin_difference.h"
#include "release/twin_sql.h"

#define BATCH_ROWS 1000
#define TIME_MS 1000

/* The most errors to count for one probe: each error costs a subtransaction. */
#define ERRORS_MAX 1000

/* The most failed rows to remember for one probe, in order to count their users. */
#define PLACES_MAX 1000

/* Columns of the cursor before those that the expressions read. */
#define KEY_COLUMN 1
#define TABLE_COLUMN 2
#define PLACE_COLUMN 3

/* A column of p or g that is read.  The list has the order of the cursor's columns. */
typedef struct Needed
{
	int		   row; /* CHECK_ROW_P or CHECK_ROW_G */
	AttrNumber attnum;
} Needed;

/* The rows of one fetch, and the state of their evaluation. */
typedef struct Batch
{
	Trial *trial;
	List  *needed; /* Needed */
	List  *mapped; /* Node: the probes' expressions over the fetched rows; null: can't be tried */
	SPITupleTable *rows;
	uint64		   row_count;
	MemoryContext  memory;

	uint64 row; /* the row in progress */
	int	   probe;
	bool   bad;		  /* a value of this row raised an error */
	bool   preparing; /* an error now is from preparing the expression, not from this row */
	bool   is_over;

	TimestampTz began;
} Batch;

/*
 * Columns
 */

static int
place_of(Batch *batch, const Var *variable)
{
	Needed	 *needed;
	ListCell *cell;

	foreach(cell, batch->needed)
	{
		needed = lfirst(cell);
		if (needed->row == (int) variable->varno && needed->attnum == variable->varattno)
			return foreach_current_index(cell) + 1 + PLACE_COLUMN;
	}
	needed = palloc(sizeof(Needed));
	needed->row = variable->varno;
	needed->attnum = variable->varattno;
	batch->needed = lappend(batch->needed, needed);
	return list_length(batch->needed) + PLACE_COLUMN;
}

static Node *
map_variables(Node *node, void *arg)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var))
	{
		const Var *variable = (Var *) node;

		return (Node *) makeVar(1, place_of(arg, variable), variable->vartype, variable->vartypmod,
								variable->varcollid, 0);
	}
	return expression_tree_mutator(node, map_variables, arg);
}

static bool
has_other_variables(Node *node, void *arg)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varattno <= 0;
	return IsA(node, SubLink) || IsA(node, Param) ||
		   expression_tree_walker(node, has_other_variables, arg);
}

static void
map_probes(Batch *batch)
{
	ListCell *cell;

	foreach(cell, batch->trial->probes)
	{
		TrialProbe *probe = lfirst(cell);

		probe->closed = probe->expression == NULL || has_other_variables(probe->expression, NULL);
		batch->mapped =
			lappend(batch->mapped, probe->closed ? NULL : map_variables(probe->expression, batch));
	}
}

/*
 * Rows
 */

static void
append_twin(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, " LEFT JOIN %s p ON ", twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(sql, twin);
}

/* Append: row g has no twin p, or the way home would change row p. */
static void
append_moves(StringInfo sql, const Twin *twin)
{
	Twin without_kept = *twin;

	without_kept.kept_table = NULL;
	appendStringInfo(sql, " AND (p.%s IS NULL OR ", twin->key_columns[0]->name[SIDE_PRODUCTION]);
	twin_difference_append(sql, &without_kept);
	appendStringInfoChar(sql, ')');
}

/* The query of the cursor.  Rows of nobody are left out, since they do not move. */
static char *
rows_text(const Batch *batch)
{
	Trial		  *trial = batch->trial;
	const Twin	  *twin = trial->twin;
	const char	  *alias = twin_sql_alias(trial->from);
	bool		   moves = trial->moves && twin->key_count > 0;
	StringInfoData sql;
	double		   percent;
	ListCell	  *cell;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	failed_row_append_key(&sql, twin, trial->from, alias);
	appendStringInfo(&sql, ", %1$s.tableoid, %1$s.ctid", alias);
	foreach(cell, batch->needed)
	{
		const Needed *needed = lfirst(cell);
		Side		  side = needed->row == CHECK_ROW_P ? SIDE_PRODUCTION : SIDE_GRAY;

		appendStringInfo(&sql, ", %s.%s", twin_sql_alias(side),
						 quote_identifier(get_attname(twin->relation[side], needed->attnum, false)));
	}
	appendStringInfo(&sql, " FROM %s %s%s", twin->table[trial->from], alias,
					 check_count_sample(twin->relation[trial->from], &percent));
	trial->is_sample = percent < 100.0;
	if (moves)
		append_twin(&sql, twin);
	appendStringInfoString(&sql, " WHERE ");
	owner_sql_leads(&sql, twin, trial->from, alias);
	if (moves)
		append_moves(&sql, twin);
	appendStringInfo(&sql, " LIMIT " UINT64_FORMAT, trial->most + 1);
	return sql.data;
}

/*
 * Evaluating
 */

static bool
is_failure(TrialKind kind, Datum value, bool is_null)
{
	return (kind == TRIAL_NOT_NULL && is_null) ||
		   (kind == TRIAL_CHECK && !is_null && !DatumGetBool(value));
}

/* A column of the row in progress as text; null: it is null. */
static char *
text_of(const Batch *batch, int column)
{
	return SPI_getvalue(batch->rows->vals[batch->row], batch->rows->tupdesc, column);
}

static void
note_failure(Batch *batch, TrialProbe *probe)
{
	MemoryContext before = MemoryContextSwitchTo(GetMemoryChunkContext(probe));

	if (probe->failed++ == 0)
	{
		probe->example = text_of(batch, KEY_COLUMN);
		probe->tables = makeStringInfo();
		probe->places = makeStringInfo();
	}
	if (probe->failed <= PLACES_MAX)
	{
		appendStringInfo(probe->tables, "%s,", text_of(batch, TABLE_COLUMN));
		appendStringInfo(probe->places, "\"%s\",", text_of(batch, PLACE_COLUMN));
	}
	MemoryContextSwitchTo(before);
}

static bool
is_to_be_tried(const Batch *batch, const TrialProbe *probe)
{
	if (probe->closed)
		return false;
	return !batch->bad || probe->kind == TRIAL_VALUE || probe->kind == TRIAL_CALL;
}

/* The executor's state of one run through the rows; it lasts until an error. */
typedef struct Run
{
	EState		   *estate;
	ExprContext	   *context;
	TupleTableSlot *row;
	ExprState	  **states; /* by probe; null: not prepared */
} Run;

static void
try_probe(Batch *batch, Run *run, TrialProbe *probe)
{
	ExprState **state = &run->states[batch->probe];
	bool		is_null;
	Datum		value;

	batch->preparing = *state == NULL;
	if (*state == NULL)
		*state = ExecPrepareExpr(list_nth(batch->mapped, batch->probe), run->estate);
	batch->preparing = false;
	value = ExecEvalExprSwitchContext(*state, run->context, &is_null);
	if (is_failure(probe->kind, value, is_null))
		note_failure(batch, probe);
}

static void
try_row(Batch *batch, Run *run)
{
	List *probes = batch->trial->probes;

	CHECK_FOR_INTERRUPTS();
	ExecStoreHeapTuple(batch->rows->vals[batch->row], run->row, false);
	run->context->ecxt_scantuple = run->row;
	for (; batch->probe < list_length(probes); batch->probe++)
	{
		TrialProbe *probe = list_nth(probes, batch->probe);

		if (is_to_be_tried(batch, probe))
			try_probe(batch, run, probe);
	}
	ResetExprContext(run->context);
	batch->row++;
	batch->probe = 0;
	batch->bad = false;
}

/* Go on from the row in progress until the rows or the time end, or an error is raised. */
static void
try_rows(void *arg)
{
	Batch		 *batch = arg;
	MemoryContext before = MemoryContextSwitchTo(batch->memory);
	Run			  run = {.estate = CreateExecutorState()};

	run.context = GetPerTupleExprContext(run.estate);
	run.row = MakeSingleTupleTableSlot(batch->rows->tupdesc, &TTSOpsHeapTuple);
	run.states = palloc0(sizeof(ExprState *) * list_length(batch->trial->probes));
	while (batch->row < batch->row_count && !batch->is_over)
	{
		try_row(batch, &run);
		batch->is_over = TimestampDifferenceExceeds(batch->began, GetCurrentTimestamp(), TIME_MS);
	}
	ExecDropSingleTupleTableSlot(run.row);
	FreeExecutorState(run.estate);
	MemoryContextSwitchTo(before);
}

/* True when a name was not found, or a privilege is missing. */
static bool
is_of_names(const ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
			   ERRCODE_TO_CATEGORY(ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION) ||
		   error->sqlerrcode == ERRCODE_INVALID_SCHEMA_NAME;
}

/*
 * True when the error counts for the probe.  An expression that writes can't be tried, and its
 * error does not count.  Errors about names count for TRIAL_CALL, and no others do.
 */
static bool
counts(const TrialProbe *probe, const ErrorData *error)
{
	return (probe->kind == TRIAL_CALL) == is_of_names(error) &&
		   error->sqlerrcode != ERRCODE_READ_ONLY_SQL_TRANSACTION;
}

/*
 * Record the error of the probe in progress, and go on to the next probe.  The checks of a row need
 * all its values: so too many errors of a TRIAL_VALUE end the whole trial.
 */
static void
note_error(Batch *batch, ErrorData *error)
{
	TrialProbe *probe = list_nth(batch->trial->probes, batch->probe);
	bool		counted = counts(probe, error);

	if (counted)
	{
		note_failure(batch, probe);
		if (probe->error == NULL)
			probe->error = error;
		batch->bad = batch->bad || probe->kind == TRIAL_VALUE;
	}
	if (batch->preparing || (probe->kind == TRIAL_CALL) == counted)
		probe->closed = true;
	else if (++probe->errors >= ERRORS_MAX)
	{
		probe->closed = true;
		batch->is_over = probe->kind == TRIAL_VALUE;
		batch->row += batch->is_over;
	}
	batch->probe++;
}

static void
run_batch(Batch *batch)
{
	batch->row = 0;
	batch->probe = 0;
	batch->bad = false;
	while (!batch->is_over)
	{
		ErrorData *error = subtransaction_read(try_rows, batch);

		MemoryContextReset(batch->memory);
		if (error == NULL)
			break;
		note_error(batch, error);
	}
	batch->trial->tried += batch->row;
}

static void
fetch(Batch *batch, Portal portal, uint64 count)
{
	MemoryContext context = CurrentMemoryContext;

	SPI_cursor_fetch(portal, true, count);
	MemoryContextSwitchTo(context);
	batch->rows = SPI_tuptable;
	batch->row_count = SPI_processed;
}

/* Run all batches, until the rows or the time end. */
static void
run_batches(Batch *batch, Portal portal)
{
	Trial *trial = batch->trial;

	batch->began = GetCurrentTimestamp();
	while (!batch->is_over && trial->tried < trial->most)
	{
		fetch(batch, portal, Min(trial->most - trial->tried, BATCH_ROWS));
		run_batch(batch);
		SPI_freetuptable(batch->rows);
		if (batch->row_count == 0)
			return;
	}
	fetch(batch, portal, 1);
	trial->is_sample = trial->is_sample || batch->is_over || batch->row_count > 0;
	SPI_freetuptable(batch->rows);
}

static void
run_as_owner(Trial *trial)
{
	Batch		  batch = {.trial = trial};
	MemoryContext context = CurrentMemoryContext;
	SPIPlanPtr	  plan;
	Portal		  portal;
	char		 *sql;

	map_probes(&batch);
	batch.memory = AllocSetContextCreate(context, "pg_gray trial", ALLOCSET_DEFAULT_SIZES);
	sql = rows_text(&batch);
	plan = SPI_prepare_cursor(sql, 0, NULL, ROLE_GUARD);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	MemoryContextSwitchTo(context);
	run_batches(&batch, portal);
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	MemoryContextSwitchTo(context);
	MemoryContextDelete(batch.memory);
}

void
check_trial_run(Trial *trial, const Counting *counting)
{
	RoleSwitch before;

	role_become(&before, counting->role);
	role_pin_formats(counting->formats);
	run_as_owner(trial);
	role_return(&before);
}

/* An array literal of elements that each end with a comma. */
static char *
array_of(const StringInfoData *elements)
{
	return quote_literal_cstr(psprintf("{%.*s}", elements->len - 1, elements->data));
}

bool
check_trial_users(const Trial *trial, const TrialProbe *probe, Counting *counting, RowCount *users)
{
	const char	  *alias = twin_sql_alias(trial->from);
	CountQuery	   query = {.relation = trial->twin->relation[trial->from], .alias = alias};
	StringInfoData rest;

	if (probe->tables == NULL)
		return false;
	initStringInfo(&rest);
	appendStringInfo(&rest,
					 "JOIN unnest(%s::pg_catalog.oid[], %s::pg_catalog.tid[])"
					 " AS failed (relation, place) ON failed.relation = %s.tableoid AND failed.place = %s.ctid",
					 array_of(probe->tables), array_of(probe->places), alias, alias);
	query.users = owner_sql_join(&rest, trial->twin, trial->from, alias, "JOIN");
	query.rest = rest.data;
	*users = check_count(counting, &query);
	if (!users->known || users->is_estimate || users->is_least || users->users == 0)
		return false;
	users->is_least = trial->is_sample || probe->closed || probe->failed > PLACES_MAX;
	return true;
}
