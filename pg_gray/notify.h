/*
 * notify.h: telling the gateways and the operators
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

#include "words.h"

struct Release;

/*
 * Queue "RELEASE EVENT" on channel pg_gray for delivery at commit; `event`
 * is one of those listed in docs/sql.md.  Longer than a payload may be: the
 * gateways are told to load everything again.
 */
extern void notify_roster(const struct Release *release, const char *event, const char *value);

/* "RELEASE state STATE UID" on channel pg_gray. */
extern void notify_state(const struct Release *release, State state, const char *uid);

/*
 * "RELEASE INCIDENT" on channel pg_gray_incident.  Any role may listen: what happened, and to whom, is
 * in gray.incidents alone.
 */
extern void notify_incident(const struct Release *release, int64_t incident);

#endif /* NOTIFY_H */
