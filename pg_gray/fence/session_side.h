/*
 * session_side.h: tells which side a session works for
 */
#ifndef PG_GRAY_FENCE_SESSION_SIDE_H
#define PG_GRAY_FENCE_SESSION_SIDE_H

#include "release/side_state.h"

/*
 * Return the side of this session, as seen by a release with this gray schema: the side that
 * pg_gray.side names, or else gray when the schema is in the present search_path, or else
 * production.
 */
extern Side session_side(const char *gray_schema);

/* Called once, from _PG_init: defines pg_gray.side. */
extern void session_side_init(void);

#endif /* PG_GRAY_FENCE_SESSION_SIDE_H */
