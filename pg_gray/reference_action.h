/*
 * reference_action.h: what a foreign key does to rows when the row they refer to goes
 */
#ifndef REFERENCE_ACTION_H
#define REFERENCE_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "twin.h"

struct List;
struct Release;

#define REFERENCE_MAX_COLUMNS 32

typedef struct ReferenceAction
{
	unsigned int constraint; /* Oid */
	char		*name;
	unsigned int referrer; /* Oid of the table that has the key */
	unsigned int referred; /* Oid of the table that it leads to */
	int			 count;	   /* of columns */
	int16_t		 referring_columns[REFERENCE_MAX_COLUMNS];
	int16_t		 referred_columns[REFERENCE_MAX_COLUMNS];
	unsigned int equal[REFERENCE_MAX_COLUMNS]; /* Oids of operators: referred = referring */
	char		 on_delete;					   /* FKCONSTR_ACTION_... */
	char		 on_update;

	/* of a release's tables, see reference_action_list */
	const Twin *twin; /* whose table, or partition of it, has the key */
	Side		side;
} ReferenceAction;

/* One that has just these, of pg_constraint; false when it is no foreign key. */
extern bool reference_action_load(unsigned int constraint, ReferenceAction *action);

/* An action, other than ON UPDATE CASCADE, that changes or deletes the rows which refer. */
extern bool reference_action_on_delete(const ReferenceAction *action);
extern bool reference_action_on_update(const ReferenceAction *action);

/* "ON DELETE CASCADE ON UPDATE SET NULL"; palloc'd. */
extern char *reference_action_text(const ReferenceAction *action);

/*
 * The keys with such an action (ReferenceAction) by which tables of the release, on both
 * sides, and their partitions refer to tables outside; in order of the twins, production
 * before gray.  Tables of the gray schema are version 2's own, and not outside.
 * The caller has called SPI_connect.
 */
extern struct List *reference_action_list(const struct Release *release, const TwinSet *set);

/* Those of them that lead to one of these tables (Oids). */
extern struct List *reference_action_list_to(const struct Release *release, const TwinSet *set,
											 const struct List *referred);

/* The twin that has this table, or the root of this partition, on either side; or null. */
extern Twin *reference_action_twin(const TwinSet *set, unsigned int relation, Side *side);

#endif /* REFERENCE_ACTION_H */
