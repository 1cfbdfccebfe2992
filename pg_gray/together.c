/*
 * together.c: users who can come home only together
 *
 * Life of a way home that needs others:
 *
 *   alone       it fails, and is rolled back; nothing is locked
 *   find        whose rows it failed at (together_find.c)
 *   together    all of them are locked and brought home in one subtransaction; $1 is an array, so
 *               they are one user to every statement: a row that went from one to another is
 *               updated, and a unique value may go from row to row (late_index.h)
 *   again       when it fails on account of more users, with these as well
 *
 * Locks: the first user is waited for with empty hands, each of the others for a moment
 * (user_lock.c), in the order of their uids.  When one can't be had, all are let go of, and that
 * one is waited for first.
 *
 * When it fails for any other reason, the user who was asked for is stuck, and nobody else is changed.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "cohort.h"
#include "release.h"
#include "together.h"
#include "together_find.h"
#include "together_stay.h"
#include "twin_sql.h"
#include "uid.h"
#include "user_state.h"

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
 * At a request, nobody is brought home who is to be in gray and could not be moved there
 * again, alone.
 */
static bool
may_come_along(const Move *move, const ErrorData *error, const Uid *uid)
{
	return !move->only_if_due || error->sqlerrcode != ERRCODE_FOREIGN_KEY_VIOLATION ||
		   !cohort_wants(move->release, uid);
}

static bool
add_users(Together *together, const Move *move, const ErrorData *error, const List *found)
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
together_turn(Together *together, const Uid *busy)
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
remember(TogetherFailure *failure, const Move *move, ErrorData *error)
{
	failure->error = error;
	failure->move = *move;
	failure->culprit = *move->culprit;
	failure->move.culprit = &failure->culprit;
}

/*
 * Whose row it failed at may have come home since, and nothing be in the way any more.  If that one
 * is home and still has the row, it is there for good.
 */
static bool
is_stale(const Together *together, Move *move, const ErrorData *error, const List *found)
{
	if (together->again || together->needed != NULL || !together_find_applies(move, error))
		return false;
	return found == NIL || together_find(move, error) == NIL;
}

bool
together_grow(Together *together, Move *move, ErrorData *error)
{
	List *found = together_find(move, error);

	remember(move->together == NIL ? &together->alone : &together->last, move, error);
	if (move->together == NIL && found != NIL)
		together->other = linitial(found);
	if (add_users(together, move, error, found))
		return true;
	if (!is_stale(together, move, error, found))
		return false;
	*together = (Together){.again = true};
	return true;
}

/* What two users want, it is of no use to bring home together. */
const TogetherFailure *
together_failure(const Together *together)
{
	const ErrorData *alone = together->alone.error;
	const ErrorData *last = together->last.error;

	if (last == NULL ||
		(last->sqlerrcode == alone->sqlerrcode && strcmp(last->message, alone->message) == 0))
		return &together->alone;
	return &together->last;
}

static char *
hint_of(const Together *together)
{
	const Move *move = &together->alone.move;
	const char *release = quote_literal_cstr(move->release->name);
	const char *uid = quote_literal_cstr(move->uid->text);

	if (together->needed != NULL)
		return psprintf("User \"%s\" has to come home first: SELECT gray_migrate_back(%s, %s); then SELECT gray_reset(%s, %s).",
						together->needed->text, quote_literal_cstr(together->needed->text), release,
						uid, release);
	if (together_failure(together) == &together->last)
		return psprintf("Mend it; then SELECT gray_reset(%s, %s).", uid, release);
	if (together->other != NULL && together->alone.error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION)
		return psprintf("User \"%s\" has it, too. Change or delete one of the two rows; then SELECT gray_reset(%s, %s).",
						together->other->text, uid, release);
	return NULL;
}

void
together_explain(const Together *together, ErrorData *error)
{
	const ErrorData *alone = together->alone.error;

	if (error->hint == NULL)
		error->hint = hint_of(together);
	if (together_failure(together) == &together->last)
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
together_arg(QueryArgs *args, const List *users)
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
together_begin(Move *move, void (*begin)(Move *move))
{
	int		  count = move->playbook->set->count;
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
		move->stay = together_stay(move, one.stay);
	}
	twin_sql_set_together(true);
}
