/*
 * query.h: runs SQL statements with parameters through SPI
 *
 * The caller has called SPI_connect.  Every function but query_read takes a snapshot for its
 * statement, so that the statement sees all that was committed before a lock was granted.
 */
#ifndef PG_GRAY_POSTGRES_QUERY_H
#define PG_GRAY_POSTGRES_QUERY_H

#include <stdbool.h>
#include <stdint.h>

struct List;
struct _SPI_plan;
struct _DestReceiver;

#define QUERY_MAX_ARGS 32 /* as many as an index can have columns */

typedef struct QueryArgs
{
	int			 count;
	unsigned int types[QUERY_MAX_ARGS];
	uintptr_t	 values[QUERY_MAX_ARGS]; /* Datum */
	char		 nulls[QUERY_MAX_ARGS + 1];
} QueryArgs;

/* Append a parameter; a null text is SQL NULL. */
extern void query_arg(QueryArgs *args, unsigned int type, uintptr_t value);
extern void query_arg_text(QueryArgs *args, const char *text);
extern void query_arg_int(QueryArgs *args, int value);
extern void query_arg_oids(QueryArgs *args, const struct List *oids); /* an oid[] */
extern void query_arg_ints(QueryArgs *args, const struct List *ints); /* an integer[]; NIL: null */

/*
 * Run a statement; args may be null.  Return the number of rows returned or changed; the rows are
 * in SPI_tuptable.  Raises the errors of the statement.
 */
extern uint64_t query_run(const char *sql, const QueryArgs *args);

/*
 * Run a statement that adds a foreign key to an empty table (Oid); the table is not searched for
 * rows (role_guard_set_empty).
 */
extern void query_run_key(const char *sql, unsigned int table);

/*
 * Run a SELECT of a user's rows under the active snapshot, so that several statements see the same
 * rows.  The SELECT is planned as by query_run_saved.
 */
extern uint64_t query_read(const char *sql, const QueryArgs *args);

/*
 * As query_run, for a statement that the session runs again and again: the statement is prepared
 * once, and planned for any values that few rows have (small_user_plan.h).  Of its parameters,
 * only the first may have another type than before.
 */
extern uint64_t query_run_saved(const char *sql, const QueryArgs *args);

/*
 * Prepare a statement as query_run_saved does; the caller frees the plan.  A plan that is not kept
 * (query_keep) is freed by SPI_finish.
 */
extern struct _SPI_plan *query_prepare(const char *sql, const QueryArgs *args);

/*
 * The same for a statement of the fence: its plan can be used also when partitions belong to other
 * roles.
 */
extern struct _SPI_plan *query_prepare_root(const char *sql, const QueryArgs *args);

/*
 * The same for a statement that writes a relation (Oid; 0: none) and on which no rule acts
 * (rule.h).  Only query_run_plan and query_stream can run the plan: SPI does not know of its
 * parameters.
 */
extern struct _SPI_plan *query_prepare_without_rules(const char *sql, const QueryArgs *args,
													 unsigned int relation);

extern void query_keep(struct _SPI_plan *plan);

extern uint64_t query_run_plan(struct _SPI_plan *plan, const QueryArgs *args);

/*
 * Return the text of the plan; its address tells which executor's QueryDesc belongs to this plan.
 */
extern const char *query_plan_text(struct _SPI_plan *plan);

/* Run a SELECT whose rows go to `receiver` as they come, and are stored nowhere. */
extern void query_stream(struct _SPI_plan *plan, const QueryArgs *args,
						 struct _DestReceiver *receiver);

/* Return a column of the last result as text, palloc'd; null for SQL NULL. */
extern char *query_text(uint64_t row, int column);

/* The same of a smallint or integer, an oid, a boolean and a bigint; SQL NULL is 0, or false. */
extern int			query_int(uint64_t row, int column);
extern unsigned int query_oid(uint64_t row, int column);
extern bool			query_bool(uint64_t row, int column);
extern uint64_t		query_count(uint64_t row, int column);

/* The same as PostgreSQL has it, a Datum of the column's type. */
extern uintptr_t query_value(uint64_t row, int column, bool *is_null);
extern bool		 query_is_null(uint64_t row, int column);

#endif /* PG_GRAY_POSTGRES_QUERY_H */
