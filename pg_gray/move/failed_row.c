/*
 * failed_row.c: finds the row at which a move failed
 *
 * A move writes all rows of a table in one statement, and most errors do not name the row: a cast,
 * an overflow, a check, an error of a function.  While all goes well, the move only remembers
 * which statement runs.  After a failure the statement is run again for half of the rows, then for
 * half of the half that fails in the same way, each time in a subtransaction that is rolled back,
 * until one row is left that fails by itself.  Two rows with the same unique value fail only
 * together: then the second row is looked for.
 *
 * The rows are taken in the order of their table (or partition) and tid, so neighbouring rows are
 * a window between two tids.  All windows together hold at most twice the rows; a search takes
 * some four times as long as the statement did.
 *
 * Statements before the failed one are not repeated.  That may change the errors of the rows, and
 * so may a write between the roll-back and the new lock; then the search ends without an answer.
 * Of several users who come home together, only the one who was asked for is locked again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "storage/itemptr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "move/failed_row.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/twin_sql.h"

/*
 * The search is not made among more rows than this, nor after an attempt that took longer, nor
 * does it last longer.
 */
#define SEARCH_MAX_ROWS 100000
#define SEARCH_MAX_MS 5000

/* A search takes less than so many times the duration of the attempt. */
#define SEARCH_COST 5

typedef struct Place
{
	Oid				table;
	ItemPointerData row;
} Place;

typedef struct Search
{
	const FailedRow *failed_row;
	Move			 move; /* in a window from `first` to `last` */
	ErrorData		*wanted;
	ErrorData		*found; /* the error of the last run that failed in the same way */
	TimestampTz		 deadline;
	Place			*places;
	uint64			 count;
	char			*key;
} Search;

/*
 * What a move is doing
 */

void
failed_row_begin(const Move *move, const Twin *twin, Side from, Side to, FailedRowAgain again,
				 const void *detail)
{
	FailedRow *failed_row = move->failed_row;

	if (failed_row->twin != NULL)
		return;
	failed_row->twin = twin;
	failed_row->from = from;
	failed_row->to = to;
	failed_row->again = again;
	failed_row->detail = detail;
}

void
failed_row_end(const Move *move)
{
	move->failed_row->twin = NULL;
}

void
failed_row_is(const Move *move, const Twin *twin, Side to, char *key)
{
	failed_row_end(move);
	failed_row_begin(move, twin, to, to, NULL, NULL);
	move->failed_row->key = key;
}

void
failed_row_append_key(StringInfo sql, const Twin *twin, Side side, const char *alias)
{
	StringInfoData form;
	StringInfoData values;

	if (twin->key_count == 0)
	{
		appendStringInfoString(sql, "NULL::pg_catalog.text");
		return;
	}
	initStringInfo(&form);
	initStringInfo(&values);
	for (int i = 0; i < twin->key_count; i++)
	{
		const char *separator = i == 0 ? "" : ", ";

		appendStringInfo(&form, "%s%s", separator, twin->key_columns[i]->name[SIDE_PRODUCTION]);
		appendStringInfo(&values, "%s%s.%s", separator, alias, twin->key_columns[i]->name[side]);
	}
	appendStringInfo(sql, "pg_catalog.concat('(', %s, ')=(', pg_catalog.concat_ws(', ', %s), ')')",
					 quote_literal_cstr(form.data), values.data);
}

void
failed_row_append_window(StringInfo sql, const char *alias)
{
	appendStringInfo(sql,
					 " AND (%s.tableoid, %s.ctid) >= ($2, $3) AND (%s.tableoid, %s.ctid) <= ($4, $5)",
					 alias, alias, alias, alias);
}

/*
 * Runs
 */

static void
open_window(Search *search, const Place *first, const Place *last)
{
	QueryArgs *args = &search->move.args;

	args->count = 1; /* the uid */
	query_arg(args, OIDOID, ObjectIdGetDatum(first->table));
	query_arg(args, TIDOID, PointerGetDatum(&first->row));
	query_arg(args, OIDOID, ObjectIdGetDatum(last->table));
	query_arg(args, TIDOID, PointerGetDatum(&last->row));
}

static char *
rows_text(const Search *search, const char *wanted)
{
	const FailedRow *failed_row = search->failed_row;
	const char		*alias = twin_sql_alias(failed_row->from);
	StringInfoData	 sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM %s %s WHERE ", wanted,
					 failed_row->twin->table[failed_row->from], alias);
	twin_sql_owned(&sql, failed_row->twin, failed_row->from, alias);
	return sql.data;
}

static void
list_places(Search *search)
{
	const char *alias = twin_sql_alias(search->failed_row->from);
	char	   *places = rows_text(search, psprintf("%s.tableoid, %s.ctid", alias, alias));
	bool		is_null;

	search->count =
		statement_run_once(&search->move,
						   psprintf("%s ORDER BY 1, 2 LIMIT %d", places, SEARCH_MAX_ROWS + 1),
						   &search->move.args);
	search->places = palloc_extended(sizeof(Place) * (search->count + 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < search->count; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		Place	 *place = &search->places[i];

		place->table = DatumGetObjectId(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &is_null));
		place->row =
			*(ItemPointer) DatumGetPointer(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &is_null));
	}
}

static void
do_again(Search *search)
{
	(void) search->failed_row->again(&search->move, search->failed_row->twin,
									 search->failed_row->detail);
}

static void
read_key(Search *search)
{
	const FailedRow *failed_row = search->failed_row;
	const char		*alias = twin_sql_alias(failed_row->from);
	StringInfoData	 key;
	StringInfoData	 window;

	initStringInfo(&key);
	failed_row_append_key(&key, failed_row->twin, failed_row->from, alias);
	initStringInfo(&window);
	failed_row_append_window(&window, alias);
	if (statement_run_once(&search->move, psprintf("%s%s", rows_text(search, key.data), window.data),
						   &search->move.args) == 1)
		search->key = query_text(0, 1);
}

static void
run_as_owner(Search *search, void (*run)(Search *search))
{
	RoleSwitch before;

	role_become(&before, search->move.prepared->owner_role);
	role_yield_soon();
	role_pin_formats(&search->move.release->formats);
	twin_sql_set_together(search->move.together != NIL);
	run(search);
	role_return(&before);
}

typedef struct Vain
{
	Search *search;
	void (*run)(Search *search);
} Vain;

static bool
run_and_roll_back(void *argument)
{
	Vain *vain = argument;

	run_as_owner(vain->search, vain->run);
	return false;
}

/* Run `run` and roll it back.  Return the error that it raised, or null. */
static ErrorData *
run_in_vain(Search *search, void (*run)(Search *search))
{
	ErrorData *error = subtransaction_run(run_and_roll_back, &(Vain){search, run});

	twin_sql_set_together(false);
	if (error != NULL && ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(error);
	return error;
}

/*
 * Search
 */

static bool
same_text(const char *one, const char *other)
{
	return strcmp(one ? one : "", other ? other : "") == 0;
}

static bool
is_of_two_rows(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION ||
		   error->sqlerrcode == ERRCODE_EXCLUSION_VIOLATION;
}

/*
 * For a unique violation, the detail tells the value.  For other errors the detail shows the row,
 * and may differ each time.
 */
static bool
is_same(const ErrorData *one, const ErrorData *other)
{
	return one->sqlerrcode == other->sqlerrcode && same_text(one->message, other->message) &&
		   same_text(one->constraint_name, other->constraint_name) &&
		   (!is_of_two_rows(one) || same_text(one->detail, other->detail));
}

static bool
fails_between(Search *search, uint64 first, uint64 last)
{
	ErrorData *error;

	if (GetCurrentTimestamp() > search->deadline)
		return false;
	open_window(search, &search->places[first], &search->places[last]);
	error = run_in_vain(search, do_again);
	if (error == NULL || !is_same(error, search->wanted))
		return false;
	search->found = error;
	return true;
}

/*
 * The rows up to `low` do not fail, the rows up to `high` do: find the row that makes the
 * difference.
 */
static bool
find_second_row(Search *search, uint64 first, uint64 low, uint64 high)
{
	while (high - low > 1)
	{
		uint64 middle = low + (high - low) / 2;

		if (fails_between(search, first, middle))
			high = middle;
		else
			low = middle;
	}
	if (!fails_between(search, first, high))
		return false;
	open_window(search, &search->places[high], &search->places[high]);
	return true;
}

/*
 * Leave the window at the row that fails, by itself or with a row before it; return false when
 * there is none.
 */
static bool
find_row(Search *search)
{
	uint64 first = 0;
	uint64 last = search->count - 1;

	while (first < last)
	{
		uint64 middle = first + (last - first) / 2;

		if (fails_between(search, first, middle))
			last = middle;
		else if (fails_between(search, middle + 1, last))
			first = middle + 1;
		else
			return is_of_two_rows(search->wanted) && find_second_row(search, first, middle, last);
	}
	return fails_between(search, first, first);
}

static void
search_row(Search *search)
{
	if (run_in_vain(search, list_places) != NULL || search->count == 0 ||
		search->count > SEARCH_MAX_ROWS || !find_row(search))
		return;
	if (search->found->hint == NULL) /* the move may have added a hint to the error */
		search->found->hint = search->wanted->hint;
	search->wanted = search->found;
	(void) run_in_vain(search, read_key);
}

/*
 * A statement_timeout would end both the search and the move, and the failure would never be
 * recorded.
 */
static bool
is_worth_it(const FailedRow *failed_row, TimestampTz now)
{
	int64 taken = now - failed_row->since;

	if (failed_row->again == NULL || failed_row->twin->key_count == 0 ||
		taken > SEARCH_MAX_MS * INT64CONST(1000))
		return false;
	return !get_timeout_active(STATEMENT_TIMEOUT) ||
		   get_timeout_finish_time(STATEMENT_TIMEOUT) - now > SEARCH_COST * taken;
}

static void
name_table(const FailedRow *failed_row, ErrorData *error)
{
	Oid relation = failed_row->twin->relation[failed_row->to];

	if (error->table_name != NULL || get_rel_name(relation) == NULL)
		return;
	error->schema_name = get_namespace_name(get_rel_namespace(relation));
	error->table_name = get_rel_name(relation);
}

char *
failed_row_find(const Move *move, ErrorData **error)
{
	const FailedRow *failed_row = move->failed_row;
	TimestampTz		 now = GetCurrentTimestamp();
	FailedRow		 none = {0};
	Search			 search = {.failed_row = failed_row, .move = *move, .wanted = *error};

	if (failed_row->twin == NULL)
		return NULL;
	if (is_worth_it(failed_row, now))
	{
		search.deadline = TimestampTzPlusMilliseconds(now, SEARCH_MAX_MS);
		search.move.window = true;
		search.move.failed_row = &none;
		search_row(&search);
		*error = search.wanted;
	}
	name_table(failed_row, *error);
	return failed_row->key != NULL ? failed_row->key : search.key;
}
