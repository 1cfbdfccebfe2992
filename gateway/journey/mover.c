/*
 * mover.c: calls gray_route on a few connections of its own
 *
 * Life cycle of a job: it waits -> a slot takes it (a slot is a connection, opened when first
 * needed) -> the move, if it is due, is announced to the other gateways -> the job is answered,
 * or waits again for the next attempt. Jobs are served in the order in which they came. A job
 * that has waited for too long is put off. The announcement of a move that did not come about
 * is withdrawn.
 */
#include "journey/mover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "database/database.h"
#include "journey/pace.h"
#include "roster/watch.h"
#include "routing/sqlstate.h"
#include "user/redact.h"

#define ATTEMPTS_MOST 4
#define RETRY_FIRST_MS 50
#define GRACE_MS 2000 /* beyond move_timeout_ms, for the database to answer */
#define PROBLEM_BYTES 512

struct MoveJob
{
	TAILQ_ENTRY(MoveJob) entry;
	struct Slot *slot; /* that has taken the job; NULL: the job waits */
	MoveDone	 done;
	void		*context;
	bool		 must;
	unsigned	 attempts;
	uint64_t	 not_before_ms;
	char		 uid[];
};

typedef enum SlotPhase
{
	SLOT_CLOSED,
	SLOT_OPENING,
	SLOT_PREPARING, /* setting the statement timeout */
	SLOT_READY,
	SLOT_ANNOUNCING,
	SLOT_ASKING,
	SLOT_WITHDRAWING
} SlotPhase;

typedef struct Slot
{
	Mover	  *mover;
	Database  *database;
	SlotPhase  phase;
	MoveJob	  *job; /* owned; NULL: free */
	uint64_t   since_us;
	unsigned   epoch; /* watch_epoch when the connection was opened */
	bool	   known; /* the answer is known; used until the query is over */
	bool	   due;	  /* the move was announced, and is due */
	bool	   announced;
	bool	   fresh; /* nobody was moved on this connection yet */
	bool	   temporary;
	Side	   side;
	State	   state;
	uint64_t   transaction;
	FollowMark mark; /* from before the database was asked */
	char	   problem[PROBLEM_BYTES];
} Slot;

struct Mover
{
	Loop  *loop;
	Watch *watch;
	TAILQ_HEAD(, MoveJob) waiting;
	size_t		 waiting_count;
	Pace		 pace;
	struct event timer;
	unsigned	 slot_count;
	Slot		 slots[];
};

static void on_ready(void *owner);
static void on_result(void *owner, const PGresult *result);
static void on_done(void *owner);
static void on_warned(void *owner, const char *message);
static void on_lost(void *owner, const char *problem);
static void on_timer(evutil_socket_t fd, short what, void *context);
static void start_job(Slot *slot);
static void end_job(Slot *slot);

static const DatabaseHandlers handlers = {
	.ready = on_ready,
	.result = on_result,
	.done = on_done,
	.warned = on_warned,
	.lost = on_lost,
};

Mover *
mover_new(Loop *loop, Watch *watch)
{
	unsigned count = loop->settings->movers;
	Mover	*mover = memory_zeroed(sizeof(*mover) + count * sizeof(Slot));

	mover->loop = loop;
	mover->watch = watch;
	mover->slot_count = count;
	TAILQ_INIT(&mover->waiting);
	event_assign(&mover->timer, loop->base, -1, 0, on_timer, mover);
	for (unsigned i = 0; i < count; i++)
	{
		mover->slots[i].mover = mover;
		mover->slots[i].database =
			database_new(loop->base, loop->settings->database, &handlers, &mover->slots[i]);
	}
	return mover;
}

void
mover_free(Mover *mover)
{
	MoveJob *job;

	event_del(&mover->timer);
	for (unsigned i = 0; i < mover->slot_count; i++)
	{
		database_free(mover->slots[i].database);
		free(mover->slots[i].job);
	}
	while ((job = TAILQ_FIRST(&mover->waiting)) != NULL)
	{
		TAILQ_REMOVE(&mover->waiting, job, entry);
		free(job);
	}
	free(mover);
}

size_t
mover_waiting(const Mover *mover)
{
	return mover->waiting_count;
}

static void
look_soon(Mover *mover, uint64_t in_ms)
{
	struct timeval delay = {.tv_sec = (time_t) (in_ms / 1000),
							.tv_usec = (suseconds_t) (in_ms % 1000) * 1000};

	event_add(&mover->timer, &delay);
}

static void
enqueue(Mover *mover, MoveJob *job)
{
	job->slot = NULL;
	TAILQ_INSERT_TAIL(&mover->waiting, job, entry);
	mover->waiting_count++;
	look_soon(mover, 0);
}

static void
dequeue(Mover *mover, MoveJob *job)
{
	TAILQ_REMOVE(&mover->waiting, job, entry);
	mover->waiting_count--;
}

MoveJob *
mover_submit(Mover *mover, const char *uid, bool must, MoveDone done, void *context)
{
	MoveJob *job = memory_zeroed(sizeof(*job) + strlen(uid) + 1);

	job->must = must;
	job->done = done;
	job->context = context;
	job->not_before_ms = clock_now_ms();
	strcpy(job->uid, uid);
	enqueue(mover, job);
	return job;
}

bool
mover_waits(const MoveJob *job)
{
	return job->slot == NULL && !job->must;
}

bool
mover_withdraw(Mover *mover, MoveJob *job)
{
	Slot *slot = job->slot;

	if (job->must || (slot != NULL && slot->phase >= SLOT_ANNOUNCING))
		return false;
	/* The connection that is being opened serves the next job. */
	if (slot != NULL)
		slot->job = NULL;
	else
		dequeue(mover, job);
	free(job);
	return true;
}

/* The estimate of pace.h is not exact, so a move is let in for half of the allowed time only. */
bool
mover_admits(const Mover *mover)
{
	uint64_t within_us = (uint64_t) mover->loop->settings->move_wait_ms * 1000;
	uint64_t now_us = clock_now_us();
	PaceNow	 now = {.waiting = mover->waiting_count};

	for (unsigned i = 0; i < mover->slot_count; i++)
	{
		const Slot *slot = &mover->slots[i];

		if (slot->job == NULL)
			now.idle++;
		else if (now_us - slot->since_us <= within_us)
			now.working++;
	}
	return pace_admits(&mover->pace, &now, within_us / 2);
}

/*
 * Has the watch connected since the slot's connection was opened? The watch may be connected to
 * another server now, and the slot to the server that was left.
 */
static bool
is_old(const Slot *slot)
{
	return slot->epoch != watch_epoch(slot->mover->watch);
}

static Slot *
free_slot(Mover *mover)
{
	Slot *closed = NULL;

	for (unsigned i = 0; i < mover->slot_count; i++)
	{
		Slot *slot = &mover->slots[i];

		if (slot->job != NULL)
			continue;
		if (slot->phase == SLOT_READY && is_old(slot))
		{
			database_close(slot->database);
			slot->phase = SLOT_CLOSED;
		}
		if (slot->phase == SLOT_READY)
			return slot;
		if (slot->phase == SLOT_CLOSED && closed == NULL)
			closed = slot;
	}
	return closed;
}

/* Give waiting jobs whose time has come to free slots. */
static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	Mover	*mover = context;
	uint64_t now_ms = clock_now_ms();
	uint64_t next_ms = UINT64_MAX;
	MoveJob *next;
	Slot	*slot;

	(void) fd;
	(void) what;
	for (MoveJob *job = TAILQ_FIRST(&mover->waiting); job != NULL; job = next)
	{
		next = TAILQ_NEXT(job, entry);
		if (job->not_before_ms > now_ms)
		{
			next_ms = job->not_before_ms < next_ms ? job->not_before_ms : next_ms;
			continue;
		}
		slot = free_slot(mover);
		if (slot == NULL)
			break;
		dequeue(mover, job);
		slot->job = job;
		job->slot = slot;
		start_job(slot);
	}
	if (next_ms != UINT64_MAX)
		look_soon(mover, next_ms - now_ms);
}

/*
 * Send a call of a function of the extension. Its arguments are the user, our name if gateway
 * is given, and the release.
 */
static void
send_call(Slot *slot, const char *format, const char *gateway)
{
	const char *schema = watch_schema(slot->mover->watch);
	const char *release = slot->mover->loop->settings->release;
	const char *parameters[] = {slot->job->uid, gateway != NULL ? gateway : release, release};
	Buffer		sql = {0};

	slot->mark = watch_mark(slot->mover->watch);
	buffer_format(&sql, format, schema);
	database_send(slot->database, sql.bytes, gateway != NULL ? 3 : 2, parameters, false);
	buffer_free(&sql);
}

#define WITH_GATEWAY "($1::pg_catalog.text, $2::pg_catalog.uuid, $3::pg_catalog.name)"

static void
ask(Slot *slot)
{
	const char *gateway = slot->announced ? watch_gateway(slot->mover->watch) : NULL;

	slot->phase = SLOT_ASKING;
	snprintf(slot->problem, sizeof(slot->problem), "gray_route gave no answer");
	send_call(slot,
			  gateway != NULL
				  ? "SELECT side, state, transaction FROM %s.gray_route_announced" WITH_GATEWAY
				  : "SELECT side, state, pg_catalog.pg_current_xact_id_if_assigned()"
					" FROM %s.gray_route($1::pg_catalog.text, $2::pg_catalog.name)",
			  gateway);
}

/*
 * Announce the move. When this gateway is alone, the announcement only has to be visible, and
 * need not survive a crash.
 */
static void
announce(Slot *slot, const char *gateway)
{
	slot->phase = SLOT_ANNOUNCING;
	slot->due = false;
	snprintf(slot->problem, sizeof(slot->problem), "gray_announce gave no answer");
	send_call(slot,
			  "SELECT side, state, due,"
			  " CASE WHEN alone THEN pg_catalog.set_config('synchronous_commit', 'off', true) END"
			  " FROM %s.gray_announce" WITH_GATEWAY,
			  gateway);
}

static void
withdraw(Slot *slot)
{
	slot->phase = SLOT_WITHDRAWING;
	send_call(slot, "SELECT %s.gray_withdraw" WITH_GATEWAY, watch_gateway(slot->mover->watch));
}

static void
begin_asking(Slot *slot)
{
	const Mover *mover = slot->mover;
	const char	*gateway = watch_gateway(mover->watch);

	slot->known = false;
	slot->temporary = false;
	slot->announced = false;
	if (watch_schema(mover->watch) == NULL)
	{
		snprintf(slot->problem, sizeof(slot->problem), "the extension is not there");
		end_job(slot);
	}
	else if (gateway != NULL && mover->loop->settings->move_after == MOVE_AFTER_ACKNOWLEDGED)
		announce(slot, gateway);
	else
		ask(slot);
}

static void
start_job(Slot *slot)
{
	slot->since_us = clock_now_us();
	slot->job->attempts++;
	if (slot->phase == SLOT_READY)
	{
		begin_asking(slot);
		return;
	}
	slot->phase = SLOT_OPENING;
	slot->epoch = watch_epoch(slot->mover->watch);
	database_open(slot->database);
}

static void
on_ready(void *owner)
{
	Slot	   *slot = owner;
	char		value[16];
	const char *parameters[] = {value};

	snprintf(value, sizeof(value), "%u", slot->mover->loop->settings->move_timeout_ms);
	slot->phase = SLOT_PREPARING;
	slot->fresh = true;
	database_send(slot->database, "SELECT pg_catalog.set_config('statement_timeout', $1, false)", 1,
				  parameters, false);
}

static bool
take_side_and_state(Slot *slot, const PGresult *result)
{
	return PQntuples(result) == 1 &&
		   side_parse(PQgetvalue(result, 0, 0), (size_t) PQgetlength(result, 0, 0), &slot->side) &&
		   state_parse(PQgetvalue(result, 0, 1), (size_t) PQgetlength(result, 0, 1), &slot->state);
}

static void
take_row(Slot *slot, const PGresult *result)
{
	bool whole = take_side_and_state(slot, result);

	slot->transaction = 0;
	if (slot->phase == SLOT_ASKING)
	{
		slot->known = whole;
		slot->transaction = whole ? strtoull(PQgetvalue(result, 0, 2), NULL, 10) : 0;
		return;
	}
	slot->due = whole && *PQgetvalue(result, 0, 2) == 't';
	slot->known = whole && !slot->due;
}

static void
on_result(void *owner, const PGresult *result)
{
	Slot	   *slot = owner;
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (slot->phase != SLOT_ASKING && slot->phase != SLOT_ANNOUNCING)
		return;
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
	{
		take_row(slot, result);
		return;
	}
	sqlstate = sqlstate != NULL ? sqlstate : "";
	/* The error was raised, so the database has changed nothing. */
	slot->temporary = sqlstate_time_cures(sqlstate) && !sqlstate_is_cancelled(sqlstate);
	snprintf(slot->problem, sizeof(slot->problem), "%s (SQLSTATE %s)",
			 message != NULL ? message : "no answer", sqlstate);
}

/* Log a text for a job. The uid is covered, since the database's text may have it. */
static void
note(LogLevel level, const MoveJob *job, const char *what, const char *text)
{
	Buffer covered = {0};

	redact_text(&covered, span_of(text), span_of(job->uid));
	log_write(level, "user %s: attempt %u: %s%.*s", redact_uid(job->uid, strlen(job->uid)),
			  job->attempts, what, (int) buffer_length(&covered), buffer_first(&covered));
	buffer_free(&covered);
}

static void
on_warned(void *owner, const char *message)
{
	Slot *slot = owner;

	if (slot->job != NULL)
		note(LOG_INFO, slot->job, "database: warning: ", message);
}

/* End the slot's job, or let it wait for its next attempt. */
static void
end_job(Slot *slot)
{
	uint64_t   wait_us = (uint64_t) slot->mover->loop->settings->move_wait_ms * 1000;
	uint64_t   took_us;
	MoveJob	  *job = slot->job;
	MoveResult result = {
		.known = slot->known,
		.side = slot->side,
		.state = slot->state,
		.transaction = slot->transaction,
		.mark = slot->mark,
		.problem = slot->problem,
	};

	look_soon(slot->mover, 0);
	if (job == NULL)
		return;
	slot->job = NULL;
	took_us = clock_now_us() - slot->since_us;
	/* A database that refuses quickly does not move more users by that. */
	if (slot->phase == SLOT_CLOSED && took_us < wait_us)
		took_us = wait_us;
	if (slot->phase == SLOT_CLOSED || !slot->fresh)
		pace_took(&slot->mover->pace, took_us);
	slot->fresh = false;
	if (!slot->known && slot->temporary && job->attempts < ATTEMPTS_MOST)
	{
		note(LOG_DEBUG, job, "", slot->problem);
		job->not_before_ms = clock_now_ms() + (RETRY_FIRST_MS << (2 * (job->attempts - 1)));
		enqueue(slot->mover, job);
		return;
	}
	job->done(job->context, &result);
	free(job);
}

static void
on_done(void *owner)
{
	Slot	 *slot = owner;
	SlotPhase phase = slot->phase;

	slot->phase = SLOT_READY;
	if (slot->job != NULL && (phase == SLOT_ANNOUNCING || phase == SLOT_ASKING) && is_old(slot))
	{
		slot->known = false;
		slot->temporary = true;
		snprintf(slot->problem, sizeof(slot->problem), "the answer may be of another server");
	}
	switch (slot->job != NULL ? phase : SLOT_READY)
	{
		case SLOT_PREPARING:
			begin_asking(slot);
			break;
		case SLOT_ANNOUNCING:
			slot->announced = slot->due;
			if (slot->due && !is_old(slot))
				ask(slot);
			else if (slot->due)
				withdraw(slot);
			else
				end_job(slot);
			break;
		case SLOT_ASKING:
			if (slot->announced && !slot->known)
				withdraw(slot);
			else
				end_job(slot);
			break;
		default:
			end_job(slot);
			break;
	}
}

static void
on_lost(void *owner, const char *problem)
{
	Slot *slot = owner;

	/* The user may have been moved, and the answer was lost. */
	if (slot->job != NULL && slot->phase == SLOT_ASKING)
		slot->job->must = true;
	slot->phase = SLOT_CLOSED;
	slot->known = false;
	slot->temporary = true;
	snprintf(slot->problem, sizeof(slot->problem), "%s", problem);
	if (slot->job == NULL)
		log_debug("database: mover: %s", problem);
	end_job(slot);
}

/* Return the first job whose turn did not come in time, or NULL. */
static MoveJob *
overdue(const Mover *mover, uint64_t now_ms)
{
	uint64_t wait_ms = mover->loop->settings->move_wait_ms;
	MoveJob *job = TAILQ_FIRST(&mover->waiting);

	while (job != NULL && (job->must || now_ms <= job->not_before_ms + wait_ms))
		job = TAILQ_NEXT(job, entry);
	return job;
}

static void
put_off_overdue(Mover *mover, uint64_t now_ms)
{
	const MoveResult result = {.put_off = true};
	MoveJob			*job;

	/* done may change the list, so the search begins anew. */
	while ((job = overdue(mover, now_ms)) != NULL)
	{
		dequeue(mover, job);
		job->done(job->context, &result);
		free(job);
	}
}

void
mover_sweep(Mover *mover, uint64_t now_ms)
{
	uint64_t most_ms = mover->loop->settings->move_timeout_ms + GRACE_MS;

	for (unsigned i = 0; i < mover->slot_count; i++)
	{
		Slot *slot = &mover->slots[i];
		bool  works =
			slot->job != NULL || slot->phase == SLOT_OPENING || slot->phase == SLOT_PREPARING;

		if (!works || now_ms <= slot->since_us / 1000 + most_ms)
			continue;
		database_close(slot->database);
		slot->phase = SLOT_CLOSED;
		slot->known = false;
		slot->temporary = false;
		snprintf(slot->problem, sizeof(slot->problem), "the database did not answer in time");
		end_job(slot);
	}
	put_off_overdue(mover, now_ms);
}
