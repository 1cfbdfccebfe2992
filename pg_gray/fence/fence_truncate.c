/*
 * fence_truncate.c: refuses a TRUNCATE that would delete frozen rows of users in gray
 *
 * In production a TRUNCATE would delete frozen rows as long as anybody's data is in gray.  In gray
 * it deletes all live rows, and may: the way home finds them deleted.  On both sides the TRUNCATE
 * waits for running moves, and no move begins before its transaction ends.
 *
 * TRUNCATE ... CASCADE of a table outside the release reaches the tables of both sides.  It is
 * refused when it would delete rows of the side that is not the session's.  The error is not
 * GR001, since a replay on the other side would end the same way.
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
#include "fence/fence_hook.h"
#include "fence/fence_user.h"
#include "fence/session_side.h"
#include "owner/owner_route.h"
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

/*
 * The release is locked.  The transaction's own snapshot may be older than a move, so it is not
 * used.
 */
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

/*
 * Return the tables to which a table refers and which are truncated in the same statement; the
 * tables outside the release come first.
 */
static List *
truncated_referred(const Release *release, Oid relation, int *outside)
{
	List	 *referred = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	*outside = 0;
	query_arg_int(&args, release->id);
	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	rows =
		query_run("SELECT confrelid, NOT EXISTS"
				  " (SELECT 1 FROM gray.release_table t WHERE t.release_id = $1 AND"
				  " coalesce(pg_partition_root(confrelid), confrelid::regclass)"
				  " IN (to_regclass(t.production), to_regclass(t.gray)))"
				  " AND NOT EXISTS (SELECT 1 FROM gray.own_table o WHERE o.release_id = $1"
				  " AND coalesce(pg_partition_root(confrelid), confrelid::regclass) = to_regclass(o.gray))"
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
 * Return the table outside the release from which TRUNCATE ... CASCADE reached a table, maybe over
 * other tables; or 0.  TRUNCATE locks all of its tables before any trigger fires, and nothing else
 * tells which tables these are.
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

/* Raise when a TRUNCATE that began at a table outside the release may not reach this table. */
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
 * A role that can truncate a table of its own, but not a table of the release, must not get the
 * release's lock that way.  A partition that was detached may hold frozen rows; it gets no new
 * ones.
 */
static void
require_table(const Release *release, Relation relation, Side side)
{
	Side		found;
	OwnerRoute *route = owner_route_load(release, side, RelationGetRelid(relation));

	if (route != NULL && route->own)
		return;
	if (release_table_find(release_table_list(release), RelationGetRelid(relation), &found) !=
			NULL &&
		found == side)
		return;
	if (side == SIDE_PRODUCTION)
		refuse_frozen(release, relation);
	else if (owner_route_load(release, side, RelationGetRelid(relation)) != NULL)
		return;
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

/*
 * Return null when the release was dropped: a partition that was detached keeps the trigger, and
 * may outlive the release.
 */
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
	fence_hook_refuse_truncate(trigger->tg_relation);
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
