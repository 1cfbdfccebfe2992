/*
 * locked_users.c: remembers, for the transaction, which users the fence has locked
 *
 * Entries are kept in the order in which they were added.  A stack of marks tells where the
 * entries of each subtransaction begin; only a subtransaction that added an entry has a mark.  A
 * subtransaction that is rolled back cuts off the entries behind its mark; a subtransaction that
 * is released gives its mark to its parent.
 *
 * An entry lives as long as its lock: user_lock.c takes the locks for the (sub)transaction,
 * whatever portal asks for them.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "utils/memutils.h"

#include "user/locked_users.h"

/* A release that is locked as a whole. */
typedef struct LockedRelease
{
	int		 release_id;
	OwnerSet known; /* in a context of its own */
} LockedRelease;

typedef struct Mark
{
	int level; /* nesting level of the (sub)transaction */
	int user_count;
	int release_count;
} Mark;

/* All in TopTransactionContext. */
typedef struct Memory
{
	OwnerSet	   users;
	LockedRelease *releases;
	int			   release_count;
	int			   release_capacity;
	Mark		  *marks; /* by level, from below */
	int			   mark_count;
	int			   mark_capacity;
} Memory;

static Memory memory;

/* Return an array of TopTransactionContext with room for one more element. */
static void *
enlarged(void *array, int count, int *capacity, Size size)
{
	if (count < *capacity)
		return array;
	*capacity = Max(*capacity * 2, 8);
	if (array == NULL)
		return MemoryContextAlloc(TopTransactionContext, *capacity * size);
	return repalloc(array, *capacity * size);
}

/* Entries from now on belong to the present (sub)transaction. */
static void
mark_level(void)
{
	int level = GetCurrentTransactionNestLevel();

	if (memory.mark_count > 0 && memory.marks[memory.mark_count - 1].level >= level)
		return;
	memory.marks = enlarged(memory.marks, memory.mark_count, &memory.mark_capacity, sizeof(Mark));
	memory.marks[memory.mark_count++] = (Mark){.level = level,
											   .user_count = memory.users.count,
											   .release_count = memory.release_count};
}

const OwnerSet *
locked_users_all(int release_id)
{
	for (int i = 0; i < memory.release_count; i++)
	{
		if (memory.releases[i].release_id == release_id)
			return &memory.releases[i].known;
	}
	return NULL;
}

bool
locked_users_find(const Owner *owner, Side *live, unsigned int *changed_by)
{
	const OwnerSet	 *release = locked_users_all(owner->release_id);
	const OwnerEntry *entry = owner_set_find(release != NULL ? release : &memory.users, owner);

	*live = entry == NULL ? SIDE_PRODUCTION : entry->live;
	*changed_by = entry == NULL ? InvalidTransactionId : entry->changed_by;
	return release != NULL || entry != NULL;
}

void
locked_users_add(const Owner *owner, Side live)
{
	mark_level();
	memory.users.context = TopTransactionContext;
	owner_set_add(&memory.users, owner, live, InvalidTransactionId);
}

int
locked_users_count(void)
{
	return memory.users.count;
}

OwnerSet *
locked_users_add_all(int release_id)
{
	LockedRelease *release;

	mark_level();
	memory.releases = enlarged(memory.releases, memory.release_count, &memory.release_capacity,
							   sizeof(LockedRelease));
	release = &memory.releases[memory.release_count];
	memset(release, 0, sizeof(LockedRelease));
	release->release_id = release_id;
	release->known.context =
		AllocSetContextCreate(TopTransactionContext, "pg_gray users", ALLOCSET_DEFAULT_SIZES);
	memory.release_count++;
	return &release->known;
}

/*
 * Forgetting
 */

static void
cut_off(int user_count, int release_count)
{
	owner_set_truncate(&memory.users, user_count);
	while (memory.release_count > release_count)
		MemoryContextDelete(memory.releases[--memory.release_count].known.context);
}

void
locked_users_forget(void)
{
	cut_off(0, 0);
	memory.mark_count = 0;
}

static Mark *
last_mark(int level)
{
	Mark *last = memory.mark_count == 0 ? NULL : &memory.marks[memory.mark_count - 1];

	return last == NULL || last->level < level ? NULL : last;
}

static void
forget_level(int level)
{
	Mark *mark;

	while ((mark = last_mark(level)) != NULL)
	{
		cut_off(mark->user_count, mark->release_count);
		memory.mark_count--;
	}
}

static void
give_to_parent(int level)
{
	Mark *mark = last_mark(level);

	if (mark == NULL)
		return;
	if (memory.mark_count > 1 && mark[-1].level == level - 1)
		memory.mark_count--;
	else
		mark->level = level - 1;
}

static void
subtransaction_ended(SubXactEvent event, SubTransactionId self pg_attribute_unused(),
					 SubTransactionId parent pg_attribute_unused(), void *arg pg_attribute_unused())
{
	if (memory.mark_count == 0)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget_level(GetCurrentTransactionNestLevel());
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		give_to_parent(GetCurrentTransactionNestLevel());
}

static void
transaction_ended(XactEvent event, void *arg pg_attribute_unused())
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
			break;
		default:
			memset(&memory, 0, sizeof(Memory));
	}
}

void
locked_users_init(void)
{
	RegisterXactCallback(transaction_ended, NULL);
	RegisterSubXactCallback(subtransaction_ended, NULL);
}
