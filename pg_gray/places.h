/*
 * places.h: rows by where they are: in which table or partition, and where there
 *
 * Good only as long as nobody else can write the rows: the user is locked.
 */
#ifndef PLACES_H
#define PLACES_H

#include <stdint.h>

#include "query.h"

struct _DestReceiver;
struct ItemPointerData;
struct List;

/* Places in one table or partition. */
typedef struct Places
{
	unsigned int			relation;
	uint64_t				count;
	uint64_t				room;
	struct ItemPointerData *at;
} Places;

/*
 * A receiver of rows (set integer, relation oid, place tid); the place is added to that one
 * of the lists (of Places) in `sets`.  All is palloc'd in the present memory context.
 */
extern struct _DestReceiver *places_receiver(struct List **sets);

extern uint64_t places_count(const struct List *places);

/* The arguments of a move ($1: the uid), and after them these places as $2, tid[]. */
extern QueryArgs places_args(const Places *places, const QueryArgs *args);

#endif /* PLACES_H */
