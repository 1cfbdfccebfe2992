/*
 * lookup_line.c: a line with turns, in which nobody waits behind all entries of somebody else
 */
#include "lookup/lookup_line.h"

#include <stdlib.h>

#include "base/memory.h"

#define BUCKETS 1024 /* a power of two */

TAILQ_HEAD(Waitings, LookupWaiting);

typedef struct LookupTurn
{
	TAILQ_ENTRY(LookupTurn) entry;
	struct LookupTurn *next; /* in its bucket */
	uint64_t		   who;
	size_t			   count;
	struct Waitings	   waitings;
} LookupTurn;

struct LookupLine
{
	TAILQ_HEAD(, LookupTurn) turns; /* the next turn in front */
	LookupTurn *buckets[BUCKETS];
};

LookupLine *
lookup_line_new(void)
{
	LookupLine *line = memory_zeroed(sizeof(*line));

	TAILQ_INIT(&line->turns);
	return line;
}

void
lookup_line_free(LookupLine *line)
{
	free(line);
}

bool
lookup_line_empty(const LookupLine *line)
{
	return TAILQ_EMPTY(&line->turns);
}

static LookupTurn **
link_of(LookupLine *line, uint64_t who)
{
	LookupTurn **link = &line->buckets[who & (BUCKETS - 1)];

	while (*link != NULL && (*link)->who != who)
		link = &(*link)->next;
	return link;
}

void
lookup_line_add(LookupLine *line, LookupWaiting *waiting, uint64_t who)
{
	LookupTurn **link = link_of(line, who);
	LookupTurn	*turn = *link;

	if (turn == NULL)
	{
		turn = memory_zeroed(sizeof(*turn));
		turn->who = who;
		TAILQ_INIT(&turn->waitings);
		*link = turn;
		TAILQ_INSERT_TAIL(&line->turns, turn, entry);
	}
	TAILQ_INSERT_TAIL(&turn->waitings, waiting, entry);
	turn->count++;
	waiting->turn = turn;
}

void
lookup_line_remove(LookupLine *line, LookupWaiting *waiting)
{
	LookupTurn *turn = waiting->turn;

	TAILQ_REMOVE(&turn->waitings, waiting, entry);
	waiting->turn = NULL;
	if (--turn->count > 0)
		return;
	*link_of(line, turn->who) = turn->next;
	TAILQ_REMOVE(&line->turns, turn, entry);
	free(turn);
}

LookupWaiting *
lookup_line_take(LookupLine *line)
{
	LookupTurn	  *turn = TAILQ_FIRST(&line->turns);
	LookupWaiting *waiting;

	if (turn == NULL)
		return NULL;
	TAILQ_REMOVE(&line->turns, turn, entry);
	TAILQ_INSERT_TAIL(&line->turns, turn, entry);
	waiting = TAILQ_FIRST(&turn->waitings);
	lookup_line_remove(line, waiting);
	return waiting;
}

LookupWaiting *
lookup_line_make_room(LookupLine *line, uint64_t who)
{
	LookupTurn *own = *link_of(line, who);
	LookupTurn *most = NULL;
	LookupTurn *turn;

	TAILQ_FOREACH(turn, &line->turns, entry)
	{
		if (most == NULL || turn->count > most->count)
			most = turn;
	}
	if (most == NULL || (own != NULL && own->count >= most->count))
		return NULL;
	return TAILQ_LAST(&most->waitings, Waitings);
}
