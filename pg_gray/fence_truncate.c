/*
 * fence_truncate.c: no TRUNCATE that takes a moved user's frozen rows along
 *
 * In production it would, as long as anybody's data is in gray.  In gray it deletes
 * live rows, all of them, and may: the way home finds them deleted.  On both
 * sides it waits for running moves, and none begins before its transaction ends.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "fence_user.h"
#include "query.h"
#include "release.h"
#include "role.h"
#include "state_table.h"
#include "user_lock.h"

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

static void
check_truncate(const TriggerData *trigger)
{
	Release *release = release_load(trigger->tg_trigger->tgargs[0]);

	user_lock_all(release->id);
	if (side_parse(trigger->tg_trigger->tgargs[1]) == SIDE_PRODUCTION && holds_users(release))
		ereport(ERROR,
				(errcode(ERRCODE_FENCE_WRONG_SIDE),
				 errmsg("table \"%s\" holds the frozen rows of users whose data is on the gray side",
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("Nothing was truncated. Bring all users of release \"%s\" home first.",
						 release->name)));
}

/* A partition that was detached keeps the trigger, and may outlive the release. */
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
		check_truncate(trigger);
	role_return(&before);
	SPI_finish();
	return PointerGetDatum(NULL);
}
