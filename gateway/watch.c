/*
 * watch.c: keeps the roster current
 *
 * LISTEN comes before the load, so nothing falls between the two; what is
 * notified during a load is kept and applied to the new roster.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "database.h"
#include "log.h"
#include "memory.h"
#include "notice.h"

#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS 5000
#define OPEN_MOST_MS 10000 /* libpq itself knows no end to that */
#define LOOK_AGAIN_MS 2000 /* for a release that is not there, or a load that failed */

typedef enum WatchStep
{
	WATCH_CLOSED,
	WATCH_OPENING,
	WATCH_LISTEN,
	WATCH_SCHEMA,
	WATCH_RELEASE,
	WATCH_ROSTER,
	WATCH_WATCHING
} WatchStep;

struct Watch
{
	Worker		*worker;
	Database	*database;
	WatchStep	 step;
	Roster		*roster;	   /* in use */
	Roster		*loading;	   /* being built */
	char		*schema;	   /* quoted, from PQescapeIdentifier */
	Buffer		 kept_notices; /* payloads that came during a load, zero-terminated */
	struct event timer;
	unsigned	 retry_ms;
	bool		 release_known;
	bool		 release_missing_said;
	bool		 load_failed;
	bool		 load_again;
	bool		 lost_said;
};

static void on_ready(void *owner);
static void on_result(void *owner, const PGresult *result);
static void on_done(void *owner);
static void on_notified(void *owner, const char *payload);
static void on_lost(void *owner, const char *problem);
static void on_timer(evutil_socket_t fd, short what, void *context);

static const DatabaseHandlers handlers = {
	.ready = on_ready,
	.result = on_result,
	.done = on_done,
	.notified = on_notified,
	.lost = on_lost,
};

Watch *
watch_new(Worker *worker)
{
	Watch *watch = memory_zeroed(sizeof(*watch));

	watch->worker = worker;
	watch->retry_ms = RETRY_FIRST_MS;
	watch->database = database_new(worker->base, worker->settings->database, &handlers, watch);
	event_assign(&watch->timer, worker->base, -1, 0, on_timer, watch);
	return watch;
}

void
watch_free(Watch *watch)
{
	event_del(&watch->timer);
	database_free(watch->database);
	roster_free(watch->roster);
	roster_free(watch->loading);
	PQfreemem(watch->schema);
	buffer_free(&watch->kept_notices);
	free(watch);
}

static void
wait_ms(Watch *watch, unsigned ms)
{
	struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	event_add(&watch->timer, &delay);
}

void
watch_start(Watch *watch)
{
	watch->step = WATCH_OPENING;
	wait_ms(watch, OPEN_MOST_MS);
	database_open(watch->database);
}

Roster *
watch_roster(Watch *watch)
{
	return watch->roster;
}

bool
watch_connected(const Watch *watch)
{
	return watch->roster != NULL && watch->schema != NULL && watch->step >= WATCH_SCHEMA;
}

bool
watch_release_known(const Watch *watch)
{
	return watch->release_known;
}

const char *
watch_schema(const Watch *watch)
{
	return watch->schema;
}

static void
begin_load(Watch *watch)
{
	static const char sql[] =
		"SELECT n.nspname FROM pg_catalog.pg_extension e"
		" JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_gray'";

	event_del(&watch->timer);
	roster_free(watch->loading);
	watch->loading = roster_new(watch->worker->settings->release);
	watch->load_failed = false;
	watch->load_again = false;
	watch->release_known = false;
	watch->step = WATCH_SCHEMA;
	database_send(watch->database, sql, 0, NULL, false);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	Watch *watch = context;

	(void) fd;
	(void) what;
	if (watch->step == WATCH_CLOSED)
		watch_start(watch);
	else if (watch->step == WATCH_OPENING || watch->step == WATCH_LISTEN)
	{
		database_close(watch->database);
		on_lost(watch, "the connection could not be made in time");
	}
	else if (watch->step == WATCH_WATCHING)
		begin_load(watch);
}

static void
on_ready(void *owner)
{
	Watch *watch = owner;

	watch->step = WATCH_LISTEN;
	database_send(watch->database, "LISTEN pg_gray", 0, NULL, false);
}

static void
on_lost(void *owner, const char *problem)
{
	Watch *watch = owner;

	if (!watch->lost_said)
		log_warning("database: %s; trying again%s", problem,
					watch->roster != NULL ? ", nobody is moved meanwhile" : "");
	else
		log_debug("database: %s", problem);
	watch->lost_said = true;
	watch->step = WATCH_CLOSED;
	buffer_free(&watch->kept_notices);
	wait_ms(watch, watch->retry_ms);
	watch->retry_ms = watch->retry_ms * 2 < RETRY_MOST_MS ? watch->retry_ms * 2 : RETRY_MOST_MS;
}

static Span
cell(const PGresult *result, int row, int column)
{
	return (Span){PQgetvalue(result, row, column), (size_t) PQgetlength(result, row, column)};
}

static void
take_schema(Watch *watch, const PGresult *result)
{
	PQfreemem(watch->schema);
	watch->schema = NULL;
	if (PQntuples(result) == 1)
		watch->schema = database_quote_name(watch->database, PQgetvalue(result, 0, 0));
}

/* Columns: uid_type, is_open, percent, stuck_side. */
static void
take_release(Watch *watch, const PGresult *result)
{
	Release *release = roster_release(watch->loading);
	Span	 type;

	if (PQntuples(result) != 1)
		return;
	watch->release_known = true;
	type = cell(result, 0, 0);
	roster_set_uid_type(watch->loading, uid_type_parse(type));
	if (type.length > 0 && roster_uid_type(watch->loading) == UID_UNKNOWN)
		log_error("release %s: uid type %s is not supported: all requests go to production",
				  release->name, log_quote(type.bytes, type.length));
	release->is_open = span_equals(cell(result, 0, 1), "t");
	if (!decide_parse_percent(cell(result, 0, 2), &release->percent_hundredths) ||
		!side_parse(cell(result, 0, 3), &release->stuck_side))
	{
		log_error("release %s: its line in gray.release is not understood", release->name);
		watch->load_failed = true;
	}
}

/* One row: uid, state, listed. */
static void
take_user(Watch *watch, const PGresult *result)
{
	State state;

	for (int row = 0; row < PQntuples(result); row++)
	{
		Span uid = cell(result, row, 0);

		if (!state_parse(cell(result, row, 1), &state))
		{
			watch->load_failed = true;
			continue;
		}
		roster_set_state(watch->loading, uid, state);
		roster_set_listed(watch->loading, uid, span_equals(cell(result, row, 2), "t"));
	}
}

static void
on_result(void *owner, const PGresult *result)
{
	Watch		  *watch = owner;
	ExecStatusType status = PQresultStatus(result);
	const char	  *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE && status != PGRES_COMMAND_OK)
	{
		log_error("database: cannot load release %s: %s", watch->worker->settings->release,
				  message != NULL ? message : PQresultErrorMessage(result));
		watch->load_failed = true;
	}
	else if (watch->step == WATCH_SCHEMA)
		take_schema(watch, result);
	else if (watch->step == WATCH_RELEASE)
		take_release(watch, result);
	else if (watch->step == WATCH_ROSTER)
		take_user(watch, result);
}

static void
send_release_query(Watch *watch)
{
	const char *parameters[] = {watch->worker->settings->release};

	watch->step = WATCH_RELEASE;
	database_send(watch->database,
				  "SELECT uid_type, is_open, percent, stuck_side FROM gray.release"
				  " WHERE release = $1::pg_catalog.name",
				  1, parameters, false);
}

static void
send_roster_query(Watch *watch)
{
	const char *parameters[] = {watch->worker->settings->release};
	Buffer		sql = {0};

	watch->step = WATCH_ROSTER;
	buffer_format(&sql, "SELECT uid, state, listed FROM %s.gray_roster($1::pg_catalog.name)",
				  watch->schema);
	database_send(watch->database, sql.bytes, 1, parameters, true);
	buffer_free(&sql);
}

static void
apply(Watch *watch, const char *payload)
{
	Roster *roster = watch->roster;
	Notice	notice = notice_parse(span_of(payload), watch->worker->settings->release);

	switch (notice.kind)
	{
		case NOTICE_OTHER_RELEASE:
			break;
		case NOTICE_STATE:
			roster_set_state(roster, notice.uid, notice.state);
			break;
		case NOTICE_LISTED:
			roster_set_listed(roster, notice.uid, notice.listed);
			break;
		case NOTICE_SWITCH:
			roster_release(roster)->is_open = notice.is_open;
			log_info("release %s: %s", watch->worker->settings->release,
					 notice.is_open ? "open" : "closed");
			break;
		case NOTICE_PERCENT:
			roster_release(roster)->percent_hundredths = notice.percent_hundredths;
			break;
		case NOTICE_STUCK_SIDE:
			roster_release(roster)->stuck_side = notice.stuck_side;
			break;
		case NOTICE_RELOAD:
			watch->load_again = true;
			break;
	}
}

static void
say_loaded(Watch *watch)
{
	const Release *release = roster_release(watch->roster);
	RosterCounts   counts = roster_counts(watch->roster);

	if (!watch->release_known)
	{
		if (!watch->release_missing_said)
			log_error("release %s does not exist: all requests go to production", release->name);
		watch->release_missing_said = true;
		return;
	}
	watch->release_missing_said = false;
	log_info("release %s loaded: %s, %u.%02u %%, %zu users listed, %zu on, %zu failed, %zu stuck",
			 release->name, release->is_open ? "open" : "closed", release->percent_hundredths / 100,
			 release->percent_hundredths % 100, counts.listed, counts.on, counts.failed,
			 counts.stuck);
}

/* What came during a load is news for the roster in use, new or old. */
static void
apply_kept(Watch *watch)
{
	Buffer kept = watch->kept_notices;

	memset(&watch->kept_notices, 0, sizeof(watch->kept_notices));
	while (buffer_length(&kept) > 0)
	{
		if (watch->roster != NULL)
			apply(watch, buffer_first(&kept));
		buffer_consume(&kept, strlen(buffer_first(&kept)) + 1);
	}
	buffer_free(&kept);
}

static void
end_load(Watch *watch)
{
	watch->step = WATCH_WATCHING;
	if (watch->load_failed)
	{
		apply_kept(watch);
		wait_ms(watch, LOOK_AGAIN_MS);
		return;
	}
	roster_free(watch->roster);
	watch->roster = watch->loading;
	watch->loading = NULL;
	watch->retry_ms = RETRY_FIRST_MS;
	if (watch->lost_said)
		log_info("database: connected again");
	watch->lost_said = false;
	say_loaded(watch);

	apply_kept(watch);
	if (watch->load_again)
		begin_load(watch);
	else if (!watch->release_known)
		wait_ms(watch, LOOK_AGAIN_MS);
}

static void
on_done(void *owner)
{
	Watch *watch = owner;

	if (watch->step == WATCH_LISTEN)
		begin_load(watch);
	else if (watch->load_failed)
		end_load(watch);
	else if (watch->step == WATCH_SCHEMA && watch->schema != NULL)
		send_release_query(watch);
	else if (watch->step == WATCH_RELEASE && watch->release_known)
		send_roster_query(watch);
	else
		end_load(watch);
}

static void
on_notified(void *owner, const char *payload)
{
	Watch *watch = owner;

	log_debug("database: notified: %s", payload);
	if (watch->step != WATCH_WATCHING)
	{
		buffer_append(&watch->kept_notices, payload, strlen(payload) + 1);
		return;
	}
	if (watch->roster == NULL)
		return; /* the first load failed; the next one will see it all */
	apply(watch, payload);
	if (watch->load_again || !watch->release_known)
		begin_load(watch);
}
