/*
 * user_functions.c: the SQL functions about one user
 *
 * A user's side follows from where the data is, never from the cohort alone.  The table is in
 * docs/concepts.md ("States"), and its code in routing/state.c.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "functions/user_functions.h"
#include "move/move.h"
#include "release/release.h"
#include "routing/state.h"
#include "user/attempt.h"
#include "user/call.h"
#include "user/cohort.h"
#include "user/uid.h"
#include "user/user_state.h"

PG_FUNCTION_INFO_V1(gray_route);
PG_FUNCTION_INFO_V1(gray_migrate);
PG_FUNCTION_INFO_V1(gray_migrate_back);
PG_FUNCTION_INFO_V1(gray_discard);
PG_FUNCTION_INFO_V1(gray_reset);
PG_FUNCTION_INFO_V1(gray_state);

static Datum
state_datum(FunctionCallInfo fcinfo, State state)
{
	return DirectFunctionCall2(enum_in, CStringGetDatum(state_name(state)),
							   ObjectIdGetDatum(get_fn_expr_rettype(fcinfo->flinfo)));
}

static Datum
route_datum(FunctionCallInfo fcinfo, Side side, State state)
{
	TupleDesc	descriptor;
	const char *values[2] = {side_name(side), state_name(state)};

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(
		BuildTupleFromCStrings(TupleDescGetAttInMetadata(descriptor), (char **) values));
}

static void
raise_reset_needed(const UserCall *call, State state)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("user \"%s\" of release \"%s\" is %s", call->uid->text,
						   call->release->name, state_name(state)),
					errhint("See gray.incidents; after mending it, SELECT gray_reset(%s, '%s').",
							quote_literal_cstr(call->uid->text), call->release->name)));
}

Side
user_side(const UserCall *call, State state)
{
	return state_serving_side(state, call->release->stuck_side);
}

bool
user_move_is_due(const UserCall *call, State *state)
{
	bool wanted = cohort_wants(call->release, call->uid);

	*state = user_state_get(call->release, call->uid);
	return state_move_is_due(*state, wanted) &&
		   (!wanted || move_finds_user(call->release, call->uid));
}

State
user_move_if_due(const UserCall *call, bool *moved)
{
	State before = user_state_get(call->release, call->uid);
	State state = before;
	bool  wanted = cohort_wants(call->release, call->uid);

	if (state_move_is_due(before, wanted))
		state = move_user(wanted ? MOVE_MIGRATE : MOVE_BACK, true, call->release, call->uid,
						  call->before.user);
	*moved = state != before;
	return state;
}

Datum
gray_route(PG_FUNCTION_ARGS)
{
	UserCall call;
	State	 state;
	bool	 moved;
	Side	 side;

	call_begin_user(&call, fcinfo);
	state = user_move_if_due(&call, &moved);
	side = user_side(&call, state);
	call_end_user(&call);
	return route_datum(fcinfo, side, state);
}

static void
require_in_cohort(const UserCall *call)
{
	if (!call->release->is_open)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("release \"%s\" is closed", call->release->name),
						errhint("SELECT gray_open('%s') opens it.", call->release->name)));
	if (!cohort_has(call->release, call->uid))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("user \"%s\" is not in the cohort of release \"%s\"",
							   call->uid->text, call->release->name),
						errhint("SELECT gray_add_user(%s, '%s') puts the user into it.",
								quote_literal_cstr(call->uid->text), call->release->name)));
}

Datum
gray_migrate(PG_FUNCTION_ARGS)
{
	UserCall call;
	State	 state;

	call_begin_user(&call, fcinfo);
	state = user_state_get(call.release, call.uid);
	if (state == STATE_FAILED || state == STATE_STUCK)
		raise_reset_needed(&call, state);
	if (state == STATE_OFF)
	{
		require_in_cohort(&call);
		state = move_user(MOVE_MIGRATE, true, call.release, call.uid, call.before.user);
	}
	call_end_user(&call);
	return state_datum(fcinfo, state);
}

Datum
gray_migrate_back(PG_FUNCTION_ARGS)
{
	UserCall call;
	State	 state;

	call_begin_user(&call, fcinfo);
	state = user_state_get(call.release, call.uid);
	if (state == STATE_STUCK)
		raise_reset_needed(&call, state);
	if (state == STATE_ON)
		state = move_user(MOVE_BACK, false, call.release, call.uid, call.before.user);
	call_end_user(&call);
	return state_datum(fcinfo, state);
}

Datum
gray_discard(PG_FUNCTION_ARGS)
{
	UserCall call;
	State	 state;

	call_begin_user(&call, fcinfo);
	state = user_state_get(call.release, call.uid);
	if (state_side(state) != SIDE_GRAY)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("user \"%s\" of release \"%s\" is %s: there is nothing in gray to discard",
						call.uid->text, call.release->name, state_name(state)),
				 errhint("SELECT gray_state(%s, '%s') shows where the data is.",
						 quote_literal_cstr(call.uid->text), call.release->name)));
	state = move_user(MOVE_DISCARD, false, call.release, call.uid, call.before.user);
	call_end_user(&call);
	return state_datum(fcinfo, state);
}

static void
require_failed(const UserCall *call, State state)
{
	if (state != STATE_FAILED && state != STATE_STUCK)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("user \"%s\" of release \"%s\" is %s: there is nothing to reset",
							   call->uid->text, call->release->name, state_name(state)),
						errhint("gray.incidents lists the users who are failed or stuck.")));
}

Datum
gray_reset(PG_FUNCTION_ARGS)
{
	UserCall call;
	State	 state;

	call_begin_user(&call, fcinfo);
	/* Check before locking, too: user_state_lock makes a row for a user who has none. */
	require_failed(&call, user_state_get(call.release, call.uid));
	state = user_state_lock(call.release, call.uid);
	require_failed(&call, state);

	state = state == STATE_FAILED ? STATE_OFF : STATE_ON;
	user_state_set(call.release, call.uid, state);
	attempt_resolve(call.release, call.uid);
	call_end_user(&call);
	return state_datum(fcinfo, state);
}

Datum
gray_state(PG_FUNCTION_ARGS)
{
	UserCall call;
	State	 state;

	call_begin_user(&call, fcinfo);
	state = user_state_get(call.release, call.uid);
	call_end_user(&call);
	return state_datum(fcinfo, state);
}
