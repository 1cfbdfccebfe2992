/*
 * reference_choice.h: decides how far the action of a foreign key may reach
 */
#ifndef PG_GRAY_REFERENCE_REFERENCE_CHOICE_H
#define PG_GRAY_REFERENCE_REFERENCE_CHOICE_H

#include <stdbool.h>

struct ReferenceAction;
struct Release;

/*
 * The choice that gray_set_reference was given for a foreign key that leads outside the release.
 * The choice for a foreign key of production counts for the gray foreign key of the same name,
 * too.
 */
typedef enum ReferencePolicy
{
	POLICY_DEFAULT,		 /* no choice: as session side */
	POLICY_SESSION_SIDE, /* the action may reach no live row of the other side */
	/* the action may reach rows of both sides, by each side's own foreign key */
	POLICY_EITHER_SIDE
} ReferencePolicy;

/*
 * Return the choice for a foreign key.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern ReferencePolicy reference_choice(const struct Release		 *release,
										const struct ReferenceAction *action);

/* Return the statement that chooses a policy for the foreign key; palloc'd. */
extern char *reference_choice_statement(const struct Release *release, const char *table,
										const char *constraint, ReferencePolicy policy);

/*
 * Return the table under whose name a foreign key's choice is stored: production's, unless only
 * gray has the foreign key.
 */
extern char *reference_choice_table(const struct ReferenceAction *action);

#endif /* PG_GRAY_REFERENCE_REFERENCE_CHOICE_H */
