/*
 * lookup_slot.h: a connection on which uid_query is run
 *
 * Life cycle: closed -> opening -> set up, prepared, described, explained -> ready -> (asking
 * -> ready) ... -> closed. The connection asks for one value at a time. It reads row by row, so
 * that a query without a condition fills no memory.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_SLOT_H
#define GATEWAY_LOOKUP_LOOKUP_SLOT_H

#include "loop/loop.h"
#include "user/uid.h"

#define LOOKUP_CODE_BYTES 8

typedef struct LookupResult
{
	bool		known; /* the query gave an answer */
	bool		found; /* the answer is this uid; otherwise the value is nobody's */
	bool		lost;  /* not known: the connection broke, and another try may succeed */
	Uid			uid;
	const char *code;	 /* not known: the SQLSTATE, or a word */
	const char *problem; /* not known: a text for people, without the value */
} LookupResult;

/* Called from the loop, and never from within a function of this file. */
typedef struct LookupSlotHandlers
{
	/* The slot is ready. */
	void (*idle)(void *owner);
	/* The answer to the value that was asked; result is borrowed. */
	void (*answer)(void *owner, void *context, const LookupResult *result);
	/* The slot could not be made ready. lasting: because of the query, which time does not cure. */
	void (*broken)(void *owner, bool lasting, const char *code, const char *problem);
} LookupSlotHandlers;

typedef struct LookupSlot LookupSlot;

extern LookupSlot *lookup_slot_new(Loop *loop, const LookupSlotHandlers *handlers, void *owner);

/* Free the slot. Return the context of the value that was being asked, or NULL. */
extern void *lookup_slot_free(LookupSlot *slot);

/* Open the slot if it is closed. It is not opened for a moment after opening has failed. */
extern void lookup_slot_open(LookupSlot *slot);

extern bool lookup_slot_ready(const LookupSlot *slot);

/* Ask for a value. The slot is ready. value is borrowed until it is answered. */
extern void lookup_slot_ask(LookupSlot *slot, const char *value, void *context);

/* Close the slot once the present value is answered, since the query has changed. */
extern void lookup_slot_renew(LookupSlot *slot);

extern void lookup_slot_sweep(LookupSlot *slot, uint64_t now_ms);

#endif /* GATEWAY_LOOKUP_LOOKUP_SLOT_H */
