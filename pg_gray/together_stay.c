/*
 * together_stay.c: the stays in gray of users who come home together, as one
 *
 * A column that came to production during one of the stays counts as one that came during all: that
 * only asks more of production's value before gray's is taken (merge_altered.c).  Not so one that came
 * to gray: what is its default there would be taken for a value that nobody gave.
 */
#include "postgres.h"

#include "move.h"
#include "stay.h"
#include "together_stay.h"
#include "twin_shape.h"

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
		const TwinColumn *column = &twin->columns[i];
		int				  attnum = column->attnum[SIDE_GRAY];

		if (!column->generated[SIDE_GRAY] && !twin_shape_had(common, SIDE_GRAY, attnum) &&
			twin_shape_had(common, SIDE_PRODUCTION, column->attnum[SIDE_PRODUCTION]) &&
			(twin_shape_had(one, SIDE_GRAY, attnum) || twin_shape_had(other, SIDE_GRAY, attnum)))
			return true;
	}
	return false;
}

/* Nothing was altered, then, that the other stay could have missed. */
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

/* A partition that came later for one of them is spared for all (absence.h). */
static void
set_common_relations(Stay *stay, const Stay *one, const Stay *other)
{
	stay->relations = palloc(sizeof(Oid) * Max(one->relation_count, 1));
	for (int i = 0; i < one->relation_count; i++)
	{
		if (has_relation(other, one->relations[i]))
			stay->relations[stay->relation_count++] = one->relations[i];
	}
}

Stay *
together_stay(const Move *move, const Stay *other)
{
	const TwinSet *set = move->playbook->set;
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
