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

struct Release;
struct SnapshotData;
struct Twin;

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
	unsigned int uid_type;	 /* Oid */
	unsigned int owner_role; /* Oid: who plans are run as */
	int			 link_count;
	FenceLink	*links;
} FencePath;

/*
 * The path of a table by owner path, in the current memory context; to be freed.
 * The caller has called SPI_connect, and holds a lock on the tables.
 */
extern FencePath *fence_path_load(const struct Release *release, const struct Twin *twin, Side side,
								  unsigned int owner_role);
extern void		  fence_path_free(FencePath *path);

/*
 * The owner at the end, a user or nobody, given the path columns of a row.  False
 * when a row on the way is not there.  Privileges and row security are not asked.
 * The caller has locked the parents.
 */
extern bool fence_path_follow(const FencePath *path, struct SnapshotData *snapshot,
							  const uintptr_t *values, Owner *owner);

#endif /* FENCE_PATH_H */
