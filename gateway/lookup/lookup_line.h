/*
 * lookup_line.h: a line with turns, in which nobody waits behind all entries of somebody else
 *
 * The functions are pure. Each client with entries in the line (its address, as a number) has a
 * turn, and turns go round. An entry has a LookupWaiting in it, and is owned by the caller.
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
	struct LookupTurn *turn; /* NULL: the entry is in no line */
} LookupWaiting;

typedef struct LookupLine LookupLine;

extern LookupLine *lookup_line_new(void);

/* Free the line, which is empty. */
extern void lookup_line_free(LookupLine *line);

extern bool lookup_line_empty(const LookupLine *line);

extern void lookup_line_add(LookupLine *line, LookupWaiting *waiting, uint64_t who);
extern void lookup_line_remove(LookupLine *line, LookupWaiting *waiting);

/* Take out the next entry; NULL: there is none. */
extern LookupWaiting *lookup_line_take(LookupLine *line);

/*
 * Return the entry to take out when there is no room for a new client's entry: the last entry
 * of the client with most entries in the line. The entry stays in the line. NULL if the new
 * client has as many entries already.
 */
extern LookupWaiting *lookup_line_make_room(LookupLine *line, uint64_t who);

#endif /* GATEWAY_LOOKUP_LOOKUP_LINE_H */
