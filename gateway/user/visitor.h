/*
 * visitor.h: where requests go that are of no user
 *
 * Pure, but for the draw.  A visitor has a position, drawn once and kept in a cookie; those below the share
 * go to gray.  So who is in gray at 10 percent is there at 20, and a lower share takes the last ones out.
 */
#ifndef GATEWAY_USER_VISITOR_H
#define GATEWAY_USER_VISITOR_H

#include "user/remember.h"
#include "routing/state.h"

#define VISITOR_POSITIONS 10000 /* a share has two decimals */

typedef struct VisitorShare
{
	bool	 wanted;	 /* or all go to production, and get no cookie */
	unsigned hundredths; /* of a percent */
} VisitorShare;

/* Reads "off" or a percentage; false if it is neither. */
extern bool visitor_parse(Span text, VisitorShare *share);

extern Side visitor_side(const VisitorShare *share, unsigned position);

/* A position at random. */
extern unsigned visitor_draw(void);

/* The position that a cookie of REMEMBER_SIDE has; false if it has none. */
extern bool visitor_read(const Remembered *remembered, unsigned *position);
extern void visitor_write(unsigned position, Remembered *remembered);

#endif /* GATEWAY_USER_VISITOR_H */
