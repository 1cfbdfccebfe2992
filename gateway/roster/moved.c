/*
 * moved.c: the moves of our own that no look has shown yet
 */
#include "roster/moved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Read a number up to a given byte, or up to the end. */
static bool
take_number(const char **text, char end, uint64_t *number)
{
	char *behind;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*number = strtoull(*text, &behind, 10);
	if (errno != 0 || *behind != end)
		return false;
	*text = *behind == '\0' ? behind : behind + 1;
	return true;
}

/*
 * The text is xmin:xmax:list. The list has the transactions between them that are in progress,
 * with commas.
 */
bool
moved_shown(const char *snapshot, uint64_t transaction)
{
	uint64_t least;
	uint64_t next;

	if (!take_number(&snapshot, ':', &least) || !take_number(&snapshot, ':', &next) ||
		transaction >= next)
		return false;
	while (*snapshot != '\0')
	{
		uint64_t in_progress;

		if (!take_number(&snapshot, ',', &in_progress) &&
			!take_number(&snapshot, '\0', &in_progress))
			return false;
		if (in_progress == transaction)
			return false;
	}
	return true;
}

static Span
uid_of(const Move *move)
{
	return (Span){move->uid, move->uid_length};
}

static Move *
find(const Moved *moved, Span uid)
{
	for (size_t i = 0; i < moved->count; i++)
	{
		Move *move = &moved->moves[i];

		if (move->uid_length == uid.length && memcmp(move->uid, uid.bytes, uid.length) == 0)
			return move;
	}
	return NULL;
}

void
moved_note(Moved *moved, Span uid, uint64_t transaction, State state)
{
	Move *move = find(moved, uid);

	if (uid.length > UID_MAX_BYTES)
		return;
	if (move == NULL)
	{
		if (moved->count == moved->size)
		{
			moved->size = moved->size * 2 + 8;
			moved->moves = memory_resize(moved->moves, moved->size * sizeof(Move));
		}
		move = &moved->moves[moved->count++];
		move->uid_length = (uint8_t) uid.length;
		memcpy(move->uid, uid.bytes, uid.length);
	}
	move->transaction = transaction;
	move->state = state;
}

bool
moved_since(const Moved *moved, Span uid, const char *snapshot)
{
	const Move *move = find(moved, uid);

	return move != NULL && !moved_shown(snapshot, move->transaction);
}

void
moved_settle(Moved *moved, const char *snapshot)
{
	size_t kept = 0;

	for (size_t i = 0; i < moved->count; i++)
	{
		if (!moved_shown(snapshot, moved->moves[i].transaction))
			moved->moves[kept++] = moved->moves[i];
	}
	moved->count = kept;
}

void
moved_apply(const Moved *moved, Roster *roster)
{
	for (size_t i = 0; i < moved->count; i++)
		roster_set_state(roster, uid_of(&moved->moves[i]), moved->moves[i].state);
}

void
moved_free(Moved *moved)
{
	free(moved->moves);
	*moved = (Moved){0};
}
