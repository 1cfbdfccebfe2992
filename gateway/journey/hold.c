/*
 * hold.c: the requests that wait for their users to be moved
 */
#include "journey/hold.h"

void
hold_line_init(HoldLine *line)
{
	line->count = 0;
	TAILQ_INIT(&line->travellers);
}

HoldRoom
hold_room(const HoldQueue *queue, const HoldLine *line, const Settings *settings, bool begun)
{
	size_t most = settings->hold_limit - (begun ? 0 : settings->hold_limit / 4);
	size_t left = queue->count < most ? most - queue->count : 0;

	if (line->count >= settings->hold_limit_user)
		return HOLD_LINE_FULL;
	return line->count * 2 < left ? HOLD_ROOM : HOLD_QUEUE_FULL;
}

void
hold_add(HoldQueue *queue, HoldLine *line, Traveller *traveller, uint64_t deadline_ms)
{
	traveller->held = true;
	traveller->hold_deadline_ms = deadline_ms;
	TAILQ_INSERT_TAIL(&line->travellers, traveller, held_entry);
	line->count++;
	queue->count++;
}

void
hold_remove(HoldQueue *queue, HoldLine *line, Traveller *traveller)
{
	traveller->held = false;
	TAILQ_REMOVE(&line->travellers, traveller, held_entry);
	line->count--;
	queue->count--;
}

Traveller *
hold_first(const HoldLine *line)
{
	return TAILQ_FIRST(&line->travellers);
}

/* TAILQ_LAST needs a name for the type of the list's head. */
Traveller *
hold_last(const HoldLine *line)
{
	Traveller *last = NULL;

	for (Traveller *held = hold_first(line); held != NULL; held = TAILQ_NEXT(held, held_entry))
		last = held;
	return last;
}
