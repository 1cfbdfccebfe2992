/*
 * hold.h: the requests that wait for their users to be moved
 *
 * One queue limits the number of all held requests. Each user has a line in it, first come,
 * first served. A line may have half as many requests as there is room left for others. So a
 * user with few requests always finds room.
 *
 * The functions are pure.
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
	HOLD_LINE_FULL, /* the user has as many held requests as one user may have */
	HOLD_QUEUE_FULL /* the queue is full, or the user has its share of the room left */
} HoldRoom;

extern void hold_line_init(HoldLine *line);

/*
 * Is there room for one more request of a user? The last quarter of the queue is for users
 * whose move has begun: their requests can't go anywhere else any more.
 */
extern HoldRoom hold_room(const HoldQueue *queue, const HoldLine *line, const Settings *settings,
						  bool begun);

/* Add a request at the end of its line, to be held until deadline_ms. */
extern void hold_add(HoldQueue *queue, HoldLine *line, Traveller *traveller, uint64_t deadline_ms);
extern void hold_remove(HoldQueue *queue, HoldLine *line, Traveller *traveller);

/* Return the request that came first, or last, or NULL. */
extern Traveller *hold_first(const HoldLine *line);
extern Traveller *hold_last(const HoldLine *line);

#endif /* GATEWAY_JOURNEY_HOLD_H */
