/*
 * fence_truncate.c: no TRUNCATE that takes a moved user's frozen rows along
 *
 * In production it would, as long as anybody's data is in gray.  In gray it deletes
 * live rows, all of them, and may: the way home finds them deleted.  On both
 * sides it waits for running moves, and none begins before its transaction ends.
 *
 * TRUNCATE ... CASCADE of a table outside the release reaches the tables of both sides.  It is
 * refused when that takes rows of the side that is not the session's, and not by GR001:
 * no replay on the other side would end otherwise.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "fence/fence.h"
#include "fence/fence_user.h"
#include "fence/session_side.h"
#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/release.h"
#include "release/release_table.h"
#include "user/user_lock.h"
#include "user/user_state.h"

PG_FUNCTION_INFO_V1(fence_truncate);

static bool
is_dropped(const char *release)
{
	QueryArgs args = {0};

	query_arg_text(&args, release);
	return query_run("SELECT 1 FROM gray.release WHERE release::text = $1", &args) == 0;
}

static void
note_user(void *arg, uintptr_t uid pg_attribute_unused(), State state,
		  unsigned int written_by pg_attribute_unused())
{
	*(bool *) arg |= state_side(state) == SIDE_GRAY;
}

/* With the release locked; the transaction's own snapshot may be older than a move. */
static bool
holds_users(const Release *release)
{
	bool found = false;

	if (OidIsValid(release->uid_type))
		state_table_each(state_table_of(release), SnapshotSelf, note_user, &found);
	return found;
}

static bool
is_locked_to_truncate(Oid relation)
{
	LOCKTAG tag;

	SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
	return LockHeldByMe(&tag, AccessExclusiveLock);
}

/* Tables that a table refers to and that are truncated, too; those outside come first. */
static List *
truncated_referred(const Release *release, Oid relation, int *outside)
{
	List	 *referred = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	*outside = 0;
	query_arg_int(&args, release->id);
	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	rows = query_run("SELECT confrelid, NOT EXISTS"
					 " (SELECT 1 FROM gray.release_table t WHERE t.release_id = $1 AND"
					 " coalesce(pg_partition_root(confrelid), confrelid::regclass)"
					 " IN (to_regclass(t.production), to_regclass(t.gray)))"
					 " FROM pg_constraint WHERE contype = 'f' AND conrelid = $2 ORDER BY 2 DESC, 1",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Oid table = query_oid(row, 1);

		if (!is_locked_to_truncate(table))
			continue;
		referred = lappend_oid(referred, table);
		*outside += query_bool(row, 2);
	}
	return referred;
}

/*
 * The table outside the release by which a table is reached, maybe over others; or 0.  TRUNCATE
 * locks all of its tables before any trigger fires, and nothing else tells which they are.
 */
static Oid
truncated_outside(const Release *release, Oid relation, List **seen)
{
	int		  outside;
	List	 *referred = truncated_referred(release, relation, &outside);
	ListCell *cell;

	*seen = lappend_oid(*seen, relation);
	if (outside > 0)
		return linitial_oid(referred);
	foreach(cell, referred)
	{
		Oid found = list_member_oid(*seen, lfirst_oid(cell))
						? InvalidOid
						: truncated_outside(release, lfirst_oid(cell), seen);

		if (OidIsValid(found))
			return found;
	}
	return InvalidOid;
}

static void
raise_reached(Relation relation, Oid outside, Side live, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					errmsg("TRUNCATE of table \"%s\" would take rows of table \"%s\" along",
						   get_rel_name(outside), RelationGetRelationName(relation)),
					errdetail("They are of users whose data is on the %s side.", side_name(live)),
					errhint("Nothing was truncated. %s", hint), errtable(relation)));
}

/* The table is reached from one outside. */
static void
check_reached(const Release *release, Relation relation, Oid outside, Side side, Side session)
{
	bool in_gray = holds_users(release);

	if (in_gray && (side == SIDE_PRODUCTION ||
					(session == SIDE_PRODUCTION && relation_has_rows(RelationGetRelid(relation)))))
		raise_reached(relation, outside, SIDE_GRAY,
					  psprintf("Bring all users of release \"%s\" home first, or use DELETE.",
							   release->name));
	if (side == SIDE_PRODUCTION && session == SIDE_GRAY &&
		relation_has_rows(RelationGetRelid(relation)))
		raise_reached(relation, outside, SIDE_PRODUCTION,
					  "A session of the production side may: SET pg_gray.side = 'production'.");
}

static void
refuse_frozen(const Release *release, Relation relation)
{
	if (holds_users(release))
		ereport(ERROR,
				(errcode(ERRCODE_FENCE_WRONG_SIDE),
				 errmsg("table \"%s\" holds the frozen rows of users whose data is on the gray side",
						RelationGetRelationName(relation)),
				 errhint("Nothing was truncated. Bring all users of release \"%s\" home first.",
						 release->name)));
}

/*
 * Whoever may truncate a table of their own gets no lock for it.  A partition that was detached may
 * hold frozen rows; it gets no more of them.
 */
static void
require_table(const Release *release, Relation relation, Side side)
{
	Side found;

	if (release_table_find(release_table_list(release), RelationGetRelid(relation), &found) !=
			NULL &&
		found == side)
		return;
	if (side == SIDE_PRODUCTION)
		refuse_frozen(release, relation);
	own_trigger_refuse_table(relation, FENCE_TRUNCATE_TRIGGER, release->name);
}

static void
check_truncate(const Release *release, const TriggerData *trigger, Side session)
{
	Side	 side = side_of_label(trigger->tg_trigger->tgargs[1]);
	Relation relation = trigger->tg_relation;
	List	*seen = NIL;
	Oid		 outside;

	require_table(release, relation, side);
	user_lock_all(release->id);
	outside = truncated_outside(release, RelationGetRelid(relation), &seen);
	if (OidIsValid(outside))
		check_reached(release, relation, outside, side, session);
	else if (side == SIDE_PRODUCTION)
		refuse_frozen(release, relation);
}

/* Null when it was dropped: a partition that was detached keeps the trigger, and may outlive it. */
static Release *
load_release(const char *name)
{
	RoleSwitch before;
	Release	  *release = NULL;

	role_become_catalog_owner(&before);
	if (!is_dropped(name))
		release = release_load(name);
	role_return(&before);
	return release;
}

Datum
fence_truncate(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Release		*release;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs != 2)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence_truncate() is a TRUNCATE trigger")));

	own_trigger_require(trigger->tg_relation, trigger->tg_trigger, FENCE_TRUNCATE_TRIGGER);
	SPI_connect();
	release = load_release(trigger->tg_trigger->tgargs[0]);
	if (release != NULL)
	{
		Side	   session = session_side(release->gray_schema);
		RoleSwitch before;

		role_become_catalog_owner(&before);
		check_truncate(release, trigger, session);
		role_return(&before);
	}
	SPI_finish();
	return PointerGetDatum(NULL);
}
