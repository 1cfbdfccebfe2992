/*
 * home.c: brings the rows of one user home from gray to production
 *
 * The way home is a three-way merge, not delete-and-copy.  The frozen row in production, seen
 * through the mapping, is the base; the gray row is the changed version.  A column in which the
 * two are equal keeps its frozen value bit for bit.  So only rows that were changed in gray are
 * written, and only rows that were deleted in gray are deleted.
 *
 *   require   no pending deferred check of this transaction
 *   compare   find the changes (home_changes.c); refuse rows that can't come home
 *   delete    rows that gray no longer has, referring rows before referred ones
 *   update    rows that differ, then
 *   insert    rows that production lacks, referred rows before referring ones
 *   check     foreign keys of the written rows
 *   hook      the application's own function (hook_run.c)
 *   keep      values that production can't hold (kept_values.c)
 *   clear     the gray rows
 *
 * Users who can't come home without each other (home_together.c) count as one user here: a row
 * that one of them gave to another in gray is updated.
 *
 * Rows without a key are compared as a multiset (home_keyless.c).  With pg_gray.back_strategy =
 * 'replace', all rows are replaced instead (home_replace.c).
 *
 * The move waits for no lock longer than a moment: see move.c.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"

#include "move/copy.h"
#include "move/home_absence.h"
#include "move/home_changes.h"
#include "move/home_delete.h"
#include "move/home_keyless.h"
#include "move/home_meaning.h"
#include "move/home_refuse.h"
#include "move/home_replace.h"
#include "move/home_together.h"
#include "move/home_untouched.h"
#include "move/home_update.h"
#include "move/hook_run.h"
#include "move/kept_values.h"
#include "move/made_rows.h"
#include "move/home.h"
#include "move/move_fit.h"
#include "move/move_step.h"
#include "move/park.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "move/reference_check.h"
#include "move/silent_write.h"
#include "postgres/relation.h"
#include "release/twin_sql.h"
#include "user/stay.h"
#include "user/uid.h"

static void
delete_rows(Move *move, HomeChanges *changes)
{
	for (int i = move->prepared->set->count - 1; i >= 0; i--)
	{
		const HomeChanges *change = &changes[i];

		if (!change->deleted)
			continue;
		move_step_begin(move, change->twin, "delete");
		move->row_count += home_delete(move, change);
	}
}

/* No other user's row in production may refer to a row that is deleted. */
static void
check_going_rows(Move *move, const HomeChanges *changes)
{
	for (int i = 0; i < move->prepared->set->count; i++)
	{
		const HomeChanges *change = &changes[i];

		if (change->deleted)
		{
			home_refuse_given_rows(move, change->twin);
			reference_check_referrers(move, change->twin, SIDE_PRODUCTION);
		}
		else if (!change->exact || change->at_home > 0)
			reference_check_written(move, change->twin);
		if (change->deleted && change->surplus != NULL)
			home_replace_refuse_referred(move, change->twin, change->surplus->rows[SIDE_PRODUCTION]);
	}
}

/*
 * Changed and new rows
 */

static void
write_rows(Move *move, HomeChanges *changes)
{
	for (int i = 0; i < move->prepared->set->count; i++)
	{
		HomeChanges *change = &changes[i];

		if (change->exact && change->picked_count == 0)
			continue;
		move_step_begin(move, change->twin, "write");
		if (change->surplus != NULL)
		{
			move->row_count += multiset_merge(move, change);
			move->row_count += multiset_insert(move, change);
			continue;
		}
		if (change->at_home > 0 || !change->exact)
			move->row_count += home_update(move, change);
		if (!change->exact)
			move->row_count += copy_rows(move, change->twin, COPY_HOME_MISSING, &move->args);
		else if (change->at_home < change->picked_count)
			move->row_count += copy_rows(move, change->twin, COPY_HOME_PICKED, &change->picked);
	}
}

/*
 * Foreign keys
 */

/* True when rows that were not written at all may refer to a row that is gone. */
static bool
may_dangle(const Move *move, const Reference *reference, const HomeChanges *changes)
{
	const HomeChanges *parent;

	if (reference->parent == NULL)
		return false;
	parent = &changes[prepared_place(move->prepared, reference->parent)];
	return parent->deleted || !parent->exact || (parent->at_home > 0 && !reference->to_key);
}

static void
check_rows(Move *move, HomeChanges *changes)
{
	for (int i = 0; i < move->prepared->set->count; i++)
	{
		HomeChanges *change = &changes[i];
		ListCell	*cell;

		move_step_begin(move, change->twin, "check");
		foreach(cell, reference_list(&move->prepared->references, change->twin, SIDE_PRODUCTION))
		{
			const Reference *reference = lfirst(cell);

			if (!change->exact || may_dangle(move, reference, changes))
				reference_check_home(move, reference);
			else if (change->picked_count > 0)
				reference_check_picked(move, reference, &change->picked);
		}
	}
}

/*
 * Gray
 */

static void
clear_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
}

static void
clear_untouched_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s g WHERE g.xmin = $2", twin->table[SIDE_GRAY]);
}

static void
clear_picked_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s g WHERE g.ctid = ANY ($2)", twin->table[SIDE_GRAY]);
}

/* Clear most of the untouched rows page by page, or none. */
static uint64
clear_pages(const Move *move, const HomeChanges *change)
{
	const Twin *twin = change->twin;

	if (silent_write_fires_on_delete(
			(SilentTarget){move->prepared->set, twin, SIDE_GRAY, InvalidOid}))
		return 0;
	return home_untouched_delete(twin->relation[SIDE_GRAY],
								 DatumGetTransactionId(change->by_xid.values[1]));
}

static uint64
clear_picked(Move *move, HomeChanges *change)
{
	if (change->picked_count == 0)
		return 0;
	return statement_write(move, (Statement){clear_picked_text, change->twin, NULL},
						   &change->picked, SIDE_GRAY);
}

/* Clear all remaining rows of a small user; of a large user, the untouched rows. */
static uint64
clear_untouched(Move *move, HomeChanges *change)
{
	uint64 rows;

	if (!change->by_scan)
		return statement_write(move, (Statement){clear_text, change->twin, NULL}, &move->args,
							   SIDE_GRAY);
	rows = clear_pages(move, change);
	if (rows < change->untouched)
		rows += statement_write(move, (Statement){clear_untouched_text, change->twin, NULL},
								&change->by_xid, SIDE_GRAY);
	return rows;
}

/* Clear the rows that the comparison saw, and no others. */
static void
clear_known(Move *move, HomeChanges *change)
{
	if (clear_picked(move, change) != change->picked_count ||
		clear_untouched(move, change) != change->untouched)
		home_refuse_written(change->twin, SIDE_GRAY);
}

static void
clear_rows(Move *move, const Twin *twin, HomeChanges *change)
{
	move_step_begin(move, twin, "clear");
	if (change != NULL && change->exact)
		clear_known(move, change);
	else
		(void) statement_write(move, (Statement){clear_text, twin, NULL}, &move->args, SIDE_GRAY);
}

/*
 * Clear referring rows before referred ones, since an owner path leads over rows that must still
 * be there.  Without `changes`, the number of rows in gray is not known.
 */
static void
clear_gray(Move *move, HomeChanges *changes)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->count; i++)
		reference_check_referrers(move, &set->twins[i], SIDE_GRAY);
	for (int i = set->count - 1; i >= 0; i--)
		clear_rows(move, &set->twins[i], changes == NULL ? NULL : &changes[i]);
}

void
home_discard_rows(Move *move)
{
	move->steps = move->prepared->set->count;
	(void) stay_end(move->release, move->prepared->set, &move->args);
	park_discard(move);
	clear_gray(move, NULL);
}

static HomeChanges *
merge_rows(Move *move)
{
	HomeChanges *changes = home_changes_find_all(move);

	check_going_rows(move, changes);
	delete_rows(move, changes);
	write_rows(move, changes);
	check_rows(move, changes);
	return changes;
}

static void
recall_stay(Move *move)
{
	move->stay = stay_end(move->release, move->prepared->set, &move->args);
	for (int i = 0; i < move->stay->table_count; i++)
	{
		move->rows[i] = move->stay->rows[i];
		move->seen += move->rows[i];
	}
}

static void
end_stay(Move *move)
{
	recall_stay(move);
	home_absence_refuse(move);
	meaning_refuse_changed(move);
}

void
home_rows(Move *move)
{
	HomeChanges *changes = NULL;

	move_fit_no_pending_checks(move);
	if (move->together != NIL)
		home_together_begin(move, end_stay);
	else
		end_stay(move);
	made_rows_note(move);
	move->steps = 5 * move->prepared->set->count + keep_steps(move->prepared->set);
	if (home_replace_is_wanted())
		home_replace_rows(move);
	else
		changes = merge_rows(move);
	hook_run(move);
	made_rows_record(move);
	keep_rows(move, changes);
	park_rows(move);
	clear_gray(move, changes);
}
