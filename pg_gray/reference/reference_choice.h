/*
 * reference_choice.h: how far the action of a foreign key may reach
 */
#ifndef PG_GRAY_REFERENCE_REFERENCE_CHOICE_H
#define PG_GRAY_REFERENCE_REFERENCE_CHOICE_H

#include <stdbool.h>

struct ReferenceAction;
struct Release;

/*
 * What gray_set_reference was told for a key that leads outside the release.  The choice for a key
 * of production counts for the gray key of its name, too.
 */
typedef enum ReferencePolicy
{
	POLICY_DEFAULT,		 /* nothing: as session side */
	POLICY_SESSION_SIDE, /* no live row of the other side */
	POLICY_EITHER_SIDE	 /* rows of both sides, by the native key of each */
} ReferencePolicy;

/* The caller has called SPI_connect and acts as the catalog owner. */
extern ReferencePolicy reference_choice(const struct Release		 *release,
										const struct ReferenceAction *action);

/* The statement that chooses a policy for the key; palloc'd. */
extern char *reference_choice_statement(const struct Release *release, const char *table,
										const char *constraint, ReferencePolicy policy);

/* The table by whose name a key's choice is kept: production's, unless only gray has the key. */
extern char *reference_choice_table(const struct ReferenceAction *action);

#endif /* PG_GRAY_REFERENCE_REFERENCE_CHOICE_H */
