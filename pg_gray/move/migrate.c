/*
 * migrate.c: copies the rows of one user from production to gray
 */
#include "postgres.h"

#include "move/copy.h"
#include "move/home_absence.h"
#include "move/hook_run.h"
#include "move/kept_former.h"
#include "move/kept_values.h"
#include "move/made_rows.h"
#include "move/migrate.h"
#include "move/move_fit.h"
#include "move/move_step.h"
#include "move/park_back.h"
#include "move/prepared.h"
#include "move/reference_check.h"
#include "move/silent_write.h"
#include "release/release.h"
#include "user/stay.h"

/* The table that is being copied or checked, for errors in values that were kept. */
typedef struct Copying
{
	const Move *move;
	const Twin *twin;
	bool		kept; /* some values may come from an earlier stay in gray */
} Copying;

/* The database's own error does not tell that the value was kept from an earlier stay in gray. */
static void
explain_kept(void *arg)
{
	const Copying *copying = arg;
	int			   category = ERRCODE_TO_CATEGORY(geterrcode());

	if (copying->kept &&
		(category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION))
		errhint("Values of table %s were kept from the user's last stay in gray. If it is one of these that does not fit any more, change the table, or delete the value from %s.",
				copying->twin->table[SIDE_GRAY], copying->move->release->kept_table);
}

static uint64
copy(Move *move, const Twin *twin, bool kept)
{
	if (!kept)
		return copy_rows(move, twin, COPY_TO_GRAY, &move->args);
	keep_former_settle(move, twin);
	keep_forget_stale(move, twin);
	return copy_rows(move, twin, COPY_TO_GRAY_KEPT, &move->args);
}

/* Rows that the hook wrote can't be told from rows that were put back: no number fits them. */
static void
run_hook(Move *move)
{
	if (!hook_is_set(move))
		return;
	hook_run(move);
	for (int i = 0; i < move->prepared->set->own_count; i++)
		move->own_rows[i] = STAY_OWN_ROWS_UNKNOWN;
}

void
migrate_rows(Move *move)
{
	TwinSet				*set = move->prepared->set;
	bool				 kept = keep_has(move);
	Copying				 copying = {.move = move};
	ErrorContextCallback explain = {error_context_stack, explain_kept, &copying};

	home_absence_require_logged(move);
	move->steps = 2 * set->count + set->own_count;
	/*
	 * A deferred constraint may be violated by the frozen rows until COMMIT.  Then an error is the
	 * fault of the caller's transaction, and not of the user's data.
	 */
	move->unfit = OidIsValid(move_fit_pending_table(set, SIDE_PRODUCTION));
	error_context_stack = &explain;
	for (int i = 0; i < set->count; i++)
	{
		copying.twin = &set->twins[i];
		copying.kept = kept && keep_has_of(move, copying.twin);
		move_step_begin(move, copying.twin, "copy");
		move->rows[i] = copy(move, copying.twin, copying.kept);
		move->row_count += move->rows[i];
		move->seen += move->rows[i];
	}
	park_back(move);
	for (int i = 0; i < set->count; i++)
	{
		copying.twin = &set->twins[i];
		copying.kept = kept && copying.twin->kept_table != NULL;
		move_step_begin(move, copying.twin, "check");
		reference_check_copied(move, copying.twin);
	}
	error_context_stack = explain.previous;
	made_rows_make(move);
	run_hook(move);
}
