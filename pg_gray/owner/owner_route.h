/*
 * owner_route.h: how the rows of a table lead to their user, on one side
 *
 * Read from the registry for this side alone: what has become of the other
 * side's tables does not matter.
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

/* A table on the way, and what leads on from there. */
typedef struct OwnerStep
{
	int			 position;
	unsigned int relation; /* Oid */
	char		*table;	   /* qualified and quoted */

	/* of the last step the uid alone; else these columns refer to those of the next step's table */
	int			 count;
	OwnerColumn *columns;
	OwnerColumn *referred; /* null: it is the last step */
} OwnerStep;

typedef struct OwnerRoute
{
	int		   count;
	OwnerStep *steps; /* the table itself comes first */

	/*
	 * Null, or what is missing on the way, in words: then the steps are of no use.  Only of a
	 * table that was dropped, renamed or altered after it was cloned.
	 */
	char *broken;
} OwnerRoute;

/*
 * The route of a table or partition (an Oid) of the release, in the current memory context; null when
 * it is none of its tables on that side.  The caller has called SPI_connect and acts as the
 * catalog owner, as below.
 */
extern OwnerRoute *owner_route_load(const struct Release *release, Side side, unsigned int relation);

/* The same of the table at a position of the registry. */
extern OwnerRoute *owner_route_load_at(const struct Release *release, Side side, int position);

/* Raise object_not_in_prerequisite_state if the route of a table (an Oid) is broken. */
extern void owner_route_refuse_broken(const OwnerRoute *route, const struct Release *release,
									  unsigned int table);

/* An entry of a session cache is made of the tables of the route, as far as they are there. */
extern void owner_route_made_of(const OwnerRoute *route, struct SessionEntry *entry);

/*
 * Tables whose owner path leads to the one at `position` at first: the step to it from each of them
 * (OwnerStep).  Those that are missing are left out, here and below.
 */
extern struct List *owner_route_children(const struct Release *release, Side side, int position);

/* All tables whose owner path leads over that one (Oids). */
extern struct List *owner_route_descendants(const struct Release *release, Side side, int position);

#endif /* PG_GRAY_OWNER_OWNER_ROUTE_H */
