/*
 * visitor.h: decides the side of requests that belong to no user
 *
 * Pure, but for the random draw. A visitor has a position, which is drawn once and kept in a
 * cookie. Positions below the share go to gray. So a visitor who is in gray at 10 percent is in
 * gray at 20, too. A lower share takes the highest positions out first.
 */
#ifndef GATEWAY_USER_VISITOR_H
#define GATEWAY_USER_VISITOR_H

#include "user/remember.h"
#include "routing/state.h"

#define VISITOR_POSITIONS 10000 /* a share has two decimals */

typedef struct VisitorShare
{
	bool	 wanted;	 /* false: all visitors go to production, and get no cookie */
	unsigned hundredths; /* the share in hundredths of a percent */
} VisitorShare;

/* Read "off" or a percentage. False if the text is neither. */
extern bool visitor_parse(Span text, VisitorShare *share);

extern Side visitor_side(const VisitorShare *share, unsigned position);

/* Draw a position at random. */
extern unsigned visitor_draw(void);

/* Return the position in a cookie of REMEMBER_SIDE. False if it has none. */
extern bool visitor_read(const Remembered *remembered, unsigned *position);
extern void visitor_write(unsigned position, Remembered *remembered);

#endif /* GATEWAY_USER_VISITOR_H */
