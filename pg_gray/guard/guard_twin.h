/*
 * guard_twin.h: finds gray tables in the registry, and tells what users would lose with them
 */
#ifndef PG_GRAY_GUARD_GUARD_TWIN_H
#define PG_GRAY_GUARD_GUARD_TWIN_H

#include <stdbool.h>
#include <stdint.h>

struct List;

/* A release, as far as the guard needs it. */
typedef struct GuardRelease
{
	int	  id;
	char *name;
	char *gray_schema;
	bool  is_open;
	bool  in_place; /* the registry's Oids and attribute numbers belong to this database */
} GuardRelease;

/* A table of a release, on the gray side. */
typedef struct GuardTwin
{
	const GuardRelease *release;
	int					position;
	char			   *name;  /* as registered */
	unsigned int		oid;   /* as registered */
	bool				known; /* attribute numbers belong to this table */
} GuardTwin;

/*
 * Return all releases (GuardRelease), in the current memory context; NIL when there is no registry.
 */
extern struct List *guard_twin_releases(void);

/* Return the gray tables (GuardTwin) of these releases that have this Oid or this name. */
extern struct List *guard_twin_find(const struct List *releases, unsigned int oid, const char *name);

/* Return all gray tables of these releases. */
extern struct List *guard_twin_all(const struct List *releases);

/* True while any user's data is in gray.  Sees what is committed now. */
extern bool guard_twin_holds_users(const GuardRelease *release);

/* True while users are in gray, or may come there. */
extern bool guard_twin_in_use(const GuardRelease *release);

/* True when owner paths lead over this column of the table. */
extern bool guard_twin_owner_column(const GuardTwin *twin, int16_t attnum, const char *name);

#endif /* PG_GRAY_GUARD_GUARD_TWIN_H */
