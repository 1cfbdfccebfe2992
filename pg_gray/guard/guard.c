/*
 * guard.c: refuses DDL that would change production in place of gray, or lose users' gray rows
 *
 * Version 2 upgrades its schema under search_path = v2, public.  A name that gray does not have
 * means production's object there.  So in a session with a gray schema in its search_path, an event
 * trigger on ddl_command_start refuses each statement that changes anything outside gray schemas
 * and pg_temp.  It has the parse tree, and it fires before the statement takes any lock.
 *
 * What DROP ... CASCADE reaches is known only afterwards: an event trigger on sql_drop refuses it,
 * and so rolls it back.
 *
 * In any session, both refuse statements on gray tables after which users who are in gray could
 * not come home, or would come home without their rows.
 *
 * pg_gray's own functions run their statements under a search_path of their own, which has no gray
 * schema, or they name each object with its schema.  A restore has an empty search_path.  Scripts of
 * extensions are not looked at, and no event trigger fires in single-user mode.
 *
 * The triggers call no code of a user, and need no right: they read the registry and the catalogs
 * in C.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/cmdtag.h"
#include "utils/guc.h"

#include "guard/guard.h"
#include "guard/guard_drop.h"
#include "guard/guard_gray.h"
#include "guard/guard_scope.h"
#include "guard/guard_statement.h"

PG_FUNCTION_INFO_V1(guard_command);
PG_FUNCTION_INFO_V1(guard_dropped);

static bool is_on = true;

/*
 * True for a search_path of no schema, as restores have it: pg_restore --clean drops gray tables with
 * their rows.
 */
static bool
is_restore(void)
{
	return strspn(namespace_search_path, "\" ") == strlen(namespace_search_path);
}

/* Return the event; null: the guard has nothing to do. */
static const EventTriggerData *
begin(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("the guard's functions are event triggers")));
	if (!is_on || creating_extension || IsBinaryUpgrade || is_restore())
		return NULL;
	return (const EventTriggerData *) fcinfo->context;
}

Datum
guard_command(PG_FUNCTION_ARGS)
{
	const EventTriggerData *event = begin(fcinfo);
	GuardScope				scope;

	if (event == NULL)
		PG_RETURN_NULL();
	if (guard_scope_load(&scope, GetCommandTagName(event->tag)))
		guard_statement_check(&scope, event->parsetree);
	guard_gray_check(event->parsetree);
	PG_RETURN_NULL();
}

Datum
guard_dropped(PG_FUNCTION_ARGS)
{
	const EventTriggerData *event = begin(fcinfo);

	if (event != NULL)
		guard_drop_check(event->parsetree, GetCommandTagName(event->tag));
	PG_RETURN_NULL();
}

void
guard_init(void)
{
	DefineCustomBoolVariable("pg_gray.guard",
							 "Refuses DDL of version 2's upgrade that would change production.",
							 "Off lets a session with a gray schema in its search_path change production, and any session drop gray tables that hold users' rows.",
							 &is_on, true, PGC_USERSET, 0, NULL, NULL, NULL);
}
