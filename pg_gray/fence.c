/*
 * fence.c: no write to a user's rows on the side where the data is not
 *
 * An AFTER ROW trigger, since that sees the row as it was really written,
 * whatever the application's own BEFORE triggers did.  For each owner of the
 * row, old and new, it
 *
 *   1. locks the user in share mode until the end of the transaction
 *   2. reads the user's state under the latest snapshot
 *   3. refuses the write with GR001 when the data is on the other side
 *
 * A row whose owner can't be found belongs to nobody, or its owner row is
 * written (or deleted) in this same transaction: then the fence on the owner
 * row, and the foreign key, guard it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "call.h"
#include "fence.h"
#include "fence_table.h"
#include "partition.h"
#include "query.h"
#include "relation.h"
#include "release.h"
#include "rival.h"
#include "uid.h"
#include "user_lock.h"
#include "user_state.h"

#define ERRCODE_WRONG_SIDE MAKE_SQLSTATE('G', 'R', '0', '0', '1')

/*
 * Triggers fire in the order of their names, and a foreign key's is called
 * RI_...: the fence comes first, so that a writer who waits for a move has not
 * yet locked the row it refers to.
 */
#define FENCE_TRIGGER "00_pg_gray_fence"
#define TRUNCATE_TRIGGER "00_pg_gray_fence_truncate"

PG_FUNCTION_INFO_V1(fence_row);
PG_FUNCTION_INFO_V1(fence_truncate);
PG_FUNCTION_INFO_V1(gray_enter);

static void
raise_wrong_side(const char *release, const char *uid, Side live)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_SIDE),
			 errmsg("the data of user \"%s\" of release \"%s\" is on the %s side", uid, release,
					side_name(live)),
			 errhint("Nothing was written. Answer 421 Misdirected Request: the gateway sends it to the %s server.",
					 side_name(live))));
}

/* Lock the user until the end of the transaction; refuse the wrong side. */
static void
check_owner(const FenceTable *table, Datum uid)
{
	Side live;

	user_lock_share(uid_hash(table->release_id, table->uid_type, uid));
	live = state_side(user_state_read(table->state_table, table->state_index, uid));
	if (live != table->side)
		raise_wrong_side(table->release, uid_from_value(table->uid_type, uid)->text, live);
}

static void
check_row(const FenceTable *table, HeapTuple row, TupleDesc descriptor)
{
	Datum uid;

	if (fence_table_owner(table, row, descriptor, &uid))
		check_owner(table, uid);
}

Datum
fence_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	 descriptor;
	FenceTable	*table;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() is an AFTER ROW trigger")));

	descriptor = RelationGetDescr(trigger->tg_relation);
	table = fence_table_get(trigger);
	check_row(table, trigger->tg_trigtuple, descriptor);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
		fence_table_owner_may_differ(table, trigger->tg_trigtuple, trigger->tg_newtuple, descriptor))
		check_row(table, trigger->tg_newtuple, descriptor);
	rival_refuse(trigger);
	return PointerGetDatum(NULL);
}

static bool
is_dropped(const char *release)
{
	QueryArgs args = {0};

	query_arg_text(&args, release);
	return query_run("SELECT 1 FROM gray.release WHERE release::text = $1", &args) == 0;
}

static void
refuse_truncate(const TriggerData *trigger)
{
	Release *release = release_load(trigger->tg_trigger->tgargs[0]);

	user_lock_all(release->id);
	if (release_holds_users(release))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_SIDE),
				 errmsg("table \"%s\" holds the frozen rows of users whose data is on the gray side",
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("Nothing was truncated. Bring all users of release \"%s\" home first.",
						 release->name)));
}

/*
 * TRUNCATE of a production table would take the frozen rows of moved users.  A
 * partition that was detached keeps the trigger, and may outlive the release.
 */
Datum
fence_truncate(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	RoleSwitch	 before;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs != 2)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence_truncate() is a TRUNCATE trigger")));

	SPI_connect();
	role_become_catalog_owner(&before);
	if (!is_dropped(trigger->tg_trigger->tgargs[0]))
		refuse_truncate(trigger);
	role_return(&before);
	SPI_finish();
	return PointerGetDatum(NULL);
}

/* The side of this session: gray when the gray schema is in its search_path. */
static Side
session_side(const char *gray_schema)
{
	Oid	  schema = get_namespace_oid(gray_schema, true);
	List *path = fetch_search_path(false);
	bool  gray = OidIsValid(schema) && list_member_oid(path, schema);

	list_free(path);
	return gray ? SIDE_GRAY : SIDE_PRODUCTION;
}

Datum
gray_enter(PG_FUNCTION_ARGS)
{
	UserCall call;
	Side	 live;
	Side	 mine;

	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("a user can't be kept on a side by a standby"),
						errdetail("Moves run on the primary, and don't see the locks of a standby."),
						errhint("Call gray_enter on the primary.")));
	call_begin_user(&call, fcinfo);
	user_lock_share(uid_hash(call.release->id, call.uid->type, call.uid->value));
	live = state_side(user_state_get(call.release, call.uid));
	role_return(&call.before);
	mine = session_side(call.release->gray_schema);
	if (live != mine)
		raise_wrong_side(call.release->name, call.uid->text, live);
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * Putting up and taking down
 */

typedef enum FenceState
{
	FENCE_NONE,
	FENCE_UP,
	FENCE_DOWN
} FenceState;

static FenceState
trigger_state(Oid relation, const char *trigger)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	query_arg_text(&args, trigger);
	if (query_run("SELECT tgenabled = 'D' FROM pg_trigger WHERE tgrelid = $1 AND tgname::text = $2",
				  &args) == 0)
		return FENCE_NONE;
	return strcmp(query_text(0, 1), "t") == 0 ? FENCE_DOWN : FENCE_UP;
}

bool
fence_guards_truncate(unsigned int relation)
{
	return trigger_state(relation, TRUNCATE_TRIGGER) != FENCE_NONE;
}

/* Takes no lock when the fence is up already. */
static void
put_up(const Release *release, Oid relation, Side side, const char *trigger, const char *events,
	   const char *function)
{
	char	   *table = relation_name(relation);
	const char *name = quote_identifier(trigger);
	FenceState	state = trigger_state(relation, trigger);

	if (state == FENCE_DOWN)
		query_run(psprintf("ALTER TABLE %s ENABLE TRIGGER %s", table, name), NULL);
	else if (state == FENCE_NONE)
		query_run(psprintf("CREATE TRIGGER %s %s ON %s %s EXECUTE FUNCTION gray.%s(%s, %s)", name,
						   events, table, strcmp(trigger, FENCE_TRIGGER) == 0 ? "FOR EACH ROW" : "",
						   function, quote_literal_cstr(release->name),
						   quote_literal_cstr(side_name(side))),
				  NULL);
}

/* A table and its partitions: PostgreSQL hands down row triggers, but not those of TRUNCATE. */
static List *
truncatable(Oid relation)
{
	return lcons_oid(relation, partition_all(relation));
}

static void
put_up_truncate(const Release *release, Oid relation)
{
	ListCell *cell;

	foreach(cell, truncatable(relation))
		put_up(release, lfirst_oid(cell), SIDE_PRODUCTION, TRUNCATE_TRIGGER, "BEFORE TRUNCATE",
			   "fence_truncate");
}

void
fence_up(const Release *release, const TwinSet *set)
{
	RoleSwitch before;

	role_become(&before, twin_owner_role(set));
	role_limit_lock_waits();
	for (int i = 0; i < set->count; i++)
	{
		const Oid *relation = set->twins[i].relation;

		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			put_up(release, relation[side], side, FENCE_TRIGGER, "AFTER INSERT OR UPDATE OR DELETE",
				   "fence");
		put_up_truncate(release, relation[SIDE_PRODUCTION]);
	}
	role_return(&before);
}

/* Run a statement (of a trigger's name and a table's) for a trigger that is there. */
static void
change_trigger(Oid relation, const char *trigger, const char *statement, bool only_if_up)
{
	FenceState state = trigger_state(relation, trigger);

	if (state == FENCE_UP || (state == FENCE_DOWN && !only_if_up))
		query_run(psprintf(statement, quote_identifier(trigger), relation_name(relation)), NULL);
}

static void
change_production(const TwinSet *set, const char *statement, bool only_if_up)
{
	RoleSwitch before;
	ListCell  *cell;

	role_become(&before, twin_owner_role(set));
	role_limit_lock_waits();
	for (int i = 0; i < set->count; i++)
	{
		Oid relation = set->twins[i].relation[SIDE_PRODUCTION];

		change_trigger(relation, FENCE_TRIGGER, statement, only_if_up);
		foreach(cell, truncatable(relation))
			change_trigger(lfirst_oid(cell), TRUNCATE_TRIGGER, statement, only_if_up);
	}
	role_return(&before);
}

/* In gray it stays up: nobody's data is there, so nobody may write there. */
void
fence_down(const TwinSet *set)
{
	change_production(set, "ALTER TABLE %2$s DISABLE TRIGGER %1$s", true);
}

void
fence_remove(const TwinSet *set)
{
	change_production(set, "DROP TRIGGER %1$s ON %2$s", false);
}
