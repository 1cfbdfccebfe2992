/*
 * notify.c: telling the gateways and the operators
 */
#include "postgres.h"

#include "commands/async.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/fmgroids.h"

#include "release/release.h"
#include "user/notify.h"
#include "user/uid.h"

#define ROSTER_CHANNEL "pg_gray"
#define INCIDENT_CHANNEL "pg_gray_incident"

/* How full the queue may be, of 1. */
#define QUEUE_USAGE_LIMIT 0.75

static const char *const words[] =
	{[NEWS_USERS] = "users", [NEWS_RELEASE] = "release", [NEWS_ALL] = "reload"};

/*
 * COMMIT fails when the queue of the whole server is full, and any role can see to that: by
 * LISTEN, and a transaction that does not end.  Moves are not to depend on it.
 */
static void
send(const char *channel, const char *payload)
{
	if (DatumGetFloat8(OidFunctionCall0(F_PG_NOTIFICATION_QUEUE_USAGE)) < QUEUE_USAGE_LIMIT)
		Async_Notify(channel, payload);
	else
		ereport(LOG_SERVER_ONLY,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("no notification \"%s\" on channel %s: the queue is nearly full", payload,
						channel),
				 errhint(
					 "A session that listens is in a long transaction: SELECT pid, usename, xact_start FROM pg_stat_activity ORDER BY xact_start;")));
}

void
notify_roster(const Release *release, News news)
{
	char *payload = psprintf("%s %s", release->name, words[news]);

	send(ROSTER_CHANNEL, payload);
	pfree(payload);
}

void
notify_incident(const Release *release, int64_t incident)
{
	char *payload = psprintf("%s " INT64_FORMAT, release->name, incident);

	send(INCIDENT_CHANNEL, payload);
	pfree(payload);
}
