/*
 * prepared.h: what a session keeps ready for the moves of a release
 *
 * The statements of moves, prepared
 */
#ifndef PG_GRAY_MOVE_PREPARED_H
#define PG_GRAY_MOVE_PREPARED_H

#include <stdbool.h>
#include <stdint.h>

#include "move/silent_write.h"
#include "postgres/query.h"
#include "postgres/session_cache.h"
#include "release/twin.h"

struct HTAB;
struct List;
struct Release;

typedef struct Prepared
{
	SessionEntry  entry; /* by the release's number; must be first */
	TwinSet		 *set;
	unsigned int  owner_role;
	char		 *unfenced;		 /* a table whose fence is off; or null */
	struct List **references[2]; /* by Side, by place in the set: see reference.h */
	struct HTAB	 *statements;	 /* by Statement: see below */
} Prepared;

/*
 * The prepared of a release, good until the end of the transaction; loaded anew when a
 * table or the registry has been changed since.  Raises when a table is missing, unless it
 * is to do with what there is (`may_miss`).  The caller has called SPI_connect and acts as
 * the catalog owner.
 */
extern Prepared *prepared_open(const struct Release *release, bool may_miss);

/* The next prepared_open loads it anew. */
extern void prepared_forget(Prepared *prepared);

/* Place of a twin in its set, from 0. */
extern int prepared_place(const Prepared *prepared, const Twin *twin);

struct Move;
struct Prepared;
struct StringInfoData;

/*
 * What a statement does, for which table, and more closely by a detail that its
 * text function understands: a pointer into the prepared or to a constant.
 * Statements that are equal in all of this have one text.
 */
typedef struct Statement
{
	void (*text)(struct StringInfoData *sql, const Twin *twin, const void *detail);
	const Twin *twin;
	const void *detail;
} Statement;

/*
 * Run a statement of a move; args always have the same types.  The plan is for any
 * values and kept, or for a large user made for this one (see small_user_plan.h).  Returns the
 * number of rows returned or changed; rows are in SPI_tuptable.
 */
extern uint64_t statement_run(const struct Move *move, Statement statement, QueryArgs *args);

/* Run one that writes a twin's table on a side, as silent_write_run does. */
extern uint64_t statement_write(const struct Move *move, Statement statement, QueryArgs *args,
								Side side);

/* Run a SELECT whose rows go to `receiver`. */
extern void statement_stream(const struct Move *move, Statement statement, QueryArgs *args,
							 struct _DestReceiver *receiver);

/* The same for a text that is not kept.  The target is what it writes. */
extern uint64_t statement_run_once(const struct Move *move, const char *sql, QueryArgs *args);
extern uint64_t statement_write_once(const struct Move *move, const char *sql, QueryArgs *args,
									 SilentTarget target);
extern void		statement_stream_once(const struct Move *move, const char *sql, QueryArgs *args,
									  struct _DestReceiver *receiver);

#endif /* PG_GRAY_MOVE_PREPARED_H */
