/*
 * query.c: runs SQL statements with parameters through SPI
 *
 * SPI makes its procedure's memory context the current one; these functions keep the caller's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/plancache.h"

#include "postgres/query.h"
#include "postgres/role_guard.h"
#include "postgres/rule.h"
#include "postgres/small_user_plan.h"

/* Statements that the session keeps prepared, by their text. */
#define SAVED_TEXT_SIZE 1024
#define SAVED_MAX 256

typedef struct Saved
{
	char	   sql[SAVED_TEXT_SIZE]; /* hash key, must be first */
	SPIPlanPtr plan;				 /* null: not prepared yet */
	Oid		   first_type;			 /* type of the first parameter, the only one that may differ */
} Saved;

static HTAB *saved;

void
query_arg(QueryArgs *args, unsigned int type, uintptr_t value)
{
	if (args->count >= QUERY_MAX_ARGS)
		elog(ERROR, "too many parameters");
	args->types[args->count] = type;
	args->values[args->count] = value;
	args->nulls[args->count] = ' ';
	args->count++;
}

void
query_arg_text(QueryArgs *args, const char *text)
{
	query_arg(args, TEXTOID, text == NULL ? (Datum) 0 : CStringGetTextDatum(text));
	if (text == NULL)
		args->nulls[args->count - 1] = 'n';
}

void
query_arg_int(QueryArgs *args, int value)
{
	query_arg(args, INT4OID, Int32GetDatum(value));
}

void
query_arg_oids(QueryArgs *args, const List *oids)
{
	Datum	 *values = palloc(sizeof(Datum) * Max(list_length(oids), 1));
	int		  count = 0;
	ListCell *cell;

	foreach(cell, oids)
		values[count++] = ObjectIdGetDatum(lfirst_oid(cell));
	query_arg(args, OIDARRAYOID,
			  PointerGetDatum(
				  construct_array(values, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT)));
}

void
query_arg_ints(QueryArgs *args, const List *ints)
{
	Datum	 *values = palloc(sizeof(Datum) * Max(list_length(ints), 1));
	int		  count = 0;
	ListCell *cell;

	foreach(cell, ints)
		values[count++] = Int32GetDatum(lfirst_int(cell));
	query_arg(args, INT4ARRAYOID,
			  PointerGetDatum(
				  construct_array(values, count, INT4OID, sizeof(int32), true, TYPALIGN_INT)));
	if (ints == NIL)
		args->nulls[args->count - 1] = 'n';
}

static SPIPlanPtr
prepare(const char *sql, const QueryArgs *args, int options)
{
	MemoryContext context = CurrentMemoryContext;
	SPIPlanPtr	  plan = SPI_prepare_cursor(sql, args->count, (Oid *) args->types, options);

	MemoryContextSwitchTo(context);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	return plan;
}

uint64_t
query_run(const char *sql, const QueryArgs *args)
{
	static const QueryArgs none;
	MemoryContext		   context = CurrentMemoryContext;
	SPIPlanPtr			   plan;
	int					   result;

	if (args == NULL)
		args = &none;
	plan = prepare(sql, args, CURSOR_OPT_PARALLEL_OK | ROLE_GUARD);
	result = SPI_execute_plan(plan, (Datum *) args->values, args->nulls, false, 0);
	SPI_freeplan(plan);
	MemoryContextSwitchTo(context);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", sql, SPI_result_code_string(result));
	return SPI_processed;
}

void
query_run_key(const char *sql, unsigned int table)
{
	role_guard_set_empty(table);
	PG_TRY();
	{
		query_run(sql, NULL);
	}
	PG_CATCH();
	{
		role_guard_set_empty(InvalidOid);
		PG_RE_THROW();
	}
	PG_END_TRY();
	role_guard_set_empty(InvalidOid);
}

static ParamListInfo
param_list(const QueryArgs *args)
{
	ParamListInfo params = makeParamList(args->count);

	for (int i = 0; i < args->count; i++)
	{
		ParamExternData *param = &params->params[i];

		param->value = args->values[i];
		param->isnull = args->nulls[i] == 'n';
		param->pflags = PARAM_FLAG_CONST;
		param->ptype = args->types[i];
	}
	return params;
}

/*
 * Plans
 */

static CachedPlanSource *
source_of(SPIPlanPtr plan)
{
	return linitial(SPI_plan_get_plan_sources(plan));
}

const char *
query_plan_text(struct _SPI_plan *plan)
{
	return source_of(plan)->query_string;
}

struct _SPI_plan *
query_prepare(const char *sql, const QueryArgs *args)
{
	return prepare(sql, args, CURSOR_OPT_GENERIC_PLAN | SMALL_USER_PLAN | ROLE_GUARD);
}

struct _SPI_plan *
query_prepare_root(const char *sql, const QueryArgs *args)
{
	return prepare(sql, args, CURSOR_OPT_GENERIC_PLAN | SMALL_USER_PLAN | ROLE_GUARD_ROOT);
}

static SPIPlanPtr
prepare_without_rules(const char *sql, RuleFree *statement)
{
	SPIPrepareOptions options = {.parserSetup = rule_pass_over,
								 .parserSetupArg = statement,
								 .cursorOptions =
									 CURSOR_OPT_GENERIC_PLAN | SMALL_USER_PLAN | ROLE_GUARD};
	SPIPlanPtr volatile plan = NULL;

	PG_TRY();
	{
		plan = SPI_prepare_extended(sql, &options);
	}
	PG_CATCH();
	{
		rule_forget();
		PG_RE_THROW();
	}
	PG_END_TRY();
	rule_heed();
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	return plan;
}

/*
 * The parser gets the statement whenever the plan is rewritten, so the statement must live as long
 * as the plan.
 */
static void
remember_statement(SPIPlanPtr plan, const RuleFree *statement)
{
	CachedPlanSource *source = source_of(plan);
	MemoryContext	  before = MemoryContextSwitchTo(source->context);
	RuleFree		 *kept = palloc(sizeof(RuleFree));
	Oid				 *types = palloc(sizeof(Oid) * Max(statement->count, 1));

	memcpy(types, statement->types, sizeof(Oid) * statement->count);
	*kept = *statement;
	kept->types = types;
	source->parserSetupArg = kept;
	MemoryContextSwitchTo(before);
}

struct _SPI_plan *
query_prepare_without_rules(const char *sql, const QueryArgs *args, unsigned int relation)
{
	MemoryContext context = CurrentMemoryContext;
	RuleFree	  statement = {relation, args->count, args->types};
	SPIPlanPtr	  plan = prepare_without_rules(sql, &statement);

	MemoryContextSwitchTo(context);
	remember_statement(plan, &statement);
	return plan;
}

void
query_keep(struct _SPI_plan *plan)
{
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep \"%s\"", query_plan_text(plan));
}

static void
run_plan(SPIPlanPtr plan, const SPIExecuteOptions *options)
{
	volatile int result = 0;

	PG_TRY();
	{
		result = SPI_execute_plan_extended(plan, options);
	}
	PG_CATCH();
	{
		rule_forget();
		PG_RE_THROW();
	}
	PG_END_TRY();
	rule_heed();
	if (result < 0)
		elog(ERROR, "could not run a prepared statement: %s", SPI_result_code_string(result));
}

static uint64
execute_plan(SPIPlanPtr plan, const QueryArgs *args, bool read_only)
{
	MemoryContext	  context = CurrentMemoryContext;
	SPIExecuteOptions options = {.params = param_list(args), .read_only = read_only};

	run_plan(plan, &options);
	MemoryContextSwitchTo(context);
	pfree(options.params);
	return SPI_processed;
}

uint64_t
query_run_plan(struct _SPI_plan *plan, const QueryArgs *args)
{
	return execute_plan(plan, args, false);
}

uint64_t
query_read(const char *sql, const QueryArgs *args)
{
	SPIPlanPtr plan = query_prepare(sql, args);
	uint64	   rows = execute_plan(plan, args, true);

	SPI_freeplan(plan);
	return rows;
}

void
query_stream(struct _SPI_plan *plan, const QueryArgs *args, struct _DestReceiver *receiver)
{
	MemoryContext	  context = CurrentMemoryContext;
	SPIExecuteOptions options = {.params = param_list(args), .dest = receiver};

	run_plan(plan, &options);
	MemoryContextSwitchTo(context);
}

/*
 * Saved statements
 */

static void
forget_saved(void)
{
	HASH_SEQ_STATUS scan;
	Saved		   *entry;

	hash_seq_init(&scan, saved);
	while ((entry = hash_seq_search(&scan)) != NULL)
		SPI_freeplan(entry->plan);
	hash_destroy(saved);
	saved = NULL;
}

/* The table is bounded, since releases come and go, and the names of their tables with them. */
static Saved *
find_saved(const char *sql)
{
	HASHCTL control = {.keysize = SAVED_TEXT_SIZE, .entrysize = sizeof(Saved)};
	Saved  *entry;
	bool	found;

	if (saved != NULL && hash_get_num_entries(saved) >= SAVED_MAX)
		forget_saved();
	if (saved == NULL)
		saved = hash_create("pg_gray statements", 32, &control, HASH_ELEM | HASH_STRINGS);
	entry = hash_search(saved, sql, HASH_ENTER, &found);
	if (!found)
		entry->plan = NULL;
	return entry;
}

uint64_t
query_run_saved(const char *sql, const QueryArgs *args)
{
	Saved *entry;

	if (strlen(sql) >= SAVED_TEXT_SIZE)
		elog(ERROR, "statement \"%s\" is too long to be saved", sql);
	entry = find_saved(sql);
	/* A release with the same number but another uid type has come in place of an old one. */
	if (entry->plan != NULL && entry->first_type != args->types[0])
	{
		SPI_freeplan(entry->plan);
		entry->plan = NULL;
	}
	if (entry->plan == NULL)
	{
		entry->plan = query_prepare(sql, args);
		query_keep(entry->plan);
	}
	entry->first_type = args->types[0];
	return query_run_plan(entry->plan, args);
}

/*
 * Results
 */

char *
query_text(uint64_t row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

uintptr_t
query_value(uint64_t row, int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, is_null);
}

bool
query_is_null(uint64_t row, int column)
{
	bool is_null;

	(void) query_value(row, column, &is_null);
	return is_null;
}

/* Return a value whose type has this many bytes; SQL NULL is 0. */
static Datum
value_of_size(uint64 row, int column, int size)
{
	bool  is_null;
	Datum value = query_value(row, column, &is_null);

	if (is_null)
		return (Datum) 0;
	if (TupleDescAttr(SPI_tuptable->tupdesc, column - 1)->attlen != size)
		elog(ERROR, "column %d of the result has an unexpected type", column);
	return value;
}

int
query_int(uint64_t row, int column)
{
	if (SPI_gettypeid(SPI_tuptable->tupdesc, column) == INT2OID)
		return DatumGetInt16(value_of_size(row, column, sizeof(int16)));
	return DatumGetInt32(value_of_size(row, column, sizeof(int32)));
}

unsigned int
query_oid(uint64_t row, int column)
{
	return DatumGetObjectId(value_of_size(row, column, sizeof(Oid)));
}

bool
query_bool(uint64_t row, int column)
{
	return DatumGetBool(value_of_size(row, column, sizeof(bool)));
}

uint64_t
query_count(uint64_t row, int column)
{
	return DatumGetUInt64(value_of_size(row, column, sizeof(uint64)));
}
