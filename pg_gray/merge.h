/*
 * merge.h: changed rows, from gray into the frozen rows in production
 */
#ifndef MERGE_H
#define MERGE_H

#include <stdint.h>

#include "change.h"

struct Move;

/* Update the production rows whose gray twins differ; returns how many. */
extern uint64_t merge_update(struct Move *move, Change *change);

#endif /* MERGE_H */
