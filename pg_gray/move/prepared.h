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
#include "release/twin.h"

struct HTAB;
struct Move;
struct Release;
struct SessionCache;
struct StringInfoData;

typedef struct Prepared
{
	struct SessionCache *cached; /* its memory context holds everything below */
	TwinSet				*set;
	unsigned int		 owner_role;
	char				*unfenced; /* name of a table whose fence is off; or null */
	References			 references;
	struct HTAB			*statements; /* the prepared statements, by Statement */
} Prepared;

/*
 * Return the prepared of a release, valid until the end of the transaction; it is loaded anew when
 * a table or the registry has been changed.  Raises when a table is missing, unless `may_miss`
 * says to go on with the existing ones.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern Prepared *prepared_open(const struct Release *release, bool may_miss);

/* Have the next prepared_open load it anew. */
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

/*
 * Run a statement of a move; its args always have the same types.  The plan is generic and kept,
 * or, for a large user, made for this user (see small_user_plan.h).  Returns the number of rows
 * returned or changed; the rows are in SPI_tuptable.
 */
extern uint64_t statement_run(const struct Move *move, Statement statement, QueryArgs *args);

/* Run a statement that writes a twin's table on one side, as silent_write_run does. */
extern uint64_t statement_write(const struct Move *move, Statement statement, QueryArgs *args,
								Side side);

/* Run a SELECT whose rows go to `receiver`. */
extern void statement_stream(const struct Move *move, Statement statement, QueryArgs *args,
							 struct _DestReceiver *receiver);

/* The same for a text that is not kept.  The target is the table that the statement writes. */
extern uint64_t statement_run_once(const struct Move *move, const char *sql, QueryArgs *args);
extern uint64_t statement_write_once(const struct Move *move, const char *sql, QueryArgs *args,
									 SilentTarget target);
extern void		statement_stream_once(const struct Move *move, const char *sql, QueryArgs *args,
									  struct _DestReceiver *receiver);

#endif /* PG_GRAY_MOVE_PREPARED_H */
