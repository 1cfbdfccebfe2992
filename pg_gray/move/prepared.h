/*
 * prepared.h: keeps what a session needs for the moves of a release: its tables, their foreign
 * keys, and the statements of moves
 */
#ifndef PG_GRAY_MOVE_PREPARED_H
#define PG_GRAY_MOVE_PREPARED_H

#include <stdbool.h>
#include <stdint.h>

#include "move/reference.h"
#include "move/silent_write.h"
#include "postgres/query.h"
#include "postgres/session_cache.h"
#include "release/hook.h"
#include "release/twin.h"

struct HTAB;
struct List;
struct Move;
struct Release;
struct StringInfoData;

typedef struct Prepared
{
	SessionEntry entry; /* by the release's number; must be first */
	TwinSet		*set;
	unsigned int owner_role;
	char		*unfenced;			 /* name of a table whose fence is off; or null */
	char		*hooks[HOOK_EVENTS]; /* by HookEvent: names of functions; or null */
	struct List *made;				 /* MadeRows; see made_load.h */
	References	 references;
	struct HTAB *statements; /* by Statement: see below */
} Prepared;

/*
 * Return the prepared of a release, valid until the end of the transaction.  The prepared is loaded
 * again when a table or the registry has been changed, or a table that was gone is there again.
 * Raises when a table is missing; with `may_miss`, goes on with the existing tables.  The caller has called SPI_connect and acts as the
 * catalog owner.
 */
extern Prepared *prepared_open(const struct Release *release, bool may_miss);

/*
 * True when a table was dropped since the prepared (or null) was loaded: the next prepared_open
 * knows that.
 */
extern bool prepared_lost_table(const Prepared *prepared);

/* Make the next prepared_open load the prepared again. */
extern void prepared_forget(Prepared *prepared);

/* Return the number of a twin in its set, from 0. */
extern int prepared_place(const Prepared *prepared, const Twin *twin);

/*
 * A statement is known by its text function, its table, and a detail that the text function
 * understands: a pointer into the prepared or to a constant.  Statements that are equal in all
 * three have one text.
 */
typedef struct Statement
{
	void (*text)(struct StringInfoData *sql, const Twin *twin, const void *detail);
	const Twin *twin;
	const void *detail;
} Statement;

/* A detail that is a value of an enum, and the value again. */
static inline const void *
statement_choice(int choice)
{
	return (const void *) (intptr_t) choice;
}

static inline int
statement_chosen(const void *detail)
{
	return (int) (intptr_t) detail;
}

/*
 * Run a statement of a move; its args always have the same types.  The plan is generic and kept,
 * or, for a large user, made for this user (see small_user_plan.h).  Returns the number of rows
 * returned or changed; the rows are in SPI_tuptable.
 */
extern uint64_t statement_run(const struct Move *move, Statement statement, const QueryArgs *args);

/* Run a statement that writes a twin's table on one side, as silent_write_run does. */
extern uint64_t statement_write(const struct Move *move, Statement statement, const QueryArgs *args,
								Side side);

/* Run a SELECT whose rows go to `receiver`. */
extern void statement_stream(const struct Move *move, Statement statement, const QueryArgs *args,
							 struct _DestReceiver *receiver);

/* The same for a text that is not kept.  The target is the table that the statement writes. */
extern uint64_t statement_run_once(const struct Move *move, const char *sql, const QueryArgs *args);
extern uint64_t statement_write_once(const struct Move *move, const char *sql,
									 const QueryArgs *args, SilentTarget target);
extern void statement_stream_once(const struct Move *move, const char *sql, const QueryArgs *args,
								  struct _DestReceiver *receiver);

#endif /* PG_GRAY_MOVE_PREPARED_H */
