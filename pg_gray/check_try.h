/*
 * check_try.h: what an attempt would raise
 */
#ifndef CHECK_TRY_H
#define CHECK_TRY_H

struct ErrorData;

/*
 * Run something that writes nothing, in a subtransaction that is read-only and rolled back.
 * Returns the error that it raised, or null; errors that say nothing about what was tried
 * (cancelled, out of resources) are raised again.
 */
extern struct ErrorData *check_try(void (*run)(void *arg), void *arg);

#endif /* CHECK_TRY_H */
