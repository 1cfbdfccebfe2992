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
	bool  is_known; /* holds_users was found out */
	bool  holds_users;
} GuardRelease;

/* A table of a release, on the gray side. */
typedef struct GuardTwin
{
	GuardRelease *release;
	int			  position;
	bool		  is_own; /* production does not have the table: it is in gray.own_table */
	char		 *name;	  /* as registered */
	unsigned int  oid;	  /* as registered */
	bool		  known;  /* attribute numbers belong to this table */
} GuardTwin;

/*
 * Return all releases (GuardRelease), in the current memory context; NIL when there is no registry.
 */
extern struct List *guard_twin_releases(void);

/* Return the gray tables (GuardTwin) of all releases, and the own tables of users. */
extern struct List *guard_twin_all(void);

/* Return those of these tables that have this Oid or this name. */
extern struct List *guard_twin_find(const struct List *twins, unsigned int oid, const char *name);

/*
 * True while any user's data is in gray.  Sees what is committed at the first call for this struct,
 * and remembers it.
 */
extern bool guard_twin_holds_users(GuardRelease *release);

/* True while users are in gray, or may come there. */
extern bool guard_twin_in_use(GuardRelease *release);

/* Return the parked table of an own table if it has rows; 0: it has none, or it is no own table. */
extern unsigned int guard_twin_parked_rows(const GuardTwin *twin);

/* True when owner paths lead over this column of the table. */
extern bool guard_twin_owner_column(const GuardTwin *twin, int16_t attnum, const char *name);

#endif /* PG_GRAY_GUARD_GUARD_TWIN_H */
