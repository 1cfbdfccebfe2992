/*
 * migrate.c: the rows of one user, from production to gray
 */
#include "postgres.h"

#include "copy.h"
#include "integrity.h"
#include "keep.h"
#include "move.h"
#include "playbook.h"
#include "release.h"

typedef struct Copying
{
	const Move *move;
	const Twin *twin;
} Copying;

/* The database's own error does not tell that the value is an old one of gray. */
static void
explain_kept(void *arg)
{
	const Copying *copying = arg;
	int			   category = ERRCODE_TO_CATEGORY(geterrcode());

	if (category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION)
		errhint("Values of table %s were kept from the user's last stay in gray. If it is one of these that does not fit any more, change the table, or delete the value from %s.",
				copying->twin->table[SIDE_GRAY], copying->move->release->kept_table);
}

static uint64
copy_with_kept(Move *move, const Twin *twin)
{
	Copying				 copying = {move, twin};
	ErrorContextCallback explain = {error_context_stack, explain_kept, &copying};
	uint64				 rows;

	keep_forget_stale(move, twin);
	error_context_stack = &explain;
	rows = copy_rows(move, twin, COPY_TO_GRAY_KEPT, &move->args);
	error_context_stack = explain.previous;
	return rows;
}

void
migrate_rows(Move *move)
{
	TwinSet *set = move->playbook->set;
	bool	 kept = keep_has(move);

	move->steps = 2 * set->count;
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		move_progress(move, twin, "copy");
		move->rows[i] = kept && twin->kept_table != NULL
							? copy_with_kept(move, twin)
							: copy_rows(move, twin, COPY_TO_GRAY, &move->args);
		move->row_count += move->rows[i];
		move->seen += move->rows[i];
	}
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "check");
		integrity_check_copied(move, &set->twins[i]);
	}
}
