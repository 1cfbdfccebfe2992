/*
 * subtransaction.h: runs code that may fail in a subtransaction
 */
#ifndef PG_GRAY_POSTGRES_SUBTRANSACTION_H
#define PG_GRAY_POSTGRES_SUBTRANSACTION_H

#include <stdbool.h>

struct ErrorData;

/*
 * Run `body` in a subtransaction, which is rolled back when `body` returns false or raises.
 * Return null, or the error, in the caller's memory context.
 */
extern struct ErrorData *subtransaction_run(bool (*body)(void *), void *argument);

/*
 * True when the error was not caused by the action itself, so that trying again may succeed.
 * False for broken storage (class 58, XX001, XX002) and internal errors (XX000): they come again,
 * and a person should hear of them.
 */
extern bool subtransaction_time_cures(const struct ErrorData *error);

/*
 * Run `body` in a subtransaction.  Return null, or, in the caller's memory context, the error for
 * which it was rolled back.  An error that has nothing to do with the action (a cancel, a lock
 * that was not granted, out of memory) is raised again.
 */
extern struct ErrorData *subtransaction_try(void (*body)(void *), void *argument);

/* The same; everything that `body` does is rolled back, and its locks are released. */
extern struct ErrorData *subtransaction_look(void (*body)(void *), void *argument);

/*
 * The same of what writes nothing, in a subtransaction that is read-only.  Only errors that say
 * nothing about what was tried (cancelled, out of resources) are raised again.
 */
extern struct ErrorData *subtransaction_read(void (*body)(void *), void *argument);

#endif /* PG_GRAY_POSTGRES_SUBTRANSACTION_H */
