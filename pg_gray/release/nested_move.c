/*
 * nested_move.c: keeps the functions that a move calls from moving users or changing a release
 *
 * A CHECK constraint, a mapping or an index expression calls functions of the application.  Such a
 * function could ask for a move: then the statement of the outer move would go on with rows and
 * indexes that the inner move has changed.
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
