/*
 * presence.h: tells whether a user has any row in production
 */
#ifndef PG_GRAY_MOVE_PRESENCE_H
#define PG_GRAY_MOVE_PRESENCE_H

#include <stdbool.h>

struct Release;
struct Uid;

/*
 * Return false when no table of the release has a row of the user in production, as committed now:
 * such a uid may be anybody's invention.  Return true also when the look-up fails, or would have
 * to wait for a lock: the move will report why.  Locks no user, and keeps no lock.  Raises other
 * errors that time cures.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern bool presence_has_rows(const struct Release *release, const struct Uid *uid);

#endif /* PG_GRAY_MOVE_PRESENCE_H */
