/*
 * watch.c: keeps the roster current
 *
 * A notification is no more than a hint, which anybody may send: what has changed is read, at
 * most as often as news.h lets.  LISTEN comes before everything, so no hint is missed.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "database.h"
#include "follow.h"
#include "load.h"
#include "log.h"
#include "memory.h"
#include "notice.h"
#include "reading.h"

#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS 5000
#define OPEN_MOST_MS 10000 /* libpq itself knows no end to that */

typedef enum WatchStep
{
	WATCH_CLOSED,
	WATCH_OPENING,
	WATCH_LISTEN,
	WATCH_WATCHING
} WatchStep;

struct Watch
{
	Worker		*worker;
	Database	*database;
	Load		*load;
	Follow		 follow;
	WatchStep	 step;
	char		*schema; /* quoted, from PQescapeIdentifier */
	struct event timer;
	unsigned	 retry_ms;
	bool		 look_failed;
	bool		 release_missing_said;
	bool		 lost_said;
};

static void on_ready(void *owner);
static void on_result(void *owner, const PGresult *result);
static void on_done(void *owner);
static void on_notified(void *owner, const char *payload);
static void on_lost(void *owner, const char *problem);
static void on_timer(evutil_socket_t fd, short what, void *context);
static void on_loaded(void *context, Version *version, char *schema);

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
	watch->load = load_new(worker, on_loaded, watch);
	event_assign(&watch->timer, worker->base, -1, 0, on_timer, watch);
	return watch;
}

void
watch_free(Watch *watch)
{
	event_del(&watch->timer);
	load_free(watch->load);
	database_free(watch->database);
	follow_free(&watch->follow);
	PQfreemem(watch->schema);
	free(watch);
}

static void
wait_us(Watch *watch, uint64_t us)
{
	struct timeval delay = {.tv_sec = (time_t) (us / 1000000),
							.tv_usec = (suseconds_t) (us % 1000000)};

	event_add(&watch->timer, &delay);
}

void
watch_start(Watch *watch)
{
	watch->step = WATCH_OPENING;
	wait_us(watch, OPEN_MOST_MS * UINT64_C(1000));
	database_open(watch->database);
}

Roster *
watch_roster(Watch *watch)
{
	return watch->follow.current.roster;
}

bool
watch_connected(const Watch *watch)
{
	return watch->follow.current.roster != NULL && watch->schema != NULL &&
		   watch->step == WATCH_WATCHING;
}

bool
watch_release_known(const Watch *watch)
{
	return watch->follow.current.id != NULL;
}

const char *
watch_schema(const Watch *watch)
{
	return watch->schema;
}

uint64_t
watch_looks(const Watch *watch)
{
	return watch->follow.looks;
}

uint64_t
watch_loads(const Watch *watch)
{
	return watch->follow.loads;
}

void
watch_told(Watch *watch, Span uid, State state, uint64_t transaction, FollowMark mark)
{
	follow_told(&watch->follow, uid, state, transaction, mark);
}

FollowMark
watch_mark(const Watch *watch)
{
	return follow_mark(&watch->follow);
}

/*
 * Reading
 */

static void
begin_look(Watch *watch, uint64_t now_us)
{
	const char *since = follow_begin_look(&watch->follow, now_us);

	watch->look_failed = false;
	reading_send(watch->database, watch->schema, watch->worker->settings->release, since);
}

static uint64_t
next_due_us(const Watch *watch)
{
	uint64_t look_us = follow_due_us(&watch->follow, NEWS_LOOK);
	uint64_t load_us = follow_due_us(&watch->follow, NEWS_LOAD);

	return look_us < load_us ? look_us : load_us;
}

/* What is due is begun, what is due later is waited for. */
static void
go_on(Watch *watch)
{
	uint64_t now_us = clock_now_us();
	uint64_t next_us;

	if (follow_due_us(&watch->follow, NEWS_LOOK) <= now_us)
		begin_look(watch, now_us);
	if (follow_due_us(&watch->follow, NEWS_LOAD) <= now_us)
	{
		follow_begin_load(&watch->follow, now_us);
		load_begin(watch->load);
	}
	next_us = next_due_us(watch);
	event_del(&watch->timer);
	if (next_us != NEWS_NEVER)
		wait_us(watch, next_us - now_us);
}

static void
take_row(Watch *watch, const FollowRow *row)
{
	Roster *roster = watch_roster(watch);

	if (row->is_line && roster != NULL && roster_release(roster)->is_open != row->release.is_open)
		log_info("release %s: %s", watch->worker->settings->release,
				 row->release.is_open ? "open" : "closed");
	follow_take(&watch->follow, row);
}

static void
on_result(void *owner, const PGresult *result)
{
	Watch		  *watch = owner;
	ExecStatusType status = PQresultStatus(result);
	const char	  *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	FollowRow	   row;

	if (status == PGRES_COMMAND_OK)
		return;
	if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE)
	{
		log_error("database: cannot read what has changed in release %s: %s",
				  watch->worker->settings->release,
				  message != NULL ? message : PQresultErrorMessage(result));
		watch->look_failed = true;
		return;
	}
	for (int i = 0; i < PQntuples(result); i++)
	{
		if (reading_row(result, i, &row))
			take_row(watch, &row);
		else
			watch->look_failed = true;
	}
}

static void
say_missing(Watch *watch)
{
	if (!watch->release_missing_said)
		log_error("release %s does not exist: all requests go to production",
				  watch->worker->settings->release);
	watch->release_missing_said = true;
}

/* Another roster is in use. */
static void
say_loaded(Watch *watch)
{
	const Release *release = roster_release(watch_roster(watch));
	RosterCounts   counts = roster_counts(watch_roster(watch));

	watch->retry_ms = RETRY_FIRST_MS;
	if (watch->lost_said)
		log_info("database: connected again");
	watch->lost_said = false;
	if (!watch_release_known(watch))
	{
		say_missing(watch);
		return;
	}
	watch->release_missing_said = false;
	log_info("release %s loaded: %s, %u.%02u %%, %zu users listed, %zu on, %zu failed, %zu stuck",
			 release->name, release->is_open ? "open" : "closed", release->percent_hundredths / 100,
			 release->percent_hundredths % 100, counts.listed, counts.on, counts.failed,
			 counts.stuck);
}

static void
end_look(Watch *watch)
{
	if (follow_end_look(&watch->follow, !watch->look_failed, clock_now_us()))
		say_loaded(watch);
	if (watch->follow.current.seen != NULL)
		log_debug("release %s read as of %.200s", watch->worker->settings->release,
				  watch->follow.current.seen);
}

static void
on_done(void *owner)
{
	Watch *watch = owner;

	if (watch->step == WATCH_LISTEN)
	{
		watch->step = WATCH_WATCHING;
		news_connected(&watch->follow.news);
	}
	else
		end_look(watch);
	go_on(watch);
}

static void
on_loaded(void *context, Version *version, char *schema)
{
	Watch *watch = context;

	if (version->roster != NULL)
	{
		PQfreemem(watch->schema);
		watch->schema = schema;
	}
	else
		PQfreemem(schema);
	if (follow_end_load(&watch->follow, version, clock_now_us()))
		say_loaded(watch);
	go_on(watch);
}

/*
 * The connection
 */

static void
on_notified(void *owner, const char *payload)
{
	Watch *watch = owner;

	switch (notice_parse(span_of(payload), watch->worker->settings->release))
	{
		case NOTICE_OTHER_RELEASE:
			return;
		case NOTICE_CHANGED:
			news_want(&watch->follow.news, NEWS_LOOK);
			break;
		case NOTICE_RELOAD:
			news_want(&watch->follow.news, NEWS_LOAD);
			break;
	}
	if (watch->step == WATCH_WATCHING)
		go_on(watch);
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
					watch_roster(watch) != NULL ? ", nobody is moved meanwhile" : "");
	else
		log_debug("database: %s", problem);
	watch->lost_said = true;
	watch->step = WATCH_CLOSED;
	load_stop(watch->load);
	follow_lost(&watch->follow);
	wait_us(watch, watch->retry_ms * UINT64_C(1000));
	watch->retry_ms = watch->retry_ms * 2 < RETRY_MOST_MS ? watch->retry_ms * 2 : RETRY_MOST_MS;
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	Watch *watch = context;

	(void) fd;
	(void) what;
	if (watch->step == WATCH_CLOSED)
		watch_start(watch);
	else if (watch->step == WATCH_WATCHING)
		go_on(watch);
	else
	{
		database_close(watch->database);
		on_lost(watch, "the connection could not be made in time");
	}
}
