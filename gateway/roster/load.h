/*
 * load.h: reads a whole roster, on a connection of its own
 *
 * Life of a load: opening -> where the extension is, and what the role may -> the release's line
 * and users -> over.  What is wrong is said once, and not again by the loads that follow it.
 * The connection is closed then.  Meanwhile the watch goes on with the roster that there is.
 */
#ifndef GATEWAY_ROSTER_LOAD_H
#define GATEWAY_ROSTER_LOAD_H

#include "loop/loop.h"
#include "roster/follow.h"

typedef struct Load Load;

/*
 * version (consumed): its roster is NULL if the load has failed.  schema: of the extension's
 * functions, quoted; consumed, to be freed by PQfreemem; NULL: the extension is not there.
 */
typedef void (*LoadDone)(void *context, Version *version, char *schema);

/* done is called once for each load that is not stopped, from the loop. */
extern Load *load_new(Loop *loop, LoadDone done, void *context);
extern void	 load_free(Load *load);

extern void load_begin(Load *load);
extern void load_stop(Load *load);

/* How much has come so far: it grows while the database answers. */
extern uint64_t load_progress(const Load *load);

#endif /* GATEWAY_ROSTER_LOAD_H */
