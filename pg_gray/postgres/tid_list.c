/*
 * tid_list.c: lists rows by their table or partition and tid
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "nodes/pg_list.h"
#include "storage/itemptr.h"
#include "tcop/dest.h"
#include "utils/array.h"

#include "postgres/tid_list.h"

typedef struct Receiver
{
	DestReceiver  receiver; /* must be first */
	List		**sets;
	MemoryContext memory;
} Receiver;

static TidList *
tids_of(List **set, Oid relation)
{
	TidList	 *tids;
	ListCell *cell;

	foreach(cell, *set)
	{
		tids = lfirst(cell);
		if (tids->relation == relation)
			return tids;
	}
	tids = palloc0(sizeof(TidList));
	tids->relation = relation;
	tids->room = 64;
	tids->at = palloc(sizeof(ItemPointerData) * tids->room);
	*set = lappend(*set, tids);
	return tids;
}

static void
add(List **set, Oid relation, const ItemPointerData *at)
{
	TidList *tids = tids_of(set, relation);

	if (tids->count == tids->room)
	{
		tids->room *= 2;
		tids->at = repalloc_huge(tids->at, sizeof(ItemPointerData) * tids->room);
	}
	tids->at[tids->count++] = *at;
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Receiver	 *receiver = (Receiver *) self;
	MemoryContext before = MemoryContextSwitchTo(receiver->memory);
	bool		  is_null;

	slot_getallattrs(slot);
	add(&receiver->sets[DatumGetInt32(slot_getattr(slot, 1, &is_null))],
		DatumGetObjectId(slot_getattr(slot, 2, &is_null)),
		(ItemPointer) DatumGetPointer(slot_getattr(slot, 3, &is_null)));
	MemoryContextSwitchTo(before);
	return true;
}

static void
start(DestReceiver *self pg_attribute_unused(), int operation pg_attribute_unused(),
	  TupleDesc descriptor pg_attribute_unused())
{
}

static void
finish(DestReceiver *self pg_attribute_unused())
{
}

struct _DestReceiver *
tid_list_receiver(List **sets)
{
	Receiver *receiver = palloc(sizeof(Receiver));

	receiver->receiver = (DestReceiver){.receiveSlot = receive,
										.rStartup = start,
										.rShutdown = finish,
										.rDestroy = finish,
										.mydest = DestNone};
	receiver->sets = sets;
	receiver->memory = CurrentMemoryContext;
	return &receiver->receiver;
}

uint64_t
tid_list_count(const List *tids)
{
	uint64	  count = 0;
	ListCell *cell;

	foreach(cell, tids)
		count += ((const TidList *) lfirst(cell))->count;
	return count;
}

/* A tid[] stores its elements as a C array does. */
QueryArgs
tid_list_args(const TidList *tids, const QueryArgs *args)
{
	Size	   length = sizeof(ItemPointerData) * tids->count;
	ArrayType *array = palloc0(ARR_OVERHEAD_NONULLS(1) + length);
	QueryArgs  with_tids = *args;

	SET_VARSIZE(array, ARR_OVERHEAD_NONULLS(1) + length);
	array->ndim = 1;
	array->elemtype = TIDOID;
	ARR_DIMS(array)[0] = tids->count;
	ARR_LBOUND(array)[0] = 1;
	memcpy(ARR_DATA_PTR(array), tids->at, length);
	query_arg(&with_tids, TIDARRAYOID, PointerGetDatum(array));
	return with_tids;
}
