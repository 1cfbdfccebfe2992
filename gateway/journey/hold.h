/*
 * hold.h: the requests that wait for their users to be moved
 *
 * One queue has room for all of them.  Each user has a line in it, first come, first gone, and may
 * have half as many in it as there is room left for others: who has few always finds room.
 *
 * Pure.
 */
#ifndef GATEWAY_JOURNEY_HOLD_H
#define GATEWAY_JOURNEY_HOLD_H

#include "config/settings.h"
#include "journey/traveller.h"

/* All zero: empty. */
typedef struct HoldQueue
{
	size_t count;
} HoldQueue;

typedef struct HoldLine
{
	size_t count;
	TAILQ_HEAD(, Traveller) travellers; /* borrowed */
} HoldLine;

typedef enum HoldRoom
{
	HOLD_ROOM,
	HOLD_LINE_FULL, /* the user has as many waiting as one may have */
	HOLD_QUEUE_FULL /* all have, or the user has its share of what is left */
} HoldRoom;

extern void hold_line_init(HoldLine *line);

/*
 * Is there room for one more request of a user?  The last quarter is for those whose move has begun:
 * they can't go anywhere else any more.
 */
extern HoldRoom hold_room(const HoldQueue *queue, const HoldLine *line, const Settings *settings,
						  bool begun);

/* Behind the others of its line; until then hold_deadline_ms. */
extern void hold_add(HoldQueue *queue, HoldLine *line, Traveller *traveller, uint64_t deadline_ms);
extern void hold_remove(HoldQueue *queue, HoldLine *line, Traveller *traveller);

/* The ones that came first and last, or NULL. */
extern Traveller *hold_first(const HoldLine *line);
extern Traveller *hold_last(const HoldLine *line);

#endif /* GATEWAY_JOURNEY_HOLD_H */
