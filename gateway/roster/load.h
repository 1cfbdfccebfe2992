/*
 * load.h: reads a whole roster, on a connection of its own
 *
 * Life cycle of a load: opening -> reading where the extension is, and which rights the role
 * has -> reading the release's line and users -> over. The connection is closed then. A problem
 * is logged once, and not again by the loads that follow. Meanwhile the watch goes on with the
 * present roster.
 */
#ifndef GATEWAY_ROSTER_LOAD_H
#define GATEWAY_ROSTER_LOAD_H

#include "loop/loop.h"
#include "roster/follow.h"

typedef struct Load Load;

/*
 * version (consumed) has no roster (NULL) if the load has failed. schema is the schema of the
 * extension's functions, quoted. It is consumed, to be freed by PQfreemem. NULL: the extension
 * is not there.
 */
typedef void (*LoadDone)(void *context, Version *version, char *schema);

/* Begin a load. done is called once, from the loop, unless the load is stopped. */
extern Load *load_new(Loop *loop, LoadDone done, void *context);
extern void	 load_free(Load *load);

extern void load_begin(Load *load);
extern void load_stop(Load *load);

/* Return how much has come so far. The number grows while the database answers. */
extern uint64_t load_progress(const Load *load);

#endif /* GATEWAY_ROSTER_LOAD_H */
