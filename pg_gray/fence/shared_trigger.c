/*
 * shared_trigger.c: puts up and takes down the triggers on tables outside a release to which rows
 * of its users refer
 *
 * The trigger function is in shared_row.c.  A table has one trigger for each release.
 */
#include "postgres.h"

#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/reltrigger.h"

#include "fence/shared_trigger.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "reference/reference_action.h"
#include "release/admit.h"
#include "release/release.h"

/*
 * The name sorts before RI_...: triggers fire in the order of their names, so PostgreSQL's own
 * actions come after this trigger.
 */
#define SHARED_TRIGGER "00_pg_gray_shared_"

/*
 * Anybody can give this name to a trigger of their own, so the trigger's function is compared,
 * too.
 */
#define OF_RELEASE \
	" WHERE tgname::text = $1 AND tgparentid = 0 AND NOT tgisinternal" \
	" AND tgfoid = 'gray.shared()'::regprocedure"

extern Datum shared_row(PG_FUNCTION_ARGS);

char *
shared_trigger_name(int release_id)
{
	return psprintf(SHARED_TRIGGER "%d", release_id);
}

bool
shared_trigger_is(const Trigger *trigger)
{
	FmgrInfo function;

	if (trigger->tgisinternal ||
		strncmp(trigger->tgname, SHARED_TRIGGER, strlen(SHARED_TRIGGER)) != 0)
		return false;
	fmgr_info(trigger->tgfoid, &function);
	return function.fn_addr == shared_row;
}

/*
 * Finding
 */

/* True when the trigger exists and fires for all the events it needs, also in each partition. */
static bool
is_up(const Release *release, const SharedTarget *target)
{
	QueryArgs args = {0};

	query_arg_text(&args, shared_trigger_name(release->id));
	query_arg(&args, OIDOID, ObjectIdGetDatum(target->relation));
	query_arg_int(&args, TRIGGER_TYPE_DELETE | (target->updates ? TRIGGER_TYPE_UPDATE : 0));
	return query_run("SELECT 1 FROM pg_catalog.pg_trigger" OF_RELEASE
					 " AND tgrelid = $2 AND tgenabled IN ('O', 'A') AND tgtype & $3 = $3"
					 " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_partition_tree($2) p"
					 " JOIN pg_catalog.pg_trigger c ON c.tgrelid = p.relid"
					 " WHERE c.tgname = $1 AND c.tgenabled NOT IN ('O', 'A'))",
					 &args) > 0;
}

static char *
find_obstacle(const SharedTarget *target)
{
	Oid			owner = relation_owner(target->relation);
	const char *name = GetUserNameFromId(owner, false);
	Oid			schema = get_rel_namespace(target->relation);

	if (!is_member_of_role(catalog_owner(), owner))
		return psprintf("the owner of pg_gray can't act as its owner, %s", name);
	if (pg_class_aclcheck(target->relation, owner, ACL_TRIGGER) != ACLCHECK_OK ||
		pg_namespace_aclcheck(schema, owner, ACL_USAGE) != ACLCHECK_OK)
		return psprintf("its owner, %s, may not create triggers on it", name);
	return NULL;
}

static SharedTarget *
find_target(const List *targets, Oid relation)
{
	ListCell *cell;

	foreach(cell, targets)
	{
		if (((SharedTarget *) lfirst(cell))->relation == relation)
			return lfirst(cell);
	}
	return NULL;
}

static void
fill_in(const Release *release, SharedTarget *target)
{
	target->is_up = is_up(release, target);
	target->obstacle = find_obstacle(target);
	target->statement =
		psprintf("CREATE OR REPLACE TRIGGER %s AFTER DELETE%s ON %s FOR EACH ROW EXECUTE FUNCTION gray.shared(%s)",
				 quote_identifier(shared_trigger_name(release->id)),
				 target->updates ? " OR UPDATE" : "", target->name,
				 quote_literal_cstr(release->name));
}

List *
shared_trigger_targets(const Release *release)
{
	List	 *targets = NIL;
	ListCell *cell;

	foreach(cell, reference_action_list(release))
	{
		const ReferenceAction *action = lfirst(cell);
		Oid					   root = partition_root(action->referred);
		SharedTarget		  *target = find_target(targets, root);

		if (target == NULL)
		{
			target = palloc0(sizeof(SharedTarget));
			target->relation = root;
			target->name = relation_name(root);
			targets = lappend(targets, target);
		}
		target->updates |= reference_action_on_update(action);
	}
	foreach(cell, targets)
		fill_in(release, lfirst(cell));
	return targets;
}

/*
 * Up and down
 */

static void
run_as_owner(Oid relation, const char *statement)
{
	RoleSwitch before;

	role_become(&before, relation_owner(relation));
	role_limit_lock_waits();
	query_run(statement, NULL);
	role_return(&before);
}

static void
put_up(const Release *release, const SharedTarget *target)
{
	if (target->is_up)
		return;
	if (target->obstacle == NULL)
		run_as_owner(target->relation, target->statement);
	else
		ereport(WARNING,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("no trigger of release \"%s\" on table %s: %s", release->name, target->name,
						target->obstacle),
				 errdetail("What one side deletes there may take rows of the other side along."),
				 errhint("Have its owner or a superuser run: %s;", target->statement)));
}

typedef struct Found
{
	Oid	 relation;
	bool enabled;
} Found;

/* Return the tables that have the trigger, except temporary tables of other sessions. */
static List *
find_all(const Release *release)
{
	List	 *all = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_text(&args, shared_trigger_name(release->id));
	rows = query_run("SELECT tgrelid, tgenabled <> 'D' FROM pg_catalog.pg_trigger"
					 " JOIN pg_catalog.pg_class c ON c.oid = tgrelid" OF_RELEASE
					 " AND c.relpersistence <> 't' ORDER BY tgrelid",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Found *found = palloc(sizeof(Found));

		found->relation = query_oid(row, 1);
		found->enabled = query_bool(row, 2);
		all = lappend(all, found);
	}
	return all;
}

/*
 * Wait only for a table to which foreign keys with actions lead.  On any other table the trigger
 * does nothing, and the table's owner could hold us up.
 */
static bool
lock(Oid relation, const List *targets, LOCKMODE mode)
{
	return find_target(targets, relation) != NULL || ConditionalLockRelationOid(relation, mode);
}

/*
 * Run a statement (a format of the trigger's name and the table's) on a table as its owner; warn
 * when we can't act as the owner.
 */
static void
change(const Release *release, Oid relation, const List *targets, const char *format, LOCKMODE mode)
{
	char *statement = psprintf(format, quote_identifier(shared_trigger_name(release->id)),
							   relation_name(relation));

	if (is_member_of_role(catalog_owner(), relation_owner(relation)) &&
		lock(relation, targets, mode))
		run_as_owner(relation, statement);
	else
		ereport(WARNING, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						  errmsg("the trigger of release \"%s\" on table %s is left", release->name,
								 relation_name(relation)),
						  errhint("Have its owner or a superuser run: %s;", statement)));
}

static void
switch_off(const Release *release, const List *targets, bool all)
{
	ListCell *cell;

	foreach(cell, find_all(release))
	{
		const Found *found = lfirst(cell);

		if (found->enabled && (all || find_target(targets, found->relation) == NULL))
			change(release, found->relation, targets, "ALTER TABLE %2$s DISABLE TRIGGER %1$s",
				   ShareRowExclusiveLock);
	}
}

void
shared_trigger_up(const Release *release)
{
	List	 *targets = shared_trigger_targets(release);
	ListCell *cell;

	foreach(cell, targets)
	{
		admit_shared(relation_owner(((SharedTarget *) lfirst(cell))->relation));
		put_up(release, lfirst(cell));
	}
	switch_off(release, targets, false);
}

void
shared_trigger_down(const Release *release)
{
	switch_off(release, shared_trigger_targets(release), true);
}

void
shared_trigger_remove(const Release *release)
{
	List	 *targets = shared_trigger_targets(release);
	ListCell *cell;

	foreach(cell, find_all(release))
		change(release, ((Found *) lfirst(cell))->relation, targets, "DROP TRIGGER %1$s ON %2$s",
			   AccessExclusiveLock);
}
