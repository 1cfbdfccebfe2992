/*
 * hook.h: the functions of the application that moves call (hooks), as the registry has them
 */
#ifndef PG_GRAY_RELEASE_HOOK_H
#define PG_GRAY_RELEASE_HOOK_H

#include <stdbool.h>

struct Release;

typedef enum HookEvent
{
	HOOK_AFTER_MIGRATE, /* the user's rows are in gray */
	HOOK_AFTER_HOME		/* production is written, and the gray rows are still there */
} HookEvent;

#define HOOK_EVENTS 2

/* Return "after_migrate" or "after_home". */
extern const char *hook_event_name(HookEvent event);

/* Return the event with this name.  Raises invalid_parameter_value when there is none. */
extern HookEvent hook_event_of_name(const char *name);

/* Read the functions of a release, by HookEvent: qualified names with argument types, or null. */
extern void hook_load(const struct Release *release, char *functions[HOOK_EVENTS]);

/*
 * Return the Oid of a function that hook_load has named; 0: it is gone.  The caller has called
 * SPI_connect, and acts as a role that may use the function's schema.
 */
extern unsigned int hook_function(const char *name);

/*
 * Return why a function can't be called as a hook, as "it returns integer"; null when it can.
 * `uid_type` is the Oid of the type of the release's uids.
 */
extern char *hook_obstacle(unsigned int function, unsigned int uid_type);

/*
 * True when the function's owner can act as `owner`, as which hooks run: else the function's owner
 * would decide what is done as that role.
 */
extern bool hook_is_trusted(unsigned int function, unsigned int owner);

#endif /* PG_GRAY_RELEASE_HOOK_H */
