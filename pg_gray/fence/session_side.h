/*
 * session_side.h: the side that a session works for
 */
#ifndef PG_GRAY_FENCE_SESSION_SIDE_H
#define PG_GRAY_FENCE_SESSION_SIDE_H

#include "release/side_state.h"

/*
 * The side of this session, as seen by a release with this gray schema: what pg_gray.side says,
 * or else gray when the schema is in the present search_path.
 */
extern Side session_side(const char *gray_schema);

/* Called once, from _PG_init: defines pg_gray.side. */
extern void session_side_init(void);

#endif /* PG_GRAY_FENCE_SESSION_SIDE_H */
