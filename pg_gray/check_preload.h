/*
 * check_preload.h: roles whose first statement does not heed pg_gray.fence
 */
#ifndef CHECK_PRELOAD_H
#define CHECK_PRELOAD_H

#include "finding.h"

/*
 * Add a warning for each role, or the database, that has pg_gray.fence = skip by ALTER ROLE or
 * ALTER DATABASE, and not the library preloaded: see fence_skip.c.  The caller has called
 * SPI_connect.
 */
extern void check_preload(Findings *findings);

#endif /* CHECK_PRELOAD_H */
