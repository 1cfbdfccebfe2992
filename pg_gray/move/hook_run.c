/*
 * hook_run.c: calls the application's own function for each user who is moved (a hook)
 *
 * The function runs as the owner of the tables, in a security-restricted operation, with a pinned
 * search_path.  It is looked at before each call: it may have been dropped, or made again by
 * somebody else, since gray_hook was told of it.
 *
 * Triggers that were deferred before the move would fire here as the owner of the tables, though
 * they may be a stranger's.  So the move is refused then.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "fence/fence_hook.h"
#include "move/failed_row.h"
#include "move/hook_run.h"
#include "move/move_step.h"
#include "move/park.h"
#include "move/prepared.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/hook.h"
#include "release/release.h"
#include "user/uid.h"

static HookEvent
event_of(const Move *move)
{
	return move->kind == MOVE_MIGRATE ? HOOK_AFTER_MIGRATE : HOOK_AFTER_HOME;
}

static const char *
name_of(const Move *move)
{
	return move->prepared->hooks[event_of(move)];
}

bool
hook_is_set(const Move *move)
{
	return name_of(move) != NULL;
}

/*
 * Deferred triggers
 */

static void
refuse_pending(Move *move)
{
	uint64 rows = query_run("SELECT DISTINCT tgrelid FROM pg_trigger WHERE tgdeferrable", NULL);

	for (uint64 row = 0; row < rows; row++)
	{
		Oid table = query_oid(row, 1);

		if (!AfterTriggerPendingOnRel(table))
			continue;
		move->unfit = true;
		move->plain = true;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("user \"%s\" can't be moved while constraint checks are deferred",
						move->uid->text),
				 errdetail("Rows of table %s are still to be checked, and functions of release \"%s\" write rows now.",
						   relation_name(table), move->release->name),
				 errhint("COMMIT first, or SET CONSTRAINTS ALL IMMEDIATE.")));
	}
}

static void
defer_no_more(void)
{
	ConstraintsSetStmt *all = makeNode(ConstraintsSetStmt);

	all->deferred = false;
	AfterTriggerSetState(all);
}

/*
 * The function
 */

/* A hook that can't be called is no user's fault: nobody fails, but who is in gray is stuck. */
static void
begin_refusal(Move *move)
{
	move->unfit = move->kind == MOVE_MIGRATE;
	move->plain = true;
}

static void
refuse_unfit(Move *move, const char *obstacle)
{
	begin_refusal(move);
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
					errmsg("hook %s of release \"%s\" can't be called",
						   hook_event_name(event_of(move)), move->release->name),
					errdetail("Function %s: %s.", name_of(move), obstacle),
					errhint("SELECT gray_hook('%s', 'schema.function(%s)', '%s');",
							hook_event_name(event_of(move)),
							format_type_be(move->release->uid_type), move->release->name)));
}

static void
refuse_strangers(Move *move)
{
	begin_refusal(move);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("hook %s of release \"%s\" is another role's function",
					hook_event_name(event_of(move)), move->release->name),
			 errdetail("It would run as \"%s\", the owner of the tables.",
					   GetUserNameFromId(move->prepared->owner_role, false)),
			 errhint("ALTER FUNCTION %s OWNER TO %s;", name_of(move),
					 quote_identifier(GetUserNameFromId(move->prepared->owner_role, false)))));
}

static Oid
find_function(Move *move)
{
	Oid	  function = hook_function(name_of(move));
	char *obstacle = hook_obstacle(function, move->release->uid_type);

	if (obstacle != NULL)
		refuse_unfit(move, obstacle);
	if (!hook_is_trusted(function, move->prepared->owner_role))
		refuse_strangers(move);
	return function;
}

static char *
call_of(Oid function)
{
	Oid *types;
	int	 count;

	(void) get_func_signature(function, &types, &count);
	return psprintf("SELECT %s($1::%s)",
					quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
											   get_func_name(function)),
					format_type_be_qualified(types[0]));
}

/*
 * Calling
 */

static void
tell_hook(void *arg)
{
	const Move *move = arg;

	errcontext("hook %s of release \"%s\"", hook_event_name(event_of(move)), move->release->name);
}

static void
run_for_user(Move *move)
{
	QueryArgs			 args = {0};
	ErrorContextCallback tell = {error_context_stack, tell_hook, move};

	query_arg(&args, move->uid->type, move->uid->value);
	error_context_stack = &tell;
	fence_hook_begin(event_of(move));
	PG_TRY();
	{
		(void) query_run(call_of(hook_function(name_of(move))), &args);
	}
	PG_FINALLY();
	{
		fence_hook_end();
	}
	PG_END_TRY();
	error_context_stack = tell.previous;
}

void
hook_prepare(Move *move)
{
	refuse_pending(move);
	defer_no_more();
	failed_row_end(move);
}

void
hook_run(Move *move)
{
	if (!hook_is_set(move))
		return;
	(void) find_function(move);
	hook_prepare(move);
	park_each_user(move, run_for_user);
}
