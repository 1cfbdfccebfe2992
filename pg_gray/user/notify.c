/*
 * notify.c: tells the gateways and the operators about changes
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

/* Notifications are sent only while the queue is filled to less than this fraction. */
#define QUEUE_USAGE_LIMIT 0.75

static const char *const words[] =
	{[NEWS_USERS] = "users", [NEWS_RELEASE] = "release", [NEWS_ALL] = "reload"};

/*
 * COMMIT fails when the queue of the whole server is full, and any role can fill it, by LISTEN and
 * a transaction that does not end.  Moves must not depend on that.
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
