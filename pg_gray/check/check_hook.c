/*
 * check_hook.c: checks the hooks of a release, and mappings that should be hooks
 *
 * A `down` that reads a table never brings a change home.  The way home computes what the untouched
 * row would give, and what the row gives now, by the same expression at the same moment.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_hook.h"
#include "postgres/expression.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/hook.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/twin_mapping.h"

/*
 * Hooks
 */

static char *
hook_call(const Release *release, HookEvent event)
{
	return psprintf("SELECT gray_hook('%s', 'schema.function(%s)', '%s');", hook_event_name(event),
					format_type_be(release->uid_type), release->name);
}

/* The function of a hook, looked for as a move does. */
typedef struct Lookup
{
	const char *name;
	Oid			owner;
	Oid			function; /* 0: it is gone */
} Lookup;

static void
look(void *arg)
{
	Lookup	  *lookup = arg;
	RoleSwitch before;

	role_become(&before, lookup->owner);
	lookup->function = hook_function(lookup->name);
	role_return(&before);
}

static void
check_hook(const Release *release, HookEvent event, char *name, Oid owner, Findings *findings)
{
	Lookup	   lookup = {.name = name, .owner = owner};
	ErrorData *error = subtransaction_read(look, &lookup);
	char	  *obstacle =
		 error != NULL ? error->message : hook_obstacle(lookup.function, release->uid_type);

	if (obstacle != NULL)
		finding_add(findings, true, name,
					psprintf("it is the hook %s, and can't be called: %s", hook_event_name(event),
							 obstacle),
					hook_call(release, event));
	else if (!hook_is_trusted(lookup.function, owner))
		finding_add(findings, true, name,
					psprintf("it is the hook %s, and belongs to another role than the tables",
							 hook_event_name(event)),
					psprintf("ALTER FUNCTION %s OWNER TO %s;", name,
							 quote_identifier(GetUserNameFromId(owner, false))));
}

void
check_hooks(const Release *release, const TwinSet *set, Findings *findings)
{
	char *functions[HOOK_EVENTS];
	Oid	  owner = twin_owner_role(set);

	hook_load(release, functions);
	for (int event = 0; event < HOOK_EVENTS; event++)
	{
		if (functions[event] != NULL && ownership_is_member(owner))
			check_hook(release, event, functions[event], owner, findings);
	}
}

/*
 * Mappings
 */

static bool
is_applications_and_mutable(Oid function, void *context pg_attribute_unused())
{
	return function >= FirstNormalObjectId && func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

static bool
calls_mutable(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (check_functions_in_node(node, is_applications_and_mutable, context))
		return true;
	return expression_tree_walker(node, calls_mutable, context);
}

/* A `down`, and whether it calls such a function. */
typedef struct Down
{
	const char *expression;
	Oid			relation; /* over whose rows it is */
	bool		calls_mutable;
} Down;

static void
read_down(void *arg)
{
	Down *down = arg;

	down->calls_mutable = calls_mutable(expression_tree(down->expression, down->relation), NULL);
}

static void
check_down(const Twin *twin, const Column *column, Findings *findings)
{
	Down down = {column->map[SIDE_PRODUCTION], twin->relation[SIDE_GRAY], false};

	/* An expression that can't be read has a finding already. */
	if (subtransaction_read(read_down, &down) != NULL || !down.calls_mutable)
		return;
	finding_add(findings, false,
				psprintf("%s.%s", twin->table[SIDE_PRODUCTION], column->name[SIDE_PRODUCTION]),
				"its down calls a function that is not immutable: what the function reads elsewhere never comes home by it",
				"Bring it home by SELECT gray_hook('after_home', ...), or declare the function IMMUTABLE if it reads nothing.");
}

void
check_down_calls(const TwinSet *set, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		for (int j = 0; j < twin->column_count; j++)
		{
			if (twin->columns[j].map[SIDE_PRODUCTION] != NULL)
				check_down(twin, &twin->columns[j], findings);
		}
	}
}
