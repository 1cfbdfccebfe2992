/*
 * owner_set.h: represents the owner of a row, and sets of owners
 */
#ifndef PG_GRAY_USER_OWNER_SET_H
#define PG_GRAY_USER_OWNER_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

struct MemoryContextData;

/*
 * A user, as the fence locks and remembers the user; or, for a row without an owner, the stand-in
 * that is locked in place of a user.
 */
typedef struct Owner
{
	int			 release_id;
	unsigned int uid_type; /* Oid of a family (uid_family); 0: nobody */
	uintptr_t	 uid;	   /* the uid as a Datum of that type */
	uint64_t	 hash;	   /* key of the lock; of a user: uid_hash */
} Owner;

/* The uid may be of any supported type, and is not copied. */
extern Owner owner_user(int release_id, unsigned int uid_type, uintptr_t uid);
extern Owner owner_nobody(int release_id, uint64_t hash);
extern bool	 owner_is_nobody(const Owner *owner);
extern bool	 owner_same(const Owner *a, const Owner *b);

typedef struct OwnerEntry
{
	Owner owner; /* with its own copy of the uid */
	Side  live;	 /* the side where the data is */
	/* TransactionId that brought the data there, if the fence needs it; or 0 */
	unsigned int changed_by;
	int			 next; /* index of an earlier entry of the same chain; or -1 */
} OwnerEntry;

/* A zeroed set is empty; its memory is allocated in `context`. */
typedef struct OwnerSet
{
	struct MemoryContextData *context;
	OwnerEntry				 *entries; /* in the order of insertion */
	int						 *chains;  /* by hash: index of the latest entry; or -1 */
	int						  count;
	int						  capacity; /* a power of two */
} OwnerSet;

/* Return the entry of an owner, or null.  Valid until the next owner_set_add. */
extern const OwnerEntry *owner_set_find(const OwnerSet *set, const Owner *owner);

/* True when the data of any owner in the set is on this side. */
extern bool owner_set_has(const OwnerSet *set, Side live);

/* Add an owner, who must not be in the set yet. */
extern void owner_set_add(OwnerSet *set, const Owner *owner, Side live, unsigned int changed_by);

/* Remove all entries but the first `count`. */
extern void owner_set_truncate(OwnerSet *set, int count);

#endif /* PG_GRAY_USER_OWNER_SET_H */
