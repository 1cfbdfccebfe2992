/*
 * rival_owner.h: whose a row is
 */
#ifndef RIVAL_OWNER_H
#define RIVAL_OWNER_H

#include <stdbool.h>
#include <stdint.h>

struct FencePath;
struct OwnerRoute;
struct SnapshotData;
struct TupleTableSlot;

/* How the rows of a table lead to their user. */
typedef struct RivalOwner
{
	unsigned int table; /* Oid */

	/* the uid's column alone, or those of the owner path */
	int				  column_count;
	int16_t			 *attnums;
	struct FencePath *path;		/* null: the column holds the uid */
	unsigned int	  uid_type; /* Oid, of that column */
} RivalOwner;

/*
 * In the current memory context, but for what rival_owner_free lets go.  The caller
 * has called SPI_connect.
 */
extern void rival_owner_load(RivalOwner *owner, const struct OwnerRoute *route, int release_id);
extern void rival_owner_free(RivalOwner *owner);

/* Lock the tables of the owner path ACCESS SHARE, so that it stays what it is; or let them go. */
extern void rival_owner_lock(const RivalOwner *owner);
extern void rival_owner_unlock(const RivalOwner *owner);

/*
 * The uid (of its family: uid.h) of a row of the table or of one of its partitions (an Oid), in *uid;
 * false when it belongs to nobody.  The caller has locked the owner path.
 */
extern bool rival_owner_of(const RivalOwner *owner, struct SnapshotData *snapshot,
						   struct TupleTableSlot *row, unsigned int relation, uintptr_t *uid);

#endif /* RIVAL_OWNER_H */
