/*
 * nested_move.c: nothing that a move calls may move users or change a release
 *
 * A CHECK constraint, a mapping or an index expression calls functions of the application.  Such
 * a function could ask for a move: the outer move's statement would go on with rows, and with
 * indexes, of which the inner one has made something else.
 */
#include "postgres.h"

#include "release/nested_move.h"

static bool is_moving;

void
nested_move_refuse(void)
{
	if (is_moving)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("a user can't be moved, nor a release changed, while a user is being moved"),
				 errdetail("A function that the move calls asks for it."),
				 errhint(
					 "Take it out of the functions that constraints, indexes and mappings of the tables call.")));
}

void
nested_move_begin(void)
{
	nested_move_refuse();
	is_moving = true;
}

void
nested_move_end(void)
{
	is_moving = false;
}
