/*
 * fence_hook.h: refuses writes of a hook to tables that both versions have
 *
 * A move finds out by the rows of twins what the user did.  A row that a hook wrote would be taken
 * for the user's own.
 */
#ifndef PG_GRAY_FENCE_FENCE_HOOK_H
#define PG_GRAY_FENCE_FENCE_HOOK_H

#include "release/hook.h"

struct RelationData;
struct Trigger;

/* To be called around a hook; fence_hook_end also after an error. */
extern void fence_hook_begin(HookEvent event);
extern void fence_hook_end(void);

/* Raise when a hook is running that must not write rows of the table, which has this fence. */
extern void fence_hook_refuse(struct RelationData *relation, const struct Trigger *fence);

/* Raise when a hook is running: it truncates the table. */
extern void fence_hook_refuse_truncate(struct RelationData *relation);

#endif /* PG_GRAY_FENCE_FENCE_HOOK_H */
