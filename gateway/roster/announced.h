/*
 * announced.h: the users whom other gateways are about to move
 *
 * The functions are pure. There are about as many announced users as moves under way: few, and
 * mostly none.
 */
#ifndef GATEWAY_ROSTER_ANNOUNCED_H
#define GATEWAY_ROSTER_ANNOUNCED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "user/uid.h"

typedef struct AnnouncedUser
{
	unsigned char length;
	char		  uid[UID_MAX_BYTES];
} AnnouncedUser;

/* All zero at first: no user. */
typedef struct Announced
{
	AnnouncedUser *users; /* owned */
	size_t		   count;
	size_t		   size;
} Announced;

/* Add a user, in canonical form. A uid that no request can have is left out. */
extern void announced_add(Announced *announced, Span uid);

/* Sort the users, after the last one was added. */
extern void announced_sort(Announced *announced);

/* Is the user announced? The users have to be sorted. */
extern bool announced_has(const Announced *announced, Span uid);

extern void announced_clear(Announced *announced);

#endif /* GATEWAY_ROSTER_ANNOUNCED_H */
