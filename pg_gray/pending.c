/*
 * pending.c: deferred checks of this transaction that are still to come
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "nodes/pg_list.h"

#include "partition.h"
#include "pending.h"
#include "twin.h"

unsigned int
pending_table(const TwinSet *set, Side side)
{
	for (int i = 0; i < set->count; i++)
	{
		Oid		  table = set->twins[i].relation[side];
		ListCell *cell;

		if (AfterTriggerPendingOnRel(table))
			return table;
		foreach(cell, partition_all(table))
		{
			if (AfterTriggerPendingOnRel(lfirst_oid(cell)))
				return lfirst_oid(cell);
		}
	}
	return InvalidOid;
}
