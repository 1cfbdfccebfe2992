/*
 * owner_set.c: represents the owner of a row, and sets of owners
 *
 * A set is a hash table whose entries keep their order of insertion.  So the latest entries are
 * removed as cheaply as they were added: the entries of a subtransaction are always at the end.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "user/owner_set.h"
#include "user/uid.h"

#define FIRST_CAPACITY 8

Owner
owner_user(int release_id, unsigned int uid_type, uintptr_t uid)
{
	return (Owner){.release_id = release_id,
				   .uid_type = uid_family(uid_type),
				   .uid = uid_widened(uid_type, uid),
				   .hash = uid_hash(release_id, uid_type, uid)};
}

Owner
owner_nobody(int release_id, uint64_t hash)
{
	return (Owner){.release_id = release_id, .uid_type = InvalidOid, .hash = hash};
}

bool
owner_is_nobody(const Owner *owner)
{
	return !OidIsValid(owner->uid_type);
}

bool
owner_same(const Owner *a, const Owner *b)
{
	return a->hash == b->hash && a->release_id == b->release_id && a->uid_type == b->uid_type &&
		   (owner_is_nobody(a) || uid_equal(a->uid_type, a->uid, b->uid));
}

static int *
chain(const OwnerSet *set, uint64 hash)
{
	return &set->chains[hash & (set->capacity - 1)];
}

const OwnerEntry *
owner_set_find(const OwnerSet *set, const Owner *owner)
{
	if (set->count == 0)
		return NULL;
	for (int i = *chain(set, owner->hash); i >= 0; i = set->entries[i].next)
	{
		if (owner_same(&set->entries[i].owner, owner))
			return &set->entries[i];
	}
	return NULL;
}

bool
owner_set_has(const OwnerSet *set, Side live)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->entries[i].live == live)
			return true;
	}
	return false;
}

static void
link_entry(OwnerSet *set, int i)
{
	int *first = chain(set, set->entries[i].owner.hash);

	set->entries[i].next = *first;
	*first = i;
}

static void
enlarge(OwnerSet *set)
{
	Size capacity = set->capacity == 0 ? FIRST_CAPACITY : (Size) set->capacity * 2;

	if (set->capacity == 0)
	{
		set->entries = MemoryContextAlloc(set->context, capacity * sizeof(OwnerEntry));
		set->chains = MemoryContextAlloc(set->context, capacity * sizeof(int));
	}
	else
	{
		set->entries = repalloc_huge(set->entries, capacity * sizeof(OwnerEntry));
		set->chains = repalloc_huge(set->chains, capacity * sizeof(int));
	}
	set->capacity = capacity;
	memset(set->chains, -1, capacity * sizeof(int));
	for (int i = 0; i < set->count; i++)
		link_entry(set, i);
}

void
owner_set_add(OwnerSet *set, const Owner *owner, Side live, unsigned int changed_by)
{
	OwnerEntry *entry;

	if (set->count == set->capacity)
		enlarge(set);
	entry = &set->entries[set->count];
	entry->owner = *owner;
	if (!owner_is_nobody(owner))
	{
		MemoryContext before = MemoryContextSwitchTo(set->context);

		entry->owner.uid = uid_copy(owner->uid_type, owner->uid);
		MemoryContextSwitchTo(before);
	}
	entry->live = live;
	entry->changed_by = changed_by;
	link_entry(set, set->count++);
}

void
owner_set_truncate(OwnerSet *set, int count)
{
	while (set->count > count)
	{
		OwnerEntry *entry = &set->entries[--set->count];

		*chain(set, entry->owner.hash) = entry->next;
	}
}
