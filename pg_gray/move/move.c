/*
 * move.c: moves one user, all or nothing
 *
 * Life of a move:
 *
 *   due?        gray_route compares the user's state with the cohort   functions/user_functions
 *   fit?        the transaction may make a move                        move/move_fit
 *   known?      a user without rows is not moved                       move/presence
 *   begin       a subtransaction                                       postgres/subtransaction
 *     claim     the state row is written; its trigger locks the user   user/user_state, user_lock
 *     prepare   tables, foreign keys and statements of the release     move/prepared
 *     there:
 *       copy    production's rows into the gray tables                 move/migrate, copy
 *       back    rows of tables that only version 2 has                 move/park_back
 *       check   the foreign keys of the copies                         move/reference_check
 *       hook    the application's own function                         move/hook_run
 *     or home:
 *       compare what became of the rows in gray                        move/home, home_changes
 *       refuse  rows that can't come home                              move/home_refuse
 *       delete  frozen rows that gray no longer has                    move/home_delete
 *       update  frozen rows that differ                                move/home_update
 *       insert  rows that production lacks                             move/copy
 *       check   the foreign keys of what was written                   move/reference_check
 *       hook    the application's own function                         move/hook_run
 *       keep    values that only gray can hold                         move/kept_values
 *       park    rows of tables that only version 2 has                 move/park, park_aside
 *       clear   the gray rows                                          move/home_untouched
 *     record    the attempt and the stay; gateways hear at COMMIT      user/attempt, stay, notify
 *   end         the subtransaction; the caller commits
 *
 * An error rolls all of that back, and the lock too.  An error that time cures is raised again.
 * When a way home fails on account of other users, it is tried with them (home_together).  Any
 * other error of the data is recorded: the user is locked anew, the row that failed is looked for
 * (failed_row), and the state becomes failed or stuck.
 *
 * When an application holds the lock of a row that the move wants, the application may itself be
 * waiting in the fence for this very move.  So a move locks such rows NOWAIT, waits for other
 * locks no longer than a moment, and is the victim of a deadlock.  Then the move yields: it rolls
 * back, waits a little with nothing locked, and tries again.  A transaction that has moved another
 * user still holds that user's lock: there the move raises instead.
 */
#include "postgres.h"

#include <limits.h>

#include "access/xact.h"
#include "commands/trigger.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "move/disclosure.h"
#include "move/failed_row.h"
#include "move/home.h"
#include "move/home_together.h"
#include "move/migrate.h"
#include "move/move.h"
#include "move/move_fit.h"
#include "move/prepared.h"
#include "move/presence.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/admit.h"
#include "release/nested_move.h"
#include "release/release.h"
#include "release/twin_sql.h"
#include "user/attempt.h"
#include "user/cohort.h"
#include "user/notify.h"
#include "user/stay.h"
#include "user/uid.h"
#include "user/user_lock.h"
#include "user/user_state.h"

/* The states from which a kind of move starts and to which it leads, by success and by failure. */
typedef struct MoveRule
{
	const char *from; /* states, as an SQL array */
	State		success;
	State		failure;
	void (*move_rows)(Move *move);
} MoveRule;

static const MoveRule rules[] = {
	[MOVE_MIGRATE] = {"{off}", STATE_ON, STATE_FAILED, migrate_rows},
	[MOVE_BACK] = {"{on}", STATE_OFF, STATE_STUCK, home_rows},
	[MOVE_DISCARD] = {"{on,stuck}", STATE_OFF, STATE_STUCK, home_discard_rows},
};

/* A yielding move waits about this long between tries. */
#define YIELD_WAIT_MS 20

static int yield_timeout_ms = 5000;

/* The error that is being raised says nothing of rows. */
static bool is_plain;

/* The cohort may have changed while the move waited for the user's writers. */
static bool
is_still_due(Move *move)
{
	if (!move->only_if_due)
		return true;
	move->release = release_load(move->release->name);
	return cohort_wants(move->release, move->uid) == (move->kind == MOVE_MIGRATE);
}

static void
move_rows_as_owner(Move *move)
{
	RoleSwitch catalog;
	RoleSwitch before;

	/*
	 * The limit is set before prepared_open, which opens tables while the user is locked already.
	 */
	role_become_catalog_owner(&catalog);
	role_yield_soon();
	/* The formats are set before prepared_open, too, which reads the constants of mappings. */
	role_pin_formats(&move->release->formats);
	move->prepared = prepared_open(move->release, move->kind == MOVE_DISCARD);
	move_fit_fences(move);
	move->rows = palloc0(sizeof(uint64) * Max(move->prepared->set->count, 1));
	move->own_rows = palloc0(sizeof(uint64) * Max(move->prepared->set->own_count, 1));
	role_become(&before, move->prepared->owner_role);
	if (move->together != NIL)
		home_together_arg(&move->args, move->together);
	else
		query_arg(&move->args, move->uid->type, move->uid->value);
	rules[move->kind].move_rows(move);
	role_return(&before);
	role_return(&catalog);
}

static void
record_success_of(const Move *move, const Uid *uid, TimestampTz started)
{
	Attempt attempt = {.release = move->release,
					   .uid = uid,
					   .kind = move_kind_name(move->kind),
					   .started = started,
					   .row_count = uid == move->uid ? move->row_count : 0,
					   .note = uid == move->uid ? move->note : NULL,
					   .state = rules[move->kind].success};

	if (move->kind == MOVE_MIGRATE)
		stay_begin(move->release, uid, move->prepared->set, move->rows, move->own_rows);
	(void) attempt_record(&attempt);
	if (move->kind == MOVE_DISCARD || uid != move->uid)
		attempt_resolve(move->release, uid);
	notify_roster(move->release, NEWS_USERS);
}

static void
record_success(const Move *move, TimestampTz started)
{
	ListCell *cell;

	if (move->together == NIL)
		record_success_of(move, move->uid, started);
	foreach(cell, move->together)
		record_success_of(move, lfirst(cell), started);
}

/* A user who comes along may be stuck, perhaps because of this very user. */
static bool
claim_one(Move *move, const Uid *uid)
{
	const MoveRule *rule = &rules[move->kind];
	bool			claimed;

	move->busy = uid;
	claimed = user_state_claim(move->release, uid, uid == move->uid ? rule->from : "{on,stuck}",
							   rule->success);
	move->busy = NULL;
	return claimed;
}

/* Each further user is waited for no longer than a moment, as rows are. */
static bool
claim_further(Move *move)
{
	RoleSwitch	  before;
	volatile bool claimed = true;

	role_become_catalog_owner(&before);
	role_yield_soon();
	user_lock_wait_for_next(true);
	PG_TRY();
	{
		for (int i = 1; claimed && i < list_length(move->together); i++)
			claimed = claim_one(move, list_nth(move->together, i));
	}
	PG_FINALLY();
	{
		user_lock_wait_for_next(false);
	}
	PG_END_TRY();
	role_return(&before);
	return claimed;
}

static bool
claim_all(Move *move)
{
	if (!claim_one(move, linitial(move->together)))
		return false;
	move->locked = true;
	return claim_further(move);
}

static bool
claim(Move *move)
{
	const MoveRule *rule = &rules[move->kind];

	if (move->together != NIL)
		return claim_all(move);
	return user_state_claim(move->release, move->uid, rule->from, rule->success);
}

/* Argument of try_perform. */
typedef struct Trial
{
	Move	   *move;
	TimestampTz started;
	bool		done;
} Trial;

/* Return false when there was nothing to do. */
static bool
perform(Move *move, TimestampTz started)
{
	if (!claim(move))
		return false;
	move->locked = true;
	if (!is_still_due(move))
		return false;
	move_rows_as_owner(move);
	record_success(move, started);
	return true;
}

static bool
try_perform(void *argument)
{
	Trial *trial = argument;

	trial->done = perform(trial->move, trial->started);
	return trial->done;
}

/*
 * True when an application holds a lock that the move needs; the application may be waiting for
 * the move.
 */
static bool
is_of_locks(const Move *move, const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		   (move->locked && error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE);
}

static void
raise_yielded(const Move *move, const ErrorData *error, bool full)
{
	char *reason = psprintf("%s%s%s", error->message, error->context ? "\n" : "",
							error->context ? error->context : "");

	is_plain = true;
	ereport(ERROR,
			(errcode(error->sqlerrcode),
			 errmsg("user \"%s\" of release \"%s\" could not be moved: somebody holds a lock that it takes",
					move->uid->text, move->release->name),
			 full ? errdetail_internal("%s", reason) : errdetail_log("%s", reason),
			 user_lock_has_moved()
				 ? errhint("Nothing was changed. Move each user in a transaction of its own.")
				 : errhint("Nothing was changed. Try again, or raise pg_gray.yield_timeout.")));
}

/* The wait has some jitter: two moves that collided would otherwise collide again. */
static void
wait_a_little(void)
{
	long wait_ms = YIELD_WAIT_MS * (0.5 + pg_prng_double(&pg_global_prng_state));

	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait_ms,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/* The failure of a move, for the warning. */
typedef struct Failure
{
	const ErrorData *error; /* null: the move did not fail */
	int64			 incident;
} Failure;

/* Return the user's state now, which another session may have changed meanwhile. */
static State
record_failure(const HomeTogether *together, TimestampTz started, Failure *told)
{
	const HomeTogetherFailure *reason = home_together_failure(together);
	const Move				  *move = &reason->move;
	ErrorData				  *error = reason->error;
	State					   failure = rules[move->kind].failure;
	Attempt					   attempt = {.release = move->release,
										  .uid = move->uid,
										  .kind = move_kind_name(move->kind),
										  .started = started,
										  .state = failure};

	if (!user_state_claim(move->release, move->uid, rules[move->kind].from, failure))
		return user_state_get(move->release, move->uid);
	attempt.row_key = failed_row_find(move, &error);
	home_together_explain(together, error);
	attempt_shorten(error);
	attempt.error = error;
	told->incident = attempt_record(&attempt);
	admit_dismiss(move->release);
	told->error = error;
	notify_roster(move->release, NEWS_USERS);
	notify_incident(move->release, told->incident);
	return failure;
}

/*
 * Any request may bring a uid that no user has: such a uid gets no state.  A user who was moved
 * before has a state, so the user's rows are not looked for again.
 */
bool
move_finds_user(const Release *release, const Uid *uid)
{
	return user_state_is_recorded(release, uid) || presence_has_rows(release, uid);
}

static State
move_until_done(MoveKind kind, bool only_if_due, Release *release, Uid *uid, bool full,
				Failure *told)
{
	TimestampTz	 started = GetCurrentTimestamp();
	HomeTogether together = {0};

	for (;;)
	{
		FailedRow  failed_row = {.since = GetCurrentTimestamp()};
		Move	   move = {.kind = kind,
						   .only_if_due = only_if_due,
						   .release = release,
						   .uid = uid,
						   .together = together.users,
						   .failed_row = &failed_row};
		Trial	   trial = {.move = &move, .started = started};
		ErrorData *error;

		if (kind == MOVE_MIGRATE && !move_finds_user(release, uid))
			return STATE_OFF;
		error = subtransaction_run(try_perform, &trial);
		twin_sql_set_together(false);
		pgstat_report_activity(STATE_RUNNING, debug_query_string);
		if (error == NULL && !trial.done && together.users != NIL)
		{
			together = (HomeTogether){0}; /* one of the users was moved meanwhile */
			continue;
		}
		if (error == NULL)
			return trial.done ? rules[kind].success : user_state_get(release, uid);
		if (is_of_locks(&move, error))
		{
			if (user_lock_has_moved() ||
				TimestampDifferenceExceeds(started, GetCurrentTimestamp(), yield_timeout_ms))
				raise_yielded(&move, error, full);
			if (move.busy != NULL)
				home_together_turn(&together, move.busy);
			wait_a_little();
			continue;
		}
		if (!move.locked || move.unfit || kind == MOVE_DISCARD || subtransaction_time_cures(error))
		{
			is_plain = !move.locked || move.plain;
			ReThrowError(error);
		}
		if (!home_together_grow(&together, &move, error))
			return record_failure(&together, started, told);
	}
}

static void
end(void)
{
	nested_move_end();
	twin_sql_set_together(false);
}

State
move_user(MoveKind kind, bool only_if_due, Release *release, Uid *uid, unsigned int caller)
{
	MemoryContext  context = CurrentMemoryContext;
	bool		   full = disclosure_is_full(caller);
	int			   level;
	Failure		   told = {0};
	volatile State state = STATE_OFF;

	move_fit_transaction();
	nested_move_begin();
	level = disclosure_begin(full);
	is_plain = false;
	PG_TRY();
	{
		state = move_until_done(kind, only_if_due, release, uid, full, &told);
	}
	PG_CATCH();
	{
		end();
		if (!full && !is_plain)
		{
			ErrorData *error;

			MemoryContextSwitchTo(context);
			error = CopyErrorData();
			FlushErrorState();
			disclosure_raise(release, uid, error);
		}
		PG_RE_THROW();
	}
	PG_END_TRY();
	end();
	disclosure_end(level);
	if (told.error != NULL)
		disclosure_warn(release, uid, state, told.incident, told.error, full);
	return state;
}

void
move_init(void)
{
	DefineCustomIntVariable("pg_gray.yield_timeout",
							"How long a move yields to applications that hold a row it wants.",
							"After that it raises the error it met, and nothing is changed.",
							&yield_timeout_ms, 5000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, NULL,
							NULL, NULL);
}
