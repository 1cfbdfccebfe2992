/*
 * notify.c: telling the gateways and the operators
 */
#include "postgres.h"

#include "commands/async.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"

#include "attempt.h"
#include "notify.h"
#include "release.h"
#include "uid.h"

#define ROSTER_CHANNEL "pg_gray"
#define INCIDENT_CHANNEL "pg_gray_incident"

/* Long texts of an incident are cut to this many bytes each. */
#define INCIDENT_TEXT_LIMIT 1000

static const char *const words[] =
	{[NEWS_USERS] = "users", [NEWS_RELEASE] = "release", [NEWS_ALL] = "reload"};

void
notify_roster(const Release *release, News news)
{
	char *payload = psprintf("%s %s", release->name, words[news]);

	Async_Notify(ROSTER_CHANNEL, payload);
	pfree(payload);
}

static void
append_member(StringInfo json, const char *name, const char *value)
{
	char *cut;

	if (value == NULL)
		return;
	cut = pnstrdup(value, pg_mbcliplen(value, strlen(value), INCIDENT_TEXT_LIMIT));
	appendStringInfoString(json, json->len == 1 ? "" : ", ");
	escape_json(json, name);
	appendStringInfoString(json, ": ");
	escape_json(json, cut);
	pfree(cut);
}

void
notify_incident(const Attempt *attempt)
{
	const ErrorData *error = attempt->error;
	StringInfoData	 json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	append_member(&json, "release", attempt->release->name);
	append_member(&json, "uid", attempt->uid->text);
	append_member(&json, "state", state_name(attempt->state));
	append_member(&json, "sqlstate", unpack_sql_state(error->sqlerrcode));
	append_member(&json, "message", error->message);
	append_member(&json, "detail", error->detail);
	append_member(&json, "schema", error->schema_name);
	append_member(&json, "table", error->table_name);
	append_member(&json, "constraint", error->constraint_name);
	append_member(&json, "row_key", attempt->row_key);
	appendStringInfoChar(&json, '}');
	Async_Notify(INCIDENT_CHANNEL, json.data);
	pfree(json.data);
}
