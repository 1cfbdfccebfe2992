/*
 * home_together.c: brings home users who can come home only together
 *
 * Life of a way home that needs others:
 *
 *   alone       the move fails, and is rolled back; nothing is locked
 *   find        the users at whose rows it failed (home_together_find.c)
 *   together    all of them are locked and brought home in one subtransaction; $1 is an array, so
 *               they are one user to every statement: a row that went from one to another is
 *               updated, and a unique value may go from row to row (late_unique.h)
 *   again       when it fails because of more users, with these as well
 *
 * Locks: the move waits for the first user while it holds no lock, and for each of the others no
 * longer than a moment (user_lock.c), in the order of their uids.  When a user's lock can't be
 * had, all locks are released, and the next try waits for this user first.
 *
 * When the move fails for any other reason, the user who was asked for becomes stuck, and no other
 * user is changed.
 *
 * The users' stays in gray count as one stay.  A column that came to production during one of the
 * stays counts as having come during all of them: that only makes the rule stricter by which
 * gray's value replaces production's (home_update.c).  A column that came to gray can't count so:
 * its default would be taken for a value that nobody gave.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "move/home_together.h"
#include "move/home_together_find.h"
#include "move/prepared.h"
#include "move/move_step.h"
#include "release/release.h"
#include "release/twin_shape.h"
#include "release/twin_sql.h"
#include "user/cohort.h"
#include "user/stay.h"
#include "user/uid.h"
#include "user/user_state.h"

/*
 * Users
 */

static int
compare_users(const ListCell *a, const ListCell *b)
{
	return strcmp(((const Uid *) lfirst(a))->text, ((const Uid *) lfirst(b))->text);
}

static bool
is_among(const List *users, const Uid *uid)
{
	ListCell *cell;

	foreach(cell, users)
	{
		const Uid *other = lfirst(cell);

		if (uid_equal(uid->type, uid->value, other->value))
			return true;
	}
	return false;
}

/*
 * At a request, a user who is to be in gray is not brought home along with others when the user
 * could not be moved to gray again alone.
 */
static bool
may_come_along(const Move *move, const ErrorData *error, const Uid *uid)
{
	return !move->only_if_due || error->sqlerrcode != ERRCODE_FOREIGN_KEY_VIOLATION ||
		   !cohort_wants(move->release, uid);
}

static bool
add_users(HomeTogether *together, const Move *move, const ErrorData *error, const List *found)
{
	List	 *users = together->users != NIL ? list_copy(together->users) : list_make1(move->uid);
	int		  before = list_length(users);
	ListCell *cell;

	foreach(cell, found)
	{
		Uid *uid = lfirst(cell);

		if (is_among(users, uid) || state_side(user_state_get(move->release, uid)) != SIDE_GRAY)
			continue;
		if (list_length(users) == TOGETHER_MAX || !may_come_along(move, error, uid))
			together->needed = uid;
		else
			users = lappend(users, uid);
	}
	if (together->needed != NULL || list_length(users) == before)
		return false;
	list_sort(users, compare_users);
	together->users = users;
	return true;
}

void
home_together_turn(HomeTogether *together, const Uid *busy)
{
	List	 *users = NIL;
	ListCell *cell;

	list_sort(together->users, compare_users);
	foreach(cell, together->users)
		users = lfirst(cell) == busy ? lcons(lfirst(cell), users) : lappend(users, lfirst(cell));
	together->users = users;
}

/*
 * Failure
 */

static void
remember(HomeTogetherFailure *failure, const Move *move, ErrorData *error)
{
	failure->error = error;
	failure->move = *move;
	failure->failed_row = *move->failed_row;
	failure->move.failed_row = &failure->failed_row;
}

/*
 * The user at whose row the move failed may have come home since, so that nothing is in the way
 * any more.  When that user is home and still has the row, the obstacle is permanent.
 */
static bool
is_stale(const HomeTogether *together, Move *move, const ErrorData *error, const List *found)
{
	if (together->again || together->needed != NULL || !together_find_applies(move, error))
		return false;
	return found == NIL || together_find(move, error) == NIL;
}

bool
home_together_grow(HomeTogether *together, Move *move, ErrorData *error)
{
	List *found = together_find(move, error);

	remember(move->together == NIL ? &together->alone : &together->last, move, error);
	if (move->together == NIL && found != NIL)
		together->other = linitial(found);
	if (add_users(together, move, error, found))
		return true;
	if (!is_stale(together, move, error, found))
		return false;
	*together = (HomeTogether){.again = true};
	return true;
}

/* When two users want the same value, it is of no use to bring them home together. */
const HomeTogetherFailure *
home_together_failure(const HomeTogether *together)
{
	const ErrorData *alone = together->alone.error;
	const ErrorData *last = together->last.error;

	if (last == NULL ||
		(last->sqlerrcode == alone->sqlerrcode && strcmp(last->message, alone->message) == 0))
		return &together->alone;
	return &together->last;
}

static char *
hint_of(const HomeTogether *together)
{
	const Move *move = &together->alone.move;
	const char *release = quote_literal_cstr(move->release->name);
	const char *uid = quote_literal_cstr(move->uid->text);

	if (together->needed != NULL)
		return psprintf("User \"%s\" has to come home first: SELECT gray_migrate_back(%s, %s); then SELECT gray_reset(%s, %s).",
						together->needed->text, quote_literal_cstr(together->needed->text), release,
						uid, release);
	if (home_together_failure(together) == &together->last)
		return psprintf("Mend it; then SELECT gray_reset(%s, %s).", uid, release);
	if (together->other != NULL && together->alone.error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION)
		return psprintf("User \"%s\" has it, too. Change or delete one of the two rows; then SELECT gray_reset(%s, %s).",
						together->other->text, uid, release);
	return NULL;
}

void
home_together_explain(const HomeTogether *together, ErrorData *error)
{
	const ErrorData *alone = together->alone.error;

	if (error->hint == NULL)
		error->hint = hint_of(together);
	if (home_together_failure(together) == &together->last)
		error->detail =
			psprintf("%s%sUser \"%s\" can't come home without user \"%s\": %s%s%s",
					 error->detail != NULL ? error->detail : "", error->detail != NULL ? "\n" : "",
					 together->alone.move.uid->text, together->other->text, alone->message,
					 alone->detail != NULL ? ": " : ".",
					 alone->detail != NULL ? alone->detail : "");
}

/*
 * The move
 */

void
home_together_arg(QueryArgs *args, const List *users)
{
	Oid		  type = ((const Uid *) linitial(users))->type;
	Datum	 *values = palloc(sizeof(Datum) * list_length(users));
	int16	  length;
	bool	  by_value;
	char	  align;
	ListCell *cell;

	foreach(cell, users)
		values[foreach_current_index(cell)] = ((const Uid *) lfirst(cell))->value;
	get_typlenbyvalalign(type, &length, &by_value, &align);
	query_arg(args, get_array_type(type),
			  PointerGetDatum(
				  construct_array(values, list_length(users), type, length, by_value, align)));
}

void
home_together_begin(Move *move, void (*begin)(Move *move))
{
	int		  count = move->prepared->set->count;
	ListCell *cell;

	foreach(cell, move->together)
	{
		Move one = *move;

		one.uid = lfirst(cell);
		one.together = NIL;
		one.rows = palloc0(sizeof(uint64) * Max(count, 1));
		one.args = (QueryArgs){0};
		query_arg(&one.args, one.uid->type, one.uid->value);
		begin(&one);
		for (int i = 0; i < count; i++)
			move->rows[i] += one.rows[i];
		move->seen = one.seen;
		move->stay = home_together_stay(move, one.stay);
	}
	twin_sql_set_together(true);
}

static void
raise_altered(const Twin *twin)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("users who were moved before and after columns of table %s were altered can't come home together",
					twin->table[SIDE_GRAY]),
			 errhint(
				 "Undo in gray what they need each other for, or give up one of them by gray_discard.")));
}

static bool
came_to_gray_between(const Twin *twin, uint64 one, uint64 other)
{
	uint64 common = twin_shape_common(one, other);

	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		int			  attnum = column->attnum[SIDE_GRAY];

		if (column_is_pair(column) && !column->generated[SIDE_GRAY] &&
			!twin_shape_had(common, SIDE_GRAY, attnum) &&
			twin_shape_had(common, SIDE_PRODUCTION, column->attnum[SIDE_PRODUCTION]) &&
			(twin_shape_had(one, SIDE_GRAY, attnum) || twin_shape_had(other, SIDE_GRAY, attnum)))
			return true;
	}
	return false;
}

/* Raise unless no column was altered that the other stay could have missed. */
static void
require_present(const TwinSet *set, const Stay *stay)
{
	for (int i = 0; i < set->count; i++)
	{
		if (stay->columns[i] != twin_shape_columns(&set->twins[i]))
			raise_altered(&set->twins[i]);
	}
}

static uint64 *
common_columns(const TwinSet *set, const Stay *one, const Stay *other)
{
	uint64 *columns = palloc(sizeof(uint64) * Max(set->count, 1));

	for (int i = 0; i < set->count; i++)
	{
		if (came_to_gray_between(&set->twins[i], one->columns[i], other->columns[i]))
			raise_altered(&set->twins[i]);
		columns[i] = twin_shape_common(one->columns[i], other->columns[i]);
	}
	return columns;
}

static bool
has_relation(const Stay *stay, Oid relation)
{
	for (int i = 0; i < stay->relation_count; i++)
	{
		if (stay->relations[i] == relation)
			return true;
	}
	return false;
}

/* A partition that came later for one user is spared for all (home_absence.h). */
static void
set_common_relations(Stay *stay, const Stay *one, const Stay *other)
{
	if (one->relations == NULL || other->relations == NULL)
		return;
	stay->relations = palloc(sizeof(Oid) * Max(one->relation_count, 1));
	for (int i = 0; i < one->relation_count; i++)
	{
		if (has_relation(other, one->relations[i]))
			stay->relations[stay->relation_count++] = one->relations[i];
	}
}

Stay *
home_together_stay(const Move *move, const Stay *other)
{
	const TwinSet *set = move->prepared->set;
	const Stay	  *one = move->stay;
	Stay		  *stay = palloc0(sizeof(Stay));

	if (one == NULL)
		stay->columns = other->columns;
	else if (one->columns != NULL && other->columns != NULL)
		stay->columns = common_columns(set, one, other);
	else if (one->columns != other->columns)
		require_present(set, one->columns != NULL ? one : other);
	set_common_relations(stay, one == NULL ? other : one, other);
	return stay;
}
