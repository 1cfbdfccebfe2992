/*
 * subtransaction.h: trying something that may fail
 */
#ifndef SUBTRANSACTION_H
#define SUBTRANSACTION_H

struct ErrorData;

/*
 * Run `body` in a subtransaction.  Returns null, or, in the caller's memory context, the
 * error for which it was rolled back.  What has nothing to do with the thing tried (a
 * cancel, a lock that was not granted, out of memory) is raised again.
 */
extern struct ErrorData *subtransaction_try(void (*body)(void *), void *argument);

/* The same; all that `body` does is rolled back, and its locks are let go of. */
extern struct ErrorData *subtransaction_look(void (*body)(void *), void *argument);

#endif /* SUBTRANSACTION_H */
