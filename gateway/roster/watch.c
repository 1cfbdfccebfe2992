/*
 * watch.c: keeps the roster current, and the lease to route by it
 *
 * A notification is only a hint, which anybody may send. So the changes are read from the
 * database, at most as often as news.h lets, and whenever the lease is renewed. LISTEN comes
 * before everything else, so no hint is missed.
 *
 * Snapshots of a server mean nothing on another server, nor on the same server after a crash.
 * So after connecting to a server that may be another one, the roster in use is in doubt. It
 * does not count as read up to any snapshot, and gets no lease, until everything was loaded
 * anew.
 */
#include "roster/watch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "database/database.h"
#include "database/ping.h"
#include "roster/follow.h"
#include "roster/lease.h"
#include "roster/load.h"
#include "roster/notice.h"
#include "roster/reading.h"
#include "roster/roster_file.h"

#define RETRY_FIRST_MS 40
#define RETRY_MOST_MS 500
#define PROBE_US 2000000 /* longest pause between looks, to find out whether the database answers */
#define UUID_BYTES 37
#define LEAVE_MOST_MS 500
#define PING_EVERY_MS 30000
#define AWAY_AFTER_MS 5000 /* the database is away if it says nothing for so long during a load */

typedef enum WatchStep
{
	WATCH_CLOSED,
	WATCH_OPENING,
	WATCH_LISTEN,
	WATCH_LISTEN_PING,
	WATCH_SERVER, /* asking which server it is */
	WATCH_PINGING,
	WATCH_IDLE, /* the watch is connected from here on */
	WATCH_RENEWING,
	WATCH_LOOKING
} WatchStep;

struct Watch
{
	Loop				*loop;
	const WatchHandlers *handlers;
	void				*owner; /* of the handlers */
	Database			*database;
	Load				*load;
	Ping				*ping;
	Follow				 follow;
	Lease				 lease;
	WatchStep			 step;
	char				*schema; /* quoted, from PQescapeIdentifier */
	char				*server; /* owned; the server that the roster is of; NULL: none */
	char				 gateway[UUID_BYTES];
	struct event		 timer;
	struct event		 ping_timer;
	uint64_t			 heard_ms;	   /* when the database last said something */
	uint64_t			 progress;	   /* progress of the load at that time */
	uint64_t			 connected_ms; /* when the watch connected */
	unsigned			 retry_ms;
	unsigned			 epoch;
	uint64_t			 probed_us;	 /* when the last look ended, or the watch connected */
	unsigned			 gateways;	 /* gateways that have a lease, as far as is known */
	bool				 loaded;	 /* the roster in use was loaded */
	bool				 away;		 /* no roster could be loaded */
	bool				 file_tried; /* using the file's roster was tried */
	bool				 listen_failed;
	bool				 in_doubt;		/* the roster may be of another server */
	bool				 acknowledge;	/* users were announced: acknowledge our reading */
	bool				 acknowledging; /* a statement that only acknowledges is under way */
	bool				 registered;	/* the gateway is registered by this connection */
	bool				 asked_failed;
	bool				 no_leases; /* the role may not have leases */
	bool				 no_leases_said;
	bool				 renewal_said;
	bool				 release_missing_said;
	bool				 lost_said;
};

static void on_ready(void *owner);
static void on_result(void *owner, const PGresult *result);
static void on_done(void *owner);
static void on_notified(void *owner, const char *payload);
static void on_lost(void *owner, const char *problem);
static void on_timer(evutil_socket_t fd, short what, void *context);
static void take_server(Watch *watch, const PGresult *result);
static void on_loaded(void *context, Version *version, char *schema);
static void on_pinged(void *context, PingEnd how, const char *problem);
static void on_ping_due(evutil_socket_t fd, short what, void *context);
static void give_up(Watch *watch, const char *problem);

static const DatabaseHandlers database_handlers = {
	.ready = on_ready,
	.result = on_result,
	.done = on_done,
	.notified = on_notified,
	.lost = on_lost,
};

/* Choose our name at random. Rows of gateways that are gone belong to nobody. */
static void
name_gateway(Watch *watch)
{
	uint16_t parts[8];

	if (getrandom(parts, sizeof(parts), 0) != (ssize_t) sizeof(parts))
		abort(); /* getrandom waits for randomness, so it does not fail */
	snprintf(watch->gateway, sizeof(watch->gateway), "%04x%04x-%04x-4%03x-%04x-%04x%04x%04x",
			 parts[0], parts[1], parts[2], parts[3] & 0xfffu, (parts[4] & 0x3fffu) | 0x8000u,
			 parts[5], parts[6], parts[7]);
}

Watch *
watch_new(Loop *loop, const WatchHandlers *handlers, void *owner)
{
	Watch *watch = memory_zeroed(sizeof(*watch));

	watch->loop = loop;
	watch->handlers = handlers;
	watch->owner = owner;
	watch->retry_ms = RETRY_FIRST_MS;
	watch->in_doubt = true;
	name_gateway(watch);
	watch->database = database_new(loop->base, loop->settings->database, &database_handlers, watch);
	database_limit(watch->database, loop->settings->database_timeout_ms);
	watch->load = load_new(loop, on_loaded, watch);
	watch->ping = ping_new(loop, on_pinged, watch);
	watch->heard_ms = clock_now_ms();
	event_assign(&watch->timer, loop->base, -1, 0, on_timer, watch);
	event_assign(&watch->ping_timer, loop->base, -1, 0, on_ping_due, watch);
	return watch;
}

/*
 * End the lease in the database, so that nobody has to wait for us. If that can't be done now,
 * the others wait until the lease is over.
 */
static void
leave(Watch *watch)
{
	const char *parameters[] = {watch->gateway, watch->loop->settings->release};
	Buffer		sql = {0};

	if (watch->step != WATCH_IDLE || !watch->registered)
		return;
	buffer_format(&sql, "SELECT %s.gray_leave($1::pg_catalog.uuid, $2::pg_catalog.name)",
				  watch->schema);
	database_send(watch->database, sql.bytes, 2, parameters, false);
	database_finish(watch->database, LEAVE_MOST_MS);
	buffer_free(&sql);
}

void
watch_free(Watch *watch)
{
	leave(watch);
	event_del(&watch->timer);
	event_del(&watch->ping_timer);
	ping_free(watch->ping);
	load_free(watch->load);
	database_free(watch->database);
	follow_free(&watch->follow);
	PQfreemem(watch->schema);
	free(watch->server);
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
	database_open(watch->database);
}

Roster *
watch_roster(Watch *watch)
{
	return watch->follow.current.roster;
}

UidType
watch_uid_type(const Watch *watch)
{
	const Roster *roster = watch->follow.current.roster;

	return roster != NULL ? roster_uid_type(roster) : UID_UNKNOWN;
}

bool
watch_connected(const Watch *watch)
{
	return watch->follow.current.roster != NULL && watch->schema != NULL &&
		   watch->step >= WATCH_IDLE && (watch_has_lease(watch) || !watch_release_known(watch));
}

bool
watch_release_known(const Watch *watch)
{
	return watch->follow.current.id != NULL;
}

const char *
watch_release_id(const Watch *watch)
{
	return watch->follow.current.id;
}

bool
watch_loaded(const Watch *watch)
{
	return watch->loaded;
}

bool
watch_current(const Watch *watch)
{
	return watch->loaded && (watch_has_lease(watch) || !watch_release_known(watch));
}

bool
watch_away(Watch *watch)
{
	if (load_progress(watch->load) != watch->progress)
		watch->heard_ms = clock_now_ms();
	watch->progress = load_progress(watch->load);
	return !watch->loaded && (watch->away || clock_now_ms() > watch->heard_ms + AWAY_AFTER_MS);
}

/* Nothing is read from its snapshot on: the database is to be loaded as if there were no file. */
bool
watch_use_file(Watch *watch)
{
	const Settings *settings = watch->loop->settings;

	if (watch->follow.current.roster != NULL)
		return true;
	if (*settings->roster_file == '\0' || watch->file_tried)
		return false;
	watch->file_tried = true;
	return roster_file_read(settings, &watch->follow.current.roster, &watch->follow.current.id);
}

const char *
watch_schema(const Watch *watch)
{
	return watch->schema;
}

bool
watch_has_lease(const Watch *watch)
{
	return lease_runs(&watch->lease, clock_now_ms());
}

/* With a connection that is new there is hope again. */
uint64_t
watch_lease_over_ms(const Watch *watch)
{
	uint64_t now_ms = clock_now_ms();
	uint64_t over_ms = lease_over_ms(&watch->lease, now_ms);
	uint64_t connected_ms = now_ms - watch->connected_ms;

	if (watch->step < WATCH_IDLE)
		return over_ms;
	return over_ms < connected_ms ? over_ms : connected_ms;
}

bool
watch_announced(const Watch *watch, Span uid)
{
	return announced_has(&watch->follow.announced, uid);
}

const char *
watch_gateway(const Watch *watch)
{
	return watch->no_leases ? NULL : watch->gateway;
}

unsigned
watch_gateways(const Watch *watch)
{
	return watch->gateways;
}

unsigned
watch_epoch(const Watch *watch)
{
	return watch->epoch;
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
 * The lease
 */

/* For people: which one it is. */
static void
label_gateway(const Watch *watch, char *label, size_t size)
{
	const AddressList *listen = &watch->loop->settings->listen;
	char			   host[HOST_NAME_MAX + 1];

	if (gethostname(host, sizeof(host)) < 0)
		*host = '\0';
	host[HOST_NAME_MAX] = '\0';
	snprintf(label, size, "%s %s pid %d", host, listen->count > 0 ? listen->addresses[0].text : "",
			 (int) getpid());
}

/*
 * The first one is to outlive a crash of the server, as long as the lease runs here; of others only
 * that they are seen counts.
 */
static void
send_renewal(Watch *watch, uint64_t now_ms)
{
	const Settings *settings = watch->loop->settings;
	char			label[320];
	char			length[24];
	const char	   *seen = watch->in_doubt ? NULL : watch->follow.current.seen;
	const char	   *parameters[] = {watch->gateway, seen, length, label, settings->release};
	Buffer			sql = {0};

	label_gateway(watch, label, sizeof(label));
	watch->lease.length_ms = settings->stale_after_ms;
	if (watch->in_doubt)
		lease_end(&watch->lease, now_ms);
	snprintf(length, sizeof(length), "%llu",
			 (unsigned long long) lease_length_elsewhere_ms(&watch->lease));
	buffer_format(&sql,
				  "SELECT %s.gray_renew($1::pg_catalog.uuid, $2::pg_catalog.pg_snapshot,"
				  " $3::pg_catalog.int4, $4::pg_catalog.text, $5::pg_catalog.name)%s",
				  watch->schema,
				  watch->registered ? ", pg_catalog.set_config('synchronous_commit', 'off', true)"
									: "");
	watch->step = WATCH_RENEWING;
	watch->asked_failed = false;
	watch->acknowledging = watch->acknowledge && lease_due_ms(&watch->lease) > now_ms;
	watch->acknowledge = false;
	lease_send(&watch->lease, now_ms);
	database_send(watch->database, sql.bytes, 5, parameters, false);
	buffer_free(&sql);
}

/*
 * Return when the lease is due. It needs a release, and a roster of this server that is in use
 * or waits for a look.
 */
static uint64_t
renewal_due_ms(const Watch *watch)
{
	const Version *version = watch->in_doubt ? &watch->follow.coming : &watch->follow.current;

	if (version->id == NULL || watch->schema == NULL || watch->no_leases)
		return UINT64_MAX;
	return watch->acknowledge ? 0 : lease_due_ms(&watch->lease);
}

static void
say_no_leases(Watch *watch, const char *problem)
{
	watch->no_leases = true;
	if (!watch->no_leases_said)
		log_warning("database: no leases and no announcements: %s; moves by other gateways may be"
					" seen late.  Type, as a superuser: SELECT gray_grant('%s', 'gateway');",
					problem, database_user(watch->database));
	watch->no_leases_said = true;
}

static void
take_renewal(Watch *watch, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
	{
		watch->gateways = (unsigned) strtoul(PQgetvalue(result, 0, 0), NULL, 10);
		return;
	}
	watch->asked_failed = true;
	message = message != NULL ? message : PQresultErrorMessage(result);
	if (sqlstate != NULL && (strcmp(sqlstate, "42501") == 0 || strcmp(sqlstate, "42883") == 0))
		say_no_leases(watch, message);
	else if (!watch->renewal_said)
		log_error("database: cannot renew the lease: %s", message);
	watch->renewal_said = true;
}

/* What is new is looked at at once. */
static void
end_renewal(Watch *watch)
{
	watch->step = WATCH_IDLE;
	if (watch->asked_failed)
		return;
	watch->registered = true;
	watch->renewal_said = false;
	lease_renew(&watch->lease);
	if (!watch->acknowledging)
		news_press(&watch->follow.news, NEWS_LOOK);
}

/*
 * Reading
 */

static void
begin_look(Watch *watch, uint64_t now_us)
{
	const char *since = follow_begin_look(&watch->follow, now_us);

	watch->asked_failed = false;
	watch->step = WATCH_LOOKING;
	lease_begin_reading(&watch->lease);
	reading_send(watch->database, watch->schema, watch->loop->settings->release, since,
				 watch_gateway(watch));
}

/* Send the next statement of this connection, if one is due. There is one at a time. */
static void
ask_next(Watch *watch, uint64_t now_us)
{
	if (watch->step != WATCH_IDLE)
		return;
	if (renewal_due_ms(watch) <= now_us / 1000)
	{
		send_renewal(watch, now_us / 1000);
		return;
	}
	if (follow_due_us(&watch->follow, NEWS_LOOK) <= now_us)
		begin_look(watch, now_us);
}

static uint64_t
next_due_us(const Watch *watch)
{
	uint64_t load_us = follow_due_us(&watch->follow, NEWS_LOAD);
	uint64_t look_us = follow_due_us(&watch->follow, NEWS_LOOK);
	uint64_t renewal_ms = renewal_due_ms(watch);

	if (watch->step != WATCH_IDLE)
		return load_us;
	if (renewal_ms != UINT64_MAX && renewal_ms * 1000 < look_us)
		look_us = renewal_ms * 1000;
	return look_us < load_us ? look_us : load_us;
}

/* Begin what is due, and set the timer for what is due later. */
static void
go_on(Watch *watch)
{
	uint64_t now_us = clock_now_us();
	uint64_t next_us;

	if (now_us >= watch->probed_us + PROBE_US)
		news_want(&watch->follow.news, NEWS_LOOK);
	ask_next(watch, now_us);
	if (follow_due_us(&watch->follow, NEWS_LOAD) <= now_us)
	{
		follow_begin_load(&watch->follow, now_us);
		load_begin(watch->load);
	}
	next_us = next_due_us(watch);
	if (watch->probed_us + PROBE_US > now_us && watch->probed_us + PROBE_US < next_us)
		next_us = watch->probed_us + PROBE_US;
	event_del(&watch->timer);
	if (next_us != NEWS_NEVER)
		wait_us(watch, next_us > now_us ? next_us - now_us : 0);
}

static void
take_row(Watch *watch, const FollowRow *row)
{
	Roster *roster = watch_roster(watch);

	if (row->is_line && roster != NULL && roster_release(roster)->is_open != row->release.is_open)
		log_info("release %s: %s", watch->loop->settings->release,
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
	if (watch->step == WATCH_SERVER)
	{
		take_server(watch, result);
		return;
	}
	if (watch->step < WATCH_SERVER)
	{
		log_error("database: cannot LISTEN: %s", message != NULL ? message : "no answer");
		watch->listen_failed = true;
		return;
	}
	if (watch->step == WATCH_RENEWING)
	{
		take_renewal(watch, result);
		return;
	}
	if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE)
	{
		log_error("database: cannot read what has changed in release %s: %s",
				  watch->loop->settings->release,
				  message != NULL ? message : PQresultErrorMessage(result));
		watch->asked_failed = true;
		return;
	}
	for (int i = 0; i < PQntuples(result); i++)
	{
		if (reading_row(result, i, database_version(watch->database), &row))
			take_row(watch, &row);
		else
			watch->asked_failed = true;
	}
}

static void
say_missing(Watch *watch)
{
	const char *release = watch->loop->settings->release;

	if (!watch->release_missing_said)
		log_error("release %s does not exist: %s; name another one in release, or type:"
				  " SELECT gray_create_release('%s');",
				  release,
				  watch->loaded ? "all requests go to production" : "there is nothing to load",
				  release);
	watch->release_missing_said = true;
}

/* Another roster is in use. */
static void
say_loaded(Watch *watch)
{
	const Release *release = roster_release(watch_roster(watch));
	RosterCounts   counts = roster_counts(watch_roster(watch));

	watch->loaded = true;
	watch->away = false;
	watch->retry_ms = RETRY_FIRST_MS;
	if (watch->lost_said)
		log_info("database: connected again: %s", database_server(watch->database));
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
	bool ok = !watch->asked_failed;
	bool unread =
		false; /* so far, says the database: others wait for us to say what we have read */

	watch->step = WATCH_IDLE;
	watch->probed_us = clock_now_us();
	if (follow_end_look(&watch->follow, ok, clock_now_us()))
	{
		unread = watch->in_doubt;
		watch->in_doubt = false;
		say_loaded(watch);
	}
	if (watch->no_leases)
		lease_grant(&watch->lease, clock_now_ms());
	else if (ok && !watch->in_doubt)
		lease_end_reading(&watch->lease);
	watch->acknowledge = unread || watch->follow.announced.count > 0;
	watch->handlers->read(watch->owner);
	watch->handlers->changed(watch->owner);
	if (watch->follow.current.seen != NULL)
		log_debug("release %s read as of %.200s", watch->loop->settings->release,
				  watch->follow.current.seen);
}

/* A roster that was loaded from this server keeps its snapshot. */
static void
take_server(Watch *watch, const PGresult *result)
{
	const char *server = PQresultStatus(result) == PGRES_TUPLES_OK ? PQgetvalue(result, 0, 0) : "";

	if (watch->server != NULL && *server != '\0' && strcmp(watch->server, server) == 0)
		return;
	watch->in_doubt = true;
	free(watch->server);
	watch->server = memory_text(server, strlen(server));
}

/* Also a crash of the server, after which it starts by itself, resets the statistics. */
static void
ask_server(Watch *watch)
{
	static const char sql[] =
		"SELECT pg_catalog.pg_postmaster_start_time()::pg_catalog.text OPERATOR(pg_catalog.||)"
		" coalesce(pg_catalog.pg_stat_get_bgwriter_stat_reset_time()::pg_catalog.text, '')";

	watch->step = WATCH_SERVER;
	database_send(watch->database, sql, 0, NULL, false);
}

static void
on_done(void *owner)
{
	Watch *watch = owner;

	switch (watch->step)
	{
		case WATCH_LISTEN:
			watch->step = WATCH_LISTEN_PING;
			database_send(watch->database, "LISTEN " PING_CHANNEL, 0, NULL, false);
			return;
		case WATCH_LISTEN_PING:
			if (watch->listen_failed)
				give_up(watch, "notifications can't be listened for");
			else
				ask_server(watch);
			return;
		case WATCH_SERVER:
			watch->step = WATCH_PINGING;
			event_del(&watch->timer);
			ping_begin(watch->ping);
			return;
		case WATCH_RENEWING:
			end_renewal(watch);
			break;
		case WATCH_LOOKING:
			end_look(watch);
			break;
		default:
			return;
	}
	if (database_deserted(watch->database))
	{
		database_close(watch->database);
		on_lost(watch, "other connections are to another server");
	}
	else
		go_on(watch);
}

/*
 * A release that is not there is not loaded: its name may be wrong. But a release that was
 * there and was dropped has nobody in gray.
 */
static void
refuse_missing(Watch *watch, Version *version)
{
	if (version->roster == NULL || version->id != NULL || watch->loaded)
		return;
	say_missing(watch);
	version_clear(version);
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
	refuse_missing(watch, version);
	watch->away = version->roster == NULL;
	if (follow_end_load(&watch->follow, version, clock_now_us()))
		say_loaded(watch);
	if (watch->step >= WATCH_IDLE)
		go_on(watch);
	watch->handlers->changed(watch->owner);
}

/*
 * The connection
 */

static void
on_notified(void *owner, const char *payload)
{
	Watch	*watch = owner;
	unsigned group;

	switch (notice_parse(span_of(payload), watch->loop->settings->release, &group))
	{
		case NOTICE_OTHER_RELEASE:
			return;
		case NOTICE_SESSIONS:
			watch->handlers->sessions(watch->owner);
			return;
		case NOTICE_SESSION:
			watch->handlers->session(watch->owner, group);
			return;
		case NOTICE_PING:
			ping_hear(watch->ping, notice_token(span_of(payload), watch->loop->settings->release));
			return;
		case NOTICE_CHANGED:
			news_want(&watch->follow.news, NEWS_LOOK);
			break;
		case NOTICE_RELOAD:
			news_want(&watch->follow.news, NEWS_LOAD);
			break;
	}
	if (watch->step >= WATCH_IDLE)
		go_on(watch);
}

static void
on_ready(void *owner)
{
	Watch *watch = owner;

	watch->step = WATCH_LISTEN;
	watch->listen_failed = false;
	watch->heard_ms = clock_now_ms();
	watch->registered = false;
	watch->no_leases = false;
	database_send(watch->database, "LISTEN pg_gray", 0, NULL, false);
}

static void
say_lost(Watch *watch, const char *problem)
{
	if (watch->lost_said)
		log_debug("database: %s", problem);
	else
		log_warning("database: %s; trying again, %s", problem,
					watch_roster(watch) != NULL ? "nobody is moved meanwhile"
												: "nothing is known of users meanwhile");
	watch->lost_said = true;
}

static void
on_lost(void *owner, const char *problem)
{
	Watch *watch = owner;

	say_lost(watch, problem);
	watch->step = WATCH_CLOSED;
	watch->away = true;
	load_stop(watch->load);
	ping_stop(watch->ping);
	event_del(&watch->ping_timer);
	follow_lost(&watch->follow);
	lease_lost(&watch->lease);
	if (watch->no_leases)
		lease_end(&watch->lease, clock_now_ms());
	/*
	 * The delay is random, so that gateways that lose a database together do not come back
	 * together.
	 */
	wait_us(watch, watch->retry_ms * (UINT64_C(500) + (uint64_t) random() % 500));
	watch->retry_ms = watch->retry_ms * 2 < RETRY_MOST_MS ? watch->retry_ms * 2 : RETRY_MOST_MS;
	watch->handlers->changed(watch->owner);
}

/* Close a connection that does not serve its purpose. */
static void
give_up(Watch *watch, const char *problem)
{
	database_close(watch->database);
	on_lost(watch, problem);
}

static void
ping_later(Watch *watch)
{
	struct timeval delay = {.tv_sec = PING_EVERY_MS / 1000};

	event_add(&watch->ping_timer, &delay);
}

static void
on_ping_due(evutil_socket_t fd, short what, void *context)
{
	Watch *watch = context;

	(void) fd;
	(void) what;
	ping_begin(watch->ping);
}

static void
begin_watching(Watch *watch)
{
	watch->step = WATCH_IDLE;
	watch->connected_ms = watch->heard_ms = clock_now_ms();
	watch->epoch++;
	watch->probed_us = clock_now_us();
	follow_connected(&watch->follow);
	watch->handlers->connected(watch->owner);
	go_on(watch);
}

/* One that could not be sent says nothing; what comes during a statement is told at its end. */
static void
on_pinged(void *context, PingEnd how, const char *problem)
{
	Watch *watch = context;
	bool   first = watch->step == WATCH_PINGING;

	if (how == PING_UNHEARD && (first || watch->step == WATCH_IDLE))
	{
		give_up(watch, PING_UNHEARD_TEXT);
		return;
	}
	if (first && how == PING_UNSENT)
	{
		give_up(watch, problem);
		return;
	}
	ping_later(watch);
	if (first)
		begin_watching(watch);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	Watch *watch = context;

	(void) fd;
	(void) what;
	if (watch->step == WATCH_CLOSED)
		watch_start(watch);
	else if (watch->step >= WATCH_IDLE)
		go_on(watch);
}
