/*
 * notify.h: telling the gateways and the operators
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "words.h"

struct Attempt;
struct Release;

/*
 * Queue "RELEASE EVENT" on channel pg_gray for delivery at commit; `event`
 * is one of those listed in docs/sql.md.  Longer than a payload may be: the
 * gateways are told to load everything again.
 */
extern void notify_roster(const struct Release *release, const char *event, const char *value);

/* "RELEASE state STATE UID" on channel pg_gray. */
extern void notify_state(const struct Release *release, State state, const char *uid);

/* A failed move, as JSON on channel pg_gray_incident. */
extern void notify_incident(const struct Attempt *attempt);

#endif /* NOTIFY_H */
