/*
 * places.c: rows by where they are: in which table or partition, and where there
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "nodes/pg_list.h"
#include "storage/itemptr.h"
#include "tcop/dest.h"
#include "utils/array.h"

#include "places.h"

typedef struct Receiver
{
	DestReceiver  receiver; /* must be first */
	List		**sets;
	MemoryContext memory;
} Receiver;

static Places *
places_of(List **set, Oid relation)
{
	Places	 *places;
	ListCell *cell;

	foreach(cell, *set)
	{
		places = lfirst(cell);
		if (places->relation == relation)
			return places;
	}
	places = palloc0(sizeof(Places));
	places->relation = relation;
	places->room = 64;
	places->at = palloc(sizeof(ItemPointerData) * places->room);
	*set = lappend(*set, places);
	return places;
}

static void
add(List **set, Oid relation, const ItemPointerData *at)
{
	Places *places = places_of(set, relation);

	if (places->count == places->room)
	{
		places->room *= 2;
		places->at = repalloc_huge(places->at, sizeof(ItemPointerData) * places->room);
	}
	places->at[places->count++] = *at;
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
places_receiver(List **sets)
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
places_count(const List *places)
{
	uint64	  count = 0;
	ListCell *cell;

	foreach(cell, places)
		count += ((const Places *) lfirst(cell))->count;
	return count;
}

/* The elements of a tid[] lie as in a C array. */
QueryArgs
places_args(const Places *places, const QueryArgs *args)
{
	Size	   length = sizeof(ItemPointerData) * places->count;
	ArrayType *array = palloc0(ARR_OVERHEAD_NONULLS(1) + length);
	QueryArgs  with_places = *args;

	SET_VARSIZE(array, ARR_OVERHEAD_NONULLS(1) + length);
	array->ndim = 1;
	array->elemtype = TIDOID;
	ARR_DIMS(array)[0] = places->count;
	ARR_LBOUND(array)[0] = 1;
	memcpy(ARR_DATA_PTR(array), places->at, length);
	query_arg(&with_places, TIDARRAYOID, PointerGetDatum(array));
	return with_places;
}
