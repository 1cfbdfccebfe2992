/*
 * owner_set.h: whom a row belongs to, and sets of such owners
 */
#ifndef PG_GRAY_USER_OWNER_SET_H
#define PG_GRAY_USER_OWNER_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

struct MemoryContextData;

/* A user, as the fence locks and remembers it; or what is locked in place of nobody. */
typedef struct Owner
{
	int			 release_id;
	unsigned int uid_type; /* Oid of a family (uid_family); 0: nobody */
	uintptr_t	 uid;	   /* Datum of it */
	uint64_t	 hash;	   /* the lock's; of a user: uid_hash */
} Owner;

/* The uid may be of any supported type, and is not copied. */
extern Owner owner_user(int release_id, unsigned int uid_type, uintptr_t uid);
extern Owner owner_nobody(int release_id, uint64_t hash);
extern bool	 owner_is_nobody(const Owner *owner);
extern bool	 owner_same(const Owner *a, const Owner *b);

typedef struct OwnerEntry
{
	Owner		 owner;		 /* with a uid of its own */
	Side		 live;		 /* where the data is */
	unsigned int changed_by; /* TransactionId that brought it there, if that is of interest; or 0 */
	int			 next;		 /* of its chain, an earlier one; or -1 */
} OwnerEntry;

/* Zeroed, it is the empty set; the memory that it refers to is of `context`. */
typedef struct OwnerSet
{
	struct MemoryContextData *context;
	OwnerEntry				 *entries; /* in the order in which they came */
	int						 *chains;  /* by hash, the latest entry; or -1 */
	int						  count;
	int						  capacity; /* a power of two */
} OwnerSet;

/* Null when it is not in the set.  Valid until the next owner_set_add. */
extern const OwnerEntry *owner_set_find(const OwnerSet *set, const Owner *owner);

/* True when the data of somebody in the set is on this side. */
extern bool owner_set_has(const OwnerSet *set, Side live);

/* The owner must not be in the set. */
extern void owner_set_add(OwnerSet *set, const Owner *owner, Side live, unsigned int changed_by);

/* Only the first `count` stay. */
extern void owner_set_truncate(OwnerSet *set, int count);

#endif /* PG_GRAY_USER_OWNER_SET_H */
