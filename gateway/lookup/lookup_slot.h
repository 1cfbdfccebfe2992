/*
 * lookup_slot.h: a connection on which uid_query is run
 *
 * Life: closed -> opening -> set up, prepared, described, explained -> ready -> (asking -> ready) ... ->
 * closed.  One value at a time; row by row, so that a query without a condition fills no memory.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_SLOT_H
#define GATEWAY_LOOKUP_LOOKUP_SLOT_H

#include "loop/loop.h"
#include "user/uid.h"

#define LOOKUP_CODE_BYTES 8

typedef struct LookupResult
{
	bool		known; /* the query gave an answer */
	bool		found; /* which is this uid; else it is nobody's */
	bool		lost;  /* not known: the connection broke, another try may do better */
	Uid			uid;
	const char *code;	 /* not known: the SQLSTATE, or a word */
	const char *problem; /* and words for it, in which no value is */
} LookupResult;

/* Called from the loop, but for none of the functions here. */
typedef struct LookupSlotHandlers
{
	/* It is ready. */
	void (*idle)(void *owner);
	/* Of what was asked; result is borrowed. */
	void (*answer)(void *owner, void *context, const LookupResult *result);
	/* It could not be made ready; lasting: because of the query, which time does not cure. */
	void (*broken)(void *owner, bool lasting, const char *code, const char *problem);
} LookupSlotHandlers;

typedef struct LookupSlot LookupSlot;

extern LookupSlot *lookup_slot_new(Loop *loop, const LookupSlotHandlers *handlers, void *owner);

/* The answer is the context of what was being asked, or NULL. */
extern void *lookup_slot_free(LookupSlot *slot);

/* Opens it, if it is closed, and not for a moment after it could not be opened. */
extern void lookup_slot_open(LookupSlot *slot);

extern bool lookup_slot_ready(const LookupSlot *slot);

/* The slot is ready.  value is borrowed until it is answered. */
extern void lookup_slot_ask(LookupSlot *slot, const char *value, void *context);

/* The query is another one: what is being asked is answered, then it is closed. */
extern void lookup_slot_renew(LookupSlot *slot);

extern void lookup_slot_sweep(LookupSlot *slot, uint64_t now_ms);

#endif /* GATEWAY_LOOKUP_LOOKUP_SLOT_H */
