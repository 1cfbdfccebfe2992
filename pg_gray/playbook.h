/*
 * playbook.h: what a session keeps ready for the moves of a release
 */
#ifndef PLAYBOOK_H
#define PLAYBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "twin.h"

struct Cached;
struct HTAB;
struct List;
struct Release;

typedef struct Playbook
{
	struct Cached *cached; /* whose memory holds all of it */
	TwinSet		  *set;
	unsigned int   owner_role;
	char		  *unfenced;	  /* a table whose fence is off; or null */
	struct List	 **references[2]; /* by Side, by place in the set: see reference.h */
	struct HTAB	  *statements;	  /* see statement.h */
} Playbook;

/*
 * The playbook of a release, good until the end of the transaction; loaded anew when a
 * table or the registry has been changed since.  Raises when a table is missing, unless it
 * is to do with what there is (`may_miss`).  The caller has called SPI_connect and acts as
 * the catalog owner.
 */
extern Playbook *playbook_open(const struct Release *release, bool may_miss);

/* The next playbook_open loads it anew. */
extern void playbook_forget(Playbook *playbook);

/* Place of a twin in its set, from 0. */
extern int playbook_place(const Playbook *playbook, const Twin *twin);

#endif /* PLAYBOOK_H */
