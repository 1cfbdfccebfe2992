/*
 * notify.h: telling the gateways and the operators
 */
#ifndef PG_GRAY_USER_NOTIFY_H
#define PG_GRAY_USER_NOTIFY_H

#include <stdint.h>

struct Release;

/* What a gateway should look at again. */
typedef enum News
{
	NEWS_USERS,	  /* somebody's state, or place on the list */
	NEWS_RELEASE, /* the line in gray.release */
	NEWS_ALL
} News;

/*
 * Queue a hint on channel pg_gray for delivery at commit; the same one twice in a transaction
 * is one.  Any role may listen, and any may send: it says what to look at, and nothing of it.
 */
extern void notify_roster(const struct Release *release, News news);

/*
 * "RELEASE INCIDENT" on channel pg_gray_incident.  Any role may listen: what happened, and to whom, is
 * in gray.incidents alone.
 */
extern void notify_incident(const struct Release *release, int64_t incident);

#endif /* PG_GRAY_USER_NOTIFY_H */
