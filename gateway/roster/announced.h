/*
 * announced.h: users whom other gateways are about to move
 *
 * Pure.  There are about as many as moves are under way: few, and mostly none.
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

/* All zero at first: nobody. */
typedef struct Announced
{
	AnnouncedUser *users; /* owned */
	size_t		   count;
	size_t		   size;
} Announced;

/* A user, in canonical form; one that no request can name is left out. */
extern void announced_add(Announced *announced, Span uid);

/* After the last one. */
extern void announced_sort(Announced *announced);

/* Only of sorted ones. */
extern bool announced_has(const Announced *announced, Span uid);

extern void announced_clear(Announced *announced);

#endif /* GATEWAY_ROSTER_ANNOUNCED_H */
