/*
 * replace.h: all rows of a user replaced in production, instead of merged
 */
#ifndef REPLACE_H
#define REPLACE_H

#include <stdbool.h>

struct Move;

/* Does this session want it: pg_gray.back_strategy = 'replace'. */
extern bool replace_is_wanted(void);

/*
 * Delete the user's rows in production, and copy those in gray home.  Raises as the checks
 * of integrity.h and outside.h do.
 */
extern void replace_rows(struct Move *move);

/* Called once, from _PG_init: defines pg_gray.back_strategy. */
extern void replace_init(void);

#endif /* REPLACE_H */
