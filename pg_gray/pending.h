/*
 * pending.h: deferred checks of this transaction that are still to come
 */
#ifndef PENDING_H
#define PENDING_H

#include "words.h"

struct TwinSet;

/* A table or partition (Oid) of that side that has some; 0: none has. */
extern unsigned int pending_table(const struct TwinSet *set, Side side);

#endif /* PENDING_H */
