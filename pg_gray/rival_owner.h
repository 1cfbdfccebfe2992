/*
 * rival_owner.h: whose a row is
 */
#ifndef RIVAL_OWNER_H
#define RIVAL_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "twin.h"

struct TupleTableSlot;

/* How the rows of a twin's table on one side lead to their user. */
typedef struct RivalOwner
{
	unsigned int table;	   /* Oid */
	unsigned int role;	   /* Oid: reads the owner path */
	unsigned int uid_type; /* Oid */

	/* the uid's column alone, or those of the owner path */
	int				  column_count;
	int16_t			 *attnums;
	struct _SPI_plan *plan; /* null: the column holds the uid */
} RivalOwner;

/* In the current memory context; the plan is kept until rival_owner_free. */
extern void rival_owner_load(RivalOwner *owner, const Twin *twin, Side side, unsigned int uid_type);
extern void rival_owner_free(RivalOwner *owner);

/*
 * The uid of a row of the table or of one of its partitions (an Oid), in *uid;
 * false when it belongs to nobody.  Reads all that is committed, or of our own
 * transaction.
 */
extern bool rival_owner_of(const RivalOwner *owner, struct TupleTableSlot *row,
						   unsigned int relation, uintptr_t *uid);

#endif /* RIVAL_OWNER_H */
