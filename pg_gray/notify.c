/*
 * notify.c: telling the gateways and the operators
 */
#include "postgres.h"

#include "commands/async.h"
#include "lib/stringinfo.h"

#include "notify.h"
#include "release.h"
#include "uid.h"

#define ROSTER_CHANNEL "pg_gray"
#define INCIDENT_CHANNEL "pg_gray_incident"

/* async.c refuses payloads of NOTIFY_PAYLOAD_MAX_LENGTH, about 8000 bytes. */
#define PAYLOAD_LIMIT 7900

void
notify_roster(const Release *release, const char *event, const char *value)
{
	StringInfoData payload;

	initStringInfo(&payload);
	appendStringInfo(&payload, "%s %s %s", release->name, event, value);
	if (payload.len > PAYLOAD_LIMIT)
	{
		resetStringInfo(&payload);
		appendStringInfo(&payload, "%s reload", release->name);
	}
	Async_Notify(ROSTER_CHANNEL, payload.data);
	pfree(payload.data);
}

void
notify_state(const Release *release, State state, const char *uid)
{
	StringInfoData value;

	initStringInfo(&value);
	appendStringInfo(&value, "%s %s", state_name(state), uid);
	notify_roster(release, "state", value.data);
	pfree(value.data);
}

void
notify_incident(const Release *release, int64_t incident)
{
	char *payload = psprintf("%s " INT64_FORMAT, release->name, incident);

	Async_Notify(INCIDENT_CHANNEL, payload);
	pfree(payload);
}
