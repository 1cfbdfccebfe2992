/*
 * shared_trigger.h: the triggers on tables outside a release that rows of its users refer to
 */
#ifndef PG_GRAY_FENCE_SHARED_TRIGGER_H
#define PG_GRAY_FENCE_SHARED_TRIGGER_H

#include <stdbool.h>

struct List;
struct Release;
struct Trigger;

/* A table outside that needs the trigger. */
typedef struct SharedTarget
{
	unsigned int relation;	/* Oid: never a partition */
	char		*name;		/* qualified and quoted */
	bool		 updates;	/* some key has an action ON UPDATE, too */
	bool		 is_up;		/* the trigger is there, fires, and for all that it has to */
	char		*obstacle;	/* why it can't be put up; null: it can */
	char		*statement; /* that puts it up */
} SharedTarget;

/*
 * The tables (SharedTarget) that keys with actions lead to, in the order of these.  The caller
 * has called SPI_connect and acts as the catalog owner; so for those below.
 */
extern struct List *shared_trigger_targets(const struct Release *release);

/*
 * Put the triggers up, each as the owner of its table; warns where that can't be.  Takes
 * SHARE ROW EXCLUSIVE on a table where that changes something, and waits as fence_up does.
 */
extern void shared_trigger_up(const struct Release *release);

/* Switch them off, or remove them when the release is dropped. */
extern void shared_trigger_down(const struct Release *release);
extern void shared_trigger_remove(const struct Release *release);

/* Its name on each table; palloc'd. */
extern char *shared_trigger_name(int release_id);

/* True for such a trigger. */
extern bool shared_trigger_is(const struct Trigger *trigger);

#endif /* PG_GRAY_FENCE_SHARED_TRIGGER_H */
