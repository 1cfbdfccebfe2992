/*
 * fence.c: puts the triggers of the fence up and takes them down
 *
 * The trigger functions are in fence_row.c and fence_truncate.c.  The triggers fire ALWAYS.
 * Otherwise whoever writes with session_replication_role = replica (a subscription, a restore)
 * would write rows that the way home takes for rows that were there before.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/builtins.h"

#include "fence/fence.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/release.h"

typedef struct FenceTrigger
{
	const char *name;
	const char *events;
	const char *each;
	const char *function;
} FenceTrigger;

static const FenceTrigger row_trigger = {FENCE_TRIGGER, "AFTER INSERT OR UPDATE OR DELETE",
										 "FOR EACH ROW", "fence"};
static const FenceTrigger truncate_trigger = {FENCE_TRUNCATE_TRIGGER, "BEFORE TRUNCATE", "",
											  "fence_truncate"};

typedef enum FenceState
{
	FENCE_NONE,
	FENCE_UP,
	FENCE_SOMETIMES, /* enabled, but not for session_replication_role = replica */
	FENCE_DOWN
} FenceState;

static FenceState
trigger_state(Oid relation, const char *trigger)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	query_arg_text(&args, trigger);
	if (query_run("SELECT tgenabled::text FROM pg_trigger WHERE tgrelid = $1 AND tgname::text = $2",
				  &args) == 0)
		return FENCE_NONE;
	switch (query_text(0, 1)[0])
	{
		case TRIGGER_FIRES_ALWAYS:
			return FENCE_UP;
		case TRIGGER_FIRES_ON_ORIGIN:
			return FENCE_SOMETIMES;
		default:
			return FENCE_DOWN;
	}
}

bool
fence_guards_truncate(unsigned int relation)
{
	return trigger_state(relation, FENCE_TRUNCATE_TRIGGER) != FENCE_NONE;
}

/* Takes no lock when the fence is up already. */
static void
put_up(const Release *release, Oid relation, Side side, const FenceTrigger *trigger)
{
	char	   *table = relation_name(relation);
	const char *name = quote_identifier(trigger->name);
	FenceState	state = trigger_state(relation, trigger->name);

	if (state == FENCE_NONE)
		query_run(psprintf("CREATE TRIGGER %s %s ON %s %s EXECUTE FUNCTION gray.%s(%s, %s)", name,
						   trigger->events, table, trigger->each, trigger->function,
						   quote_literal_cstr(release->name), quote_literal_cstr(side_name(side))),
				  NULL);
	if (state != FENCE_UP)
		query_run(psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", table, name), NULL);
}

/*
 * Return a table and its partitions.  PostgreSQL hands down row triggers to partitions, but not
 * TRUNCATE triggers.
 */
static List *
truncatable(Oid relation)
{
	return lcons_oid(relation, partition_all(relation));
}

static void
put_up_truncate(const Release *release, Oid relation, Side side)
{
	ListCell *cell;

	foreach(cell, truncatable(relation))
		put_up(release, lfirst_oid(cell), side, &truncate_trigger);
}

static void
put_up_both(const Release *release, Oid relation, Side side)
{
	put_up(release, relation, side, &row_trigger);
	put_up_truncate(release, relation, side);
}

void
fence_up_gray(const Release *release, unsigned int table)
{
	put_up_both(release, table, SIDE_GRAY);
}

void
fence_up(const Release *release, const TwinSet *set)
{
	RoleSwitch before;
	ListCell  *cell;

	role_become(&before, twin_owner_role(set));
	role_limit_lock_waits();
	for (int i = 0; i < set->count; i++)
	{
		const Oid *relation = set->twins[i].relation;

		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			put_up_both(release, relation[side], side);
	}
	for (int i = 0; i < set->own_count; i++)
		put_up_both(release, set->own[i].relation[SIDE_GRAY], SIDE_GRAY);
	foreach(cell, set->gone)
	{
		Oid frozen = ((const GoneTwin *) lfirst(cell))->relation[SIDE_PRODUCTION];

		if (OidIsValid(frozen))
			put_up_both(release, frozen, SIDE_PRODUCTION);
	}
	role_return(&before);
}

/* Run a statement (a format of the trigger's name and the table's) if the table has the trigger. */
static void
change_trigger(Oid relation, const char *trigger, const char *statement, bool only_if_up)
{
	FenceState state = trigger_state(relation, trigger);

	if (state == FENCE_NONE || (state == FENCE_DOWN && only_if_up))
		return;
	query_run(psprintf(statement, quote_identifier(trigger), relation_name(relation)), NULL);
}

/*
 * Return the owner of a table, who may change its triggers.  Where partitions have been given to
 * other owners, none of the owners may change all of them.  Then the owner of the catalog tries,
 * which runs no code of these owners.
 */
static Oid
role_to_change(Oid relation)
{
	Oid		  owner = relation_owner(relation);
	ListCell *cell;

	foreach(cell, partition_all(relation))
	{
		if (relation_owner(lfirst_oid(cell)) != owner)
			return catalog_owner();
	}
	return owner;
}

static void
change_table(Oid relation, const char *statement, bool only_if_up)
{
	RoleSwitch before;
	ListCell  *cell;

	role_become(&before, role_to_change(relation));
	role_limit_lock_waits();
	change_trigger(relation, FENCE_TRIGGER, statement, only_if_up);
	foreach(cell, truncatable(relation))
		change_trigger(lfirst_oid(cell), FENCE_TRUNCATE_TRIGGER, statement, only_if_up);
	role_return(&before);
}

/* In gray the fence stays up: nobody's data is there, so nobody may write there. */
void
fence_down(const List *production)
{
	ListCell *cell;

	foreach(cell, production)
		change_table(lfirst_oid(cell), "ALTER TABLE %2$s DISABLE TRIGGER %1$s", true);
}

void
fence_remove(const List *production)
{
	ListCell *cell;

	foreach(cell, production)
		change_table(lfirst_oid(cell), "DROP TRIGGER %1$s ON %2$s", false);
}
