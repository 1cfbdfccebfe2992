/*
 * statement.h: the statements of moves, prepared
 */
#ifndef STATEMENT_H
#define STATEMENT_H

#include <stdint.h>

#include "query.h"
#include "quiet.h"
#include "twin.h"

struct Move;
struct Playbook;
struct StringInfoData;

/*
 * What a statement does, for which table, and more closely by a detail that its
 * text function understands: a pointer into the playbook or to a constant.
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
 * values and kept, or for a large user made for this one (see index_plan.h).  Returns the
 * number of rows returned or changed; rows are in SPI_tuptable.
 */
extern uint64_t statement_run(const struct Move *move, Statement statement, QueryArgs *args);

/* Run one that writes a twin's table on a side, as quiet_run does. */
extern uint64_t statement_write(const struct Move *move, Statement statement, QueryArgs *args,
								Side side);

/* Run a SELECT whose rows go to `receiver`. */
extern void statement_stream(const struct Move *move, Statement statement, QueryArgs *args,
							 struct _DestReceiver *receiver);

/* The same for a text that is not kept.  The target is what it writes. */
extern uint64_t statement_run_once(const struct Move *move, const char *sql, QueryArgs *args);
extern uint64_t statement_write_once(const struct Move *move, const char *sql, QueryArgs *args,
									 QuietTarget target);
extern void		statement_stream_once(const struct Move *move, const char *sql, QueryArgs *args,
									  struct _DestReceiver *receiver);

/* For playbook.c: make the empty cache; free what is prepared. */
extern void statement_prepare_cache(struct Playbook *playbook);
extern void statement_forget_all(struct Playbook *playbook);

#endif /* STATEMENT_H */
