/*
 * migrate.c: the rows of one user, from production to gray
 */
#include "postgres.h"

#include "copy.h"
#include "integrity.h"
#include "move.h"

void
migrate_rows(Move *move)
{
	TwinSet *set = move->set;

	move->steps = 2 * set->count;
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "copy");
		copy_rows(move, &set->twins[i], SIDE_PRODUCTION, NULL);
	}
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "check");
		integrity_check_references(set, &set->twins[i], SIDE_GRAY, &move->args);
	}
}
