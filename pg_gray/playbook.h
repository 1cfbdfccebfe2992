/*
 * playbook.h: what a session keeps ready for the moves of a release
 */
#ifndef PLAYBOOK_H
#define PLAYBOOK_H

#include <stdint.h>

#include "twin.h"

struct HTAB;
struct List;
struct MemoryContextData;
struct Release;

typedef struct Playbook
{
	int						  release_id;
	struct MemoryContextData *memory; /* holds all of it */
	TwinSet					 *set;
	unsigned int			  owner_role;
	struct List				**references[2]; /* by Side, by place in the set: see reference.h */
	struct HTAB				 *statements;	 /* see statement.h */
	int						  users;		 /* moves that are using it */
	bool					  stale;
	struct Playbook			 *next;
} Playbook;

/*
 * The playbook of a release, for use until playbook_close; loaded anew when a
 * table or the registry has been changed since.  The caller has called SPI_connect
 * and acts as the catalog owner.
 */
extern Playbook *playbook_open(const struct Release *release);
extern void		 playbook_close(Playbook *playbook);

/* For further use until another playbook_close, of one that nobody has opened anew since. */
extern void playbook_keep(Playbook *playbook);

/* Place of a twin in its set, from 0. */
extern int playbook_place(const Playbook *playbook, const Twin *twin);

/* Called once, from _PG_init. */
extern void playbook_init(void);

#endif /* PLAYBOOK_H */
