/*
 * lookup_line.h: a line in which nobody waits behind all of another one's
 *
 * Pure.  Who has something in it (a client's address, as a number) has a turn, and turns go
 * round.  What waits has a LookupWaiting in it, and is owned by the caller.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_LINE_H
#define GATEWAY_LOOKUP_LOOKUP_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct LookupTurn;

typedef struct LookupWaiting
{
	TAILQ_ENTRY(LookupWaiting) entry;
	struct LookupTurn *turn; /* NULL: in no line */
} LookupWaiting;

typedef struct LookupLine LookupLine;

extern LookupLine *lookup_line_new(void);

/* It is empty. */
extern void lookup_line_free(LookupLine *line);

extern bool lookup_line_empty(const LookupLine *line);

extern void lookup_line_add(LookupLine *line, LookupWaiting *waiting, uint64_t who);
extern void lookup_line_remove(LookupLine *line, LookupWaiting *waiting);

/* Takes out the next one; NULL: there is none. */
extern LookupWaiting *lookup_line_take(LookupLine *line);

/*
 * For who wants to come in when there is no room: what came last of the one with most in the
 * line, which stays in it; NULL if who has as much already.
 */
extern LookupWaiting *lookup_line_make_room(LookupLine *line, uint64_t who);

#endif /* GATEWAY_LOOKUP_LOOKUP_LINE_H */
