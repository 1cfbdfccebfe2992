/*
 * notify.h: tells the gateways and the operators about changes
 */
#ifndef PG_GRAY_USER_NOTIFY_H
#define PG_GRAY_USER_NOTIFY_H

#include <stdint.h>

struct Release;

/* The part of the release that a gateway should read again. */
typedef enum News
{
	NEWS_USERS,	  /* a user's state, or a user's entry on the list */
	NEWS_RELEASE, /* the row in gray.release */
	NEWS_ALL
} News;

/*
 * Queue a hint on channel pg_gray for delivery at commit; PostgreSQL delivers equal hints of a
 * transaction once.  Any role may listen, and any role may send: so the hint tells what to read
 * again, and nothing of its contents.
 */
extern void notify_roster(const struct Release *release, News news);

/*
 * Send "RELEASE INCIDENT" on channel pg_gray_incident.  Any role may listen: so the details, and
 * the user, are in gray.incidents alone.
 */
extern void notify_incident(const struct Release *release, int64_t incident);

#endif /* PG_GRAY_USER_NOTIFY_H */
