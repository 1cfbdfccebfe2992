/*
 * keeper.h: keeps the roster file up to date
 *
 * A forked child writes it, from the memory as it was, so that the loop does not wait for a disk.
 */
#ifndef GATEWAY_ROSTER_KEEPER_H
#define GATEWAY_ROSTER_KEEPER_H

#include "loop/loop.h"
#include "roster/watch.h"

typedef struct Keeper Keeper;

extern Keeper *keeper_new(const Loop *loop, Watch *watch);

/* Writes what has changed since, and waits for it. */
extern void keeper_free(Keeper *keeper);

/* Begins to write if that is due. */
extern void keeper_sweep(Keeper *keeper, uint64_t now_ms);

#endif /* GATEWAY_ROSTER_KEEPER_H */
