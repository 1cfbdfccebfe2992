/*
 * subtransaction.h: trying something that may fail
 */
#ifndef PG_GRAY_POSTGRES_SUBTRANSACTION_H
#define PG_GRAY_POSTGRES_SUBTRANSACTION_H

#include <stdbool.h>

struct ErrorData;

/*
 * Run `body` in a subtransaction, which is rolled back when it returns false or raises.  Returns
 * null, or, in the caller's memory context, the error.
 */
extern struct ErrorData *subtransaction_run(bool (*body)(void *), void *argument);

/* Is the error not of what was tried, so that trying again may do?  See routing/sqlstate.c. */
extern bool subtransaction_time_cures(const struct ErrorData *error);

/*
 * Run `body` in a subtransaction.  Returns null, or, in the caller's memory context, the
 * error for which it was rolled back.  What has nothing to do with the thing tried (a
 * cancel, a lock that was not granted, out of memory) is raised again.
 */
extern struct ErrorData *subtransaction_try(void (*body)(void *), void *argument);

/* The same; all that `body` does is rolled back, and its locks are let go of. */
extern struct ErrorData *subtransaction_look(void (*body)(void *), void *argument);

/*
 * The same of what writes nothing, in a subtransaction that is read-only.  Only errors that say
 * nothing about what was tried (cancelled, out of resources) are raised again.
 */
extern struct ErrorData *subtransaction_read(void (*body)(void *), void *argument);

#endif /* PG_GRAY_POSTGRES_SUBTRANSACTION_H */
