/*
 * hook_functions.c: gray_hook, which says what moves call for each user
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/regproc.h"

#include "postgres/query.h"
#include "release/hook.h"
#include "release/release.h"
#include "release/twin_load.h"
#include "user/call.h"
#include "user/user_lock.h"

PG_FUNCTION_INFO_V1(gray_hook);

/* A hook runs as the owner of the tables. */
static void
refuse_stranger(const Release *release, Oid caller, Oid owner)
{
	if (!has_privs_of_role(caller, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of the tables of release \"%s\" to give it a hook",
						release->name),
				 errhint("Hooks run as the owner: call it as \"%s\", or as a member of that role.",
						 GetUserNameFromId(owner, false))));
}

static void
refuse_function(const Release *release, Oid function, Oid owner)
{
	const char *obstacle = hook_obstacle(function, release->uid_type);

	if (obstacle != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				 errmsg("function %s can't be a hook: %s", format_procedure(function), obstacle),
				 errhint("A hook takes the uid, as %s or text, and returns void.",
						 format_type_be(release->uid_type))));
	if (!hook_is_trusted(function, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("function %s belongs to another role than the tables of release \"%s\"",
						format_procedure(function), release->name),
				 errdetail("It would run as \"%s\".", GetUserNameFromId(owner, false)),
				 errhint("ALTER FUNCTION %s OWNER TO %s;", format_procedure(function),
						 quote_identifier(GetUserNameFromId(owner, false)))));
}

static void
put(const Release *release, HookEvent event, const char *function)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, hook_event_name(event));
	query_run("DELETE FROM gray.hook WHERE release_id = $1 AND event = $2", &args);
	if (function == NULL)
		return;
	query_arg_text(&args, function);
	query_run("INSERT INTO gray.hook (release_id, event, function) VALUES ($1, $2, $3)", &args);
}

Datum
gray_hook(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	HookEvent	event;
	Oid			owner;

	call_refuse_null(fcinfo, 0, "event");
	event = hook_event_of_name(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	call_begin(&call, fcinfo, 2);
	release_lock(call.release);
	call.release = release_load_with_tables(call.release->name);
	owner = twin_owner_role(twin_load_whole(call.release));
	refuse_stranger(call.release, call.before.user, owner);
	user_lock_all(call.release->id);
	if (!PG_ARGISNULL(1))
		refuse_function(call.release, PG_GETARG_OID(1), owner);
	put(call.release, event, PG_ARGISNULL(1) ? NULL : format_procedure(PG_GETARG_OID(1)));
	call_end(&call);
	PG_RETURN_VOID();
}
