/*
 * tid_list.h: lists rows by their table or partition and tid
 *
 * A list is valid only as long as nobody else can write the rows: the user is locked.
 */
#ifndef PG_GRAY_POSTGRES_TID_LIST_H
#define PG_GRAY_POSTGRES_TID_LIST_H

#include <stdint.h>

#include "postgres/query.h"

struct _DestReceiver;
struct ItemPointerData;
struct List;

/* The tids of rows of one table or partition. */
typedef struct TidList
{
	unsigned int			relation;
	uint64_t				count;
	uint64_t				room;
	struct ItemPointerData *at;
} TidList;

/*
 * Return a receiver of rows (set integer, relation oid, tid); it adds each tid to the list of its
 * relation (TidList) in the element `set` of `sets`. All is palloc'd in the present memory
 * context.
 */
extern struct _DestReceiver *tid_list_receiver(struct List **sets);

extern uint64_t tid_list_count(const struct List *tids);

/* Return the arguments of a move ($1: the uid), followed by these tids as $2, tid[]. */
extern QueryArgs tid_list_args(const TidList *tids, const QueryArgs *args);

#endif /* PG_GRAY_POSTGRES_TID_LIST_H */
