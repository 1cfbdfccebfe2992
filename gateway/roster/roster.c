/*
 * roster.c: the in-memory copy of switch, cohort and states
 *
 * A hash table with open addressing, under a key of its own: whoever may choose uids can't choose
 * where they fall.  A slot is the offset of a record in one
 * growing arena; a record is a byte of flags, a byte of length and the uid.
 * Records are never removed: a user who is off and not listed again keeps an
 * empty one until the next reload, which builds a new roster.
 */
#include "roster/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define SLOTS_AT_FIRST 64
#define RECORD_STATE 0x03
#define RECORD_LISTED 0x04
#define RECORD_HEADER 2

struct Roster
{
	Release		 release;
	char		*release_name; /* owned */
	UidType		 uid_type;
	HashKey		 key;
	RosterCounts counts;
	size_t		 slot_count; /* a power of two */
	size_t		 used;
	uint32_t	*slots; /* offset + 1; 0 is free */
	char		*arena;
	size_t		 arena_used;
	size_t		 arena_size;
};

Roster *
roster_new(const char *release_name)
{
	Roster *roster = memory_zeroed(sizeof(*roster));

	roster->release_name = memory_text(release_name, strlen(release_name));
	roster->release.name = roster->release_name;
	roster->release.stuck_side = SIDE_GRAY;
	roster->key = hash_key_random();
	roster->slot_count = SLOTS_AT_FIRST;
	roster->slots = memory_zeroed(roster->slot_count * sizeof(*roster->slots));
	return roster;
}

void
roster_free(Roster *roster)
{
	if (roster == NULL)
		return;
	free(roster->release_name);
	free(roster->slots);
	free(roster->arena);
	free(roster);
}

Release *
roster_release(Roster *roster)
{
	return &roster->release;
}

const Release *
roster_release_line(const Roster *roster)
{
	return &roster->release;
}

UidType
roster_uid_type(const Roster *roster)
{
	return roster->uid_type;
}

void
roster_set_uid_type(Roster *roster, UidType type)
{
	roster->uid_type = type;
}

static bool
record_is(const char *record, Span uid)
{
	return (unsigned char) record[1] == uid.length &&
		   memcmp(record + RECORD_HEADER, uid.bytes, uid.length) == 0;
}

/* The slot that holds the uid, or the free one where it belongs. */
static uint32_t *
find_slot(const Roster *roster, Span uid)
{
	size_t mask = roster->slot_count - 1;
	size_t at = (size_t) hash_bytes(roster->key, uid.bytes, uid.length) & mask;

	while (roster->slots[at] != 0 && !record_is(roster->arena + roster->slots[at] - 1, uid))
		at = (at + 1) & mask;
	return &roster->slots[at];
}

static void
grow_slots(Roster *roster)
{
	uint32_t *old = roster->slots;
	size_t	  old_count = roster->slot_count;

	roster->slot_count *= 2;
	roster->slots = memory_zeroed(roster->slot_count * sizeof(*roster->slots));
	for (size_t i = 0; i < old_count; i++)
	{
		const char *record;

		if (old[i] == 0)
			continue;
		record = roster->arena + old[i] - 1;
		*find_slot(roster, (Span){record + RECORD_HEADER, (unsigned char) record[1]}) = old[i];
	}
	free(old);
}

static uint32_t
add_record(Roster *roster, Span uid)
{
	size_t size = RECORD_HEADER + uid.length;
	char  *record;

	if (roster->arena_used + size > roster->arena_size)
	{
		roster->arena_size = roster->arena_size * 5 / 4 + 4096;
		roster->arena = memory_resize(roster->arena, roster->arena_size);
	}
	if (roster->arena_used + size > UINT32_MAX)
		abort(); /* 4 GiB of uids: as good as out of memory */
	record = roster->arena + roster->arena_used;
	record[0] = 0;
	record[1] = (char) uid.length;
	memcpy(record + RECORD_HEADER, uid.bytes, uid.length);
	roster->arena_used += size;
	return (uint32_t) (record - roster->arena) + 1;
}

/* The user's flags, made if need be; valid until the next call. */
static unsigned char *
user_flags(Roster *roster, Span uid)
{
	uint32_t *slot;

	if ((roster->used + 1) * 4 > roster->slot_count * 3)
		grow_slots(roster);
	slot = find_slot(roster, uid);
	if (*slot == 0)
	{
		*slot = add_record(roster, uid);
		roster->used++;
	}
	return (unsigned char *) roster->arena + *slot - 1;
}

void
roster_find(const Roster *roster, Span uid, State *state, bool *listed)
{
	uint32_t slot = *find_slot(roster, uid);
	unsigned flags = slot == 0 ? 0 : (unsigned char) roster->arena[slot - 1];

	*state = (State) (flags & RECORD_STATE);
	*listed = (flags & RECORD_LISTED) != 0;
}

static size_t *
state_count(Roster *roster, State state)
{
	switch (state)
	{
		case STATE_ON:
			return &roster->counts.on;
		case STATE_FAILED:
			return &roster->counts.failed;
		case STATE_STUCK:
			return &roster->counts.stuck;
		case STATE_OFF:
			break;
	}
	return NULL;
}

void
roster_set_state(Roster *roster, Span uid, State state)
{
	unsigned char *flags;
	size_t		  *count;

	if (uid.length > UID_MAX_BYTES)
		return; /* no request could name this user */
	flags = user_flags(roster, uid);
	count = state_count(roster, (State) (*flags & RECORD_STATE));
	if (count != NULL)
		--*count;
	*flags = (unsigned char) ((*flags & ~RECORD_STATE) | state);
	count = state_count(roster, state);
	if (count != NULL)
		++*count;
}

void
roster_set_listed(Roster *roster, Span uid, bool listed)
{
	unsigned char *flags;

	if (uid.length > UID_MAX_BYTES)
		return;
	flags = user_flags(roster, uid);
	if (listed && (*flags & RECORD_LISTED) == 0)
		roster->counts.listed++;
	else if (!listed && (*flags & RECORD_LISTED) != 0)
		roster->counts.listed--;
	*flags = (unsigned char) (listed ? *flags | RECORD_LISTED : *flags & ~RECORD_LISTED);
}

RosterCounts
roster_counts(const Roster *roster)
{
	return roster->counts;
}

bool
roster_at_rest(const Roster *roster)
{
	return !roster->release.is_open && roster->counts.on == 0 && roster->counts.stuck == 0;
}

void
roster_each(const Roster *roster, RosterVisit visit, void *context)
{
	for (size_t at = 0; at < roster->arena_used;)
	{
		const char *record = roster->arena + at;
		size_t		length = (unsigned char) record[1];
		State		state = (State) (record[0] & RECORD_STATE);
		bool		listed = (record[0] & RECORD_LISTED) != 0;

		if (state != STATE_OFF || listed)
			visit(context, (Span){record + RECORD_HEADER, length}, state, listed);
		at += RECORD_HEADER + length;
	}
}
