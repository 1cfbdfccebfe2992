/*
 * owner_route.h: loads the route by which the rows of a table lead to their user, on one side
 *
 * A route is read from the registry for one side alone: a change to the other side's tables does
 * not matter.
 */
#ifndef PG_GRAY_OWNER_OWNER_ROUTE_H
#define PG_GRAY_OWNER_OWNER_ROUTE_H

#include <stdint.h>

#include "release/side_state.h"

struct List;
struct Release;
struct SessionEntry;

typedef struct OwnerColumn
{
	int16_t		 attnum;
	char		*name;		/* quoted */
	unsigned int type;		/* Oid */
	unsigned int collation; /* Oid */
} OwnerColumn;

/* A table of the route, and the columns that lead on from it. */
typedef struct OwnerStep
{
	int			 position;
	unsigned int relation; /* Oid */
	char		*table;	   /* qualified and quoted */

	/* the last step has the uid alone; otherwise these columns refer to the next step's table */
	int			 count;
	OwnerColumn *columns;
	OwnerColumn *referred; /* the columns referred to; null: this is the last step */
} OwnerStep;

typedef struct OwnerRoute
{
	bool	   own; /* only version 2 has the table */
	int		   count;
	OwnerStep *steps; /* the steps; the table itself comes first */

	/*
	 * Null, or the reason in words why the route is incomplete: then the steps are of no use.
	 * Only for a table that was dropped, renamed or altered after it was cloned.
	 */
	char *broken;
} OwnerRoute;

/*
 * Return the route of a table or partition (an Oid) of the release, in the current memory context;
 * null when it is not a table of the release on that side.  The caller of this and the functions
 * below has called SPI_connect and acts as the catalog owner.
 */
extern OwnerRoute *owner_route_load(const struct Release *release, Side side, unsigned int relation);

/* The same for the table at a position of the registry. */
extern OwnerRoute *owner_route_load_at(const struct Release *release, Side side, int position);

/* Raise object_not_in_prerequisite_state if the route of a table (an Oid) is broken. */
extern void owner_route_refuse_broken(const OwnerRoute *route, const struct Release *release,
									  unsigned int table);

/* An entry of a session cache is made of the tables of the route, as far as they are there. */
extern void owner_route_made_of(const OwnerRoute *route, struct SessionEntry *entry);

/*
 * Return the tables whose owner path begins with a foreign key to the table at `position`: the
 * step (OwnerStep) of each to that table.  Missing tables are left out, here and below.
 */
extern struct List *owner_route_children(const struct Release *release, Side side, int position);

/* Return all tables (Oids) whose owner path leads over that table. */
extern struct List *owner_route_descendants(const struct Release *release, Side side, int position);

#endif /* PG_GRAY_OWNER_OWNER_ROUTE_H */
