/*
 * hook.c: the functions of the application that moves call (hooks), as the registry has them
 *
 * A hook is registered by name, so that it is found in a restored database and when it was dropped
 * and made again.  So every call looks anew whether the function is one that may be called.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "postgres/query.h"
#include "release/hook.h"
#include "release/registry.h"
#include "release/release.h"

static const char *const event_names[HOOK_EVENTS] = {
	[HOOK_AFTER_MIGRATE] = "after_migrate",
	[HOOK_AFTER_HOME] = "after_home",
};

const char *
hook_event_name(HookEvent event)
{
	return event_names[event];
}

HookEvent
hook_event_of_name(const char *name)
{
	for (int event = 0; event < HOOK_EVENTS; event++)
	{
		if (strcmp(event_names[event], name) == 0)
			return event;
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("there is no event \"%s\" for a hook", name),
					errhint("The events are after_migrate and after_home.")));
}

void
hook_load(const Release *release, char *functions[HOOK_EVENTS])
{
	RegistryKey key = {"release_id", Int32GetDatum(release->id)};
	Registry	row = registry_begin("hook", "hook_pkey", &key, 1);

	for (int event = 0; event < HOOK_EVENTS; event++)
		functions[event] = NULL;
	while (registry_next(&row))
		functions[hook_event_of_name(registry_text(&row, "event"))] =
			registry_text(&row, "function");
	registry_end(&row);
}

unsigned int
hook_function(const char *name)
{
	QueryArgs args = {0};

	query_arg_text(&args, name);
	(void) query_run("SELECT to_regprocedure($1)::oid", &args);
	return query_oid(0, 1);
}

static bool
takes_uid(Oid type, Oid uid_type)
{
	return type == TEXTOID || can_coerce_type(1, &uid_type, &type, COERCION_IMPLICIT);
}

static char *
obstacle_of(Form_pg_proc function, Oid uid_type)
{
	if (function->prokind != PROKIND_FUNCTION)
		return "it is no plain function";
	if (function->prorettype != VOIDOID || function->proretset)
		return psprintf("it returns %s%s", function->proretset ? "a set of " : "",
						format_type_be(function->prorettype));
	if (function->pronargs != 1)
		return psprintf("it takes %d arguments", function->pronargs);
	if (!takes_uid(function->proargtypes.values[0], uid_type))
		return psprintf("it takes %s, and uids are %s",
						format_type_be(function->proargtypes.values[0]), format_type_be(uid_type));
	return NULL;
}

char *
hook_obstacle(unsigned int function, unsigned int uid_type)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	char	 *obstacle;

	if (!HeapTupleIsValid(tuple))
		return "it is gone";
	obstacle = obstacle_of((Form_pg_proc) GETSTRUCT(tuple), uid_type);
	ReleaseSysCache(tuple);
	return obstacle;
}

bool
hook_is_trusted(unsigned int function, unsigned int owner)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool	  trusted;

	if (!HeapTupleIsValid(tuple))
		return true;
	trusted = has_privs_of_role(((Form_pg_proc) GETSTRUCT(tuple))->proowner, owner);
	ReleaseSysCache(tuple);
	return trusted;
}
