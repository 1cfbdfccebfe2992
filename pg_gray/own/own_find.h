/*
 * own_find.h: finds the tables that only version 2 has, and whose their rows are
 */
#ifndef PG_GRAY_OWN_OWN_FIND_H
#define PG_GRAY_OWN_OWN_FIND_H

#include "owner/owner_path.h"
#include "release/twin.h"

struct List;
struct Release;

typedef enum OwnKind
{
	OWN_USERS,	   /* each row belongs to the user to whom its owner path leads */
	OWN_AMBIGUOUS, /* several owner paths are NOT NULL */
	OWN_NULLABLE,  /* no owner path is NOT NULL */
	OWN_UNDECIDED, /* its only owner path leads over a table of these kinds */
	OWN_UNPAIRED,  /* its owner path leads over a column of a twin that production does not have */
	OWN_STRANGE,   /* the table belongs to another role than the tables of the release */
	OWN_UNTOLD,	   /* no foreign key leads to a user, but a column is named like a uid column */
	OWN_NOBODYS	   /* no foreign key leads to a user */
} OwnKind;

/* A table of the gray schema that is no twin, and that the registry does not have. */
typedef struct OwnTable
{
	unsigned int relation; /* Oid */
	OwnKind		 kind;
	OwnerPath	*path;		 /* with OWN_USERS */
	struct List *candidates; /* all owner paths (OwnerPath) */
	char		*column;	 /* with OWN_UNTOLD */
} OwnTable;

/*
 * Return the unregistered tables (OwnTable): those of users first, owners before what they own.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *own_find(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_OWN_OWN_FIND_H */
