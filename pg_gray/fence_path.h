/*
 * fence_path.h: following a row's owner path to the uid
 */
#ifndef FENCE_PATH_H
#define FENCE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "fence_nobody.h"
#include "owner_set.h"
#include "words.h"

struct OwnerRoute;
struct SnapshotData;

/* One step: from the columns that refer to a row of the parent, to what is in that row. */
typedef struct FenceLink
{
	unsigned int		parent;		/* Oid */
	unsigned int		index;		/* Oid; 0: by the plan */
	struct ScanKeyData *keys;		/* the index's, without their arguments */
	int				   *key_values; /* by key: which of the given values */
	struct _SPI_plan   *plan;
	int					value_count; /* given */
	int					next_count;	 /* found: the uid alone, or the parent's own path columns */
	int16_t			   *next;		 /* their attributes; of the plan's result: 1 .. */
	FenceNobody			nobody;		 /* whom to lock when one of them is null */
} FenceLink;

typedef struct FencePath
{
	int			 release_id;
	unsigned int uid_type; /* Oid: of the column at the end */
	int			 link_count;
	FenceLink	*links;
} FencePath;

/*
 * The path of a table along a route that is not broken, of more than one step; in the current
 * memory context, and to be freed.  The caller has called SPI_connect, and holds a
 * lock on the tables.
 */
extern FencePath *fence_path_load(const struct OwnerRoute *route, int release_id);
extern void		  fence_path_free(FencePath *path);

/*
 * The owner at the end, a user or nobody, given the path columns of a row.  False
 * when a row on the way is not there.  Privileges and row security are not asked.
 * The caller has locked the parents.
 */
extern bool fence_path_follow(const FencePath *path, struct SnapshotData *snapshot,
							  const uintptr_t *values, Owner *owner);

#endif /* FENCE_PATH_H */
