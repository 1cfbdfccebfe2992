/*
 * keeper.h: keeps the roster file up to date
 *
 * A forked child writes the file, from the memory at the time of the fork, so that the loop
 * does not wait for a disk.
 */
#ifndef GATEWAY_ROSTER_KEEPER_H
#define GATEWAY_ROSTER_KEEPER_H

#include "loop/loop.h"
#include "roster/watch.h"

typedef struct Keeper Keeper;

extern Keeper *keeper_new(const Loop *loop, Watch *watch);

/* Write what has changed since the last writing, and wait until it is written. */
extern void keeper_free(Keeper *keeper);

/* Begin to write the file if that is due. */
extern void keeper_sweep(Keeper *keeper, uint64_t now_ms);

#endif /* GATEWAY_ROSTER_KEEPER_H */
