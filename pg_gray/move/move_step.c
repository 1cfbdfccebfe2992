/*
 * move_step.c: the state of a move under way, shared by the files that carry the move out
 */
#include "postgres.h"

#include "miscadmin.h"
#include "pgstat.h"

#include "move/move_step.h"
#include "release/release.h"
#include "user/uid.h"

static const char *const kind_names[] = {
	[MOVE_MIGRATE] = "migrate",
	[MOVE_BACK] = "migrate_back",
	[MOVE_DISCARD] = "discard",
};

const char *
move_kind_name(MoveKind kind)
{
	return kind_names[kind];
}

void
move_step_begin(Move *move, const Twin *twin, const char *doing)
{
	char *activity;

	CHECK_FOR_INTERRUPTS();
	activity = psprintf("pg_gray: %s %s %d/%d [%s %s] %s", move->release->name,
						move_kind_name(move->kind), ++move->step, move->steps, doing,
						twin->table[OidIsValid(twin->relation[SIDE_PRODUCTION]) ? SIDE_PRODUCTION
																				: SIDE_GRAY],
						move->uid->text);
	pgstat_report_activity(STATE_RUNNING, activity);
	pfree(activity);
}
