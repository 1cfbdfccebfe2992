/*
 * shared_trigger.h: puts up and takes down the triggers on tables outside a release to which rows
 * of its users refer
 */
#ifndef PG_GRAY_FENCE_SHARED_TRIGGER_H
#define PG_GRAY_FENCE_SHARED_TRIGGER_H

#include <stdbool.h>

struct List;
struct Release;
struct Trigger;

/* A table outside the release that needs the trigger. */
typedef struct SharedTarget
{
	unsigned int relation; /* Oid; never a partition */
	char		*name;	   /* qualified and quoted */
	bool		 updates;  /* some foreign key to the table has an action ON UPDATE, too */
	/* the trigger exists, is enabled, and fires for all the events it needs */
	bool  is_up;
	char *obstacle;	 /* reason why the trigger can't be created; null when it can */
	char *statement; /* SQL statement that creates the trigger */
} SharedTarget;

/*
 * Return the tables (SharedTarget) to which foreign keys with actions lead, in the order of the
 * keys.  The caller of this function and of the functions below has called SPI_connect and acts as
 * the catalog owner.
 */
extern struct List *shared_trigger_targets(const struct Release *release);

/*
 * Create the triggers, each as the owner of its table; warn where that is impossible.  Takes SHARE
 * ROW EXCLUSIVE on each table whose triggers change, and waits as fence_up does.
 */
extern void shared_trigger_up(const struct Release *release);

/* Disable the triggers, or remove them when the release is dropped. */
extern void shared_trigger_down(const struct Release *release);
extern void shared_trigger_remove(const struct Release *release);

/* Return the trigger's name, the same on each table of a release; palloc'd. */
extern char *shared_trigger_name(int release_id);

/* True when the trigger is such a trigger, of any release. */
extern bool shared_trigger_is(const struct Trigger *trigger);

#endif /* PG_GRAY_FENCE_SHARED_TRIGGER_H */
