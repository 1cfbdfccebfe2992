/*
 * migrate.c: the rows of one user, from production to gray
 */
#include "postgres.h"

#include "copy.h"
#include "integrity.h"
#include "move.h"
#include "playbook.h"

void
migrate_rows(Move *move)
{
	TwinSet *set = move->playbook->set;

	move->steps = 2 * set->count;
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "copy");
		move->rows[i] = copy_rows(move, &set->twins[i], COPY_TO_GRAY, &move->args);
		move->row_count += move->rows[i];
		move->seen += move->rows[i];
	}
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "check");
		integrity_check_copied(move, &set->twins[i]);
	}
}
