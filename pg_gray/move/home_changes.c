/*
 * home_changes.c: finds the changes to a user's rows in gray since they were moved there
 *
 * The attempt that moved the user has recorded the transaction id that the rows got (of a
 * subtransaction that did nothing else), and how many they were.  So one look at each gray row
 * tells whether it was written since.  When the untouched rows, together with the written rows
 * that have a twin at home, are as many as were moved, no row was deleted.
 *
 * Every row is compared instead in these cases: the id is so old that it may have wrapped around;
 * the data is in another cluster now; the table is partitioned; too many rows were changed;
 * columns were altered in between; or a row was changed in a table without a key.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "storage/bufmgr.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "move/home_changes.h"
#include "move/home_keyless.h"
#include "move/home_refuse.h"
#include "move/home_untouched.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/release.h"
#include "release/twin_shape.h"
#include "release/twin_sql.h"
#include "user/stay.h"
#include "user/uid.h"

/* See is_best_scanned. */
#define SCAN_GAIN 20

/* Which of the user's gray rows sieve_text selects. */
typedef enum SieveRows
{
	SIEVE_ALL,
	SIEVE_WRITTEN /* the rows that are not untouched */
} SieveRows;

/* Receives (tid, untouched) of each gray row. */
typedef struct Sieve
{
	DestReceiver  receiver; /* must be first */
	uint64		  untouched;
	uint64		  picked_count;
	uint64		  room;
	Datum		 *picked;
	MemoryContext memory;
} Sieve;

/*
 * Sieve
 */

static ArrayType *
tid_array(Datum *places, int count)
{
	return construct_array(places, count, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT);
}

static void
keep_place(Sieve *sieve, ItemPointer place)
{
	MemoryContext before = MemoryContextSwitchTo(sieve->memory);
	ItemPointer	  kept = palloc(sizeof(ItemPointerData));

	*kept = *place;
	if (sieve->picked_count > sieve->room)
	{
		sieve->room *= 4;
		sieve->picked = repalloc(sieve->picked, sizeof(Datum) * sieve->room);
	}
	sieve->picked[sieve->picked_count - 1] = PointerGetDatum(kept);
	MemoryContextSwitchTo(before);
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Sieve *sieve = (Sieve *) self;
	bool   is_null;

	if (DatumGetBool(slot_getattr(slot, 2, &is_null)))
		sieve->untouched++;
	else if (sieve->picked_count++ < CHANGE_PICKED_MAX)
		keep_place(sieve, (ItemPointer) DatumGetPointer(slot_getattr(slot, 1, &is_null)));
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

/*
 * Select the user's gray rows; or, with a detail (for by_scan), only the rows that are not
 * untouched.
 */
static void
sieve_text(StringInfo sql, const Twin *twin, const void *rows)
{
	appendStringInfoString(sql, "SELECT g.ctid, g.xmin = $2 FROM ");
	if (statement_chosen(rows) == SIEVE_WRITTEN)
		appendStringInfo(sql, "(SELECT *, ctid, xmin FROM %s WHERE xmin <> $2 OFFSET 0) g WHERE ",
						 twin->table[SIDE_GRAY]);
	else
		appendStringInfo(sql, "%s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
}

/* Select the user's rows at the tids $2; all of them were written. */
static void
places_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "SELECT g.ctid, false FROM %s g WHERE g.ctid = ANY ($2) AND ",
					 twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
}

/*
 * Select these rows, and the rows that came along as gifts: such a row is as another user's move
 * left it, and refers to a written row of the user at $3.  UNION, since both parts may select the
 * same row.
 */
static void
places_and_gifts_text(StringInfo sql, const Twin *twin, const void *detail)
{
	places_text(sql, twin, detail);
	appendStringInfo(sql,
					 " UNION SELECT g.ctid, false FROM (SELECT * FROM %s WHERE ctid = ANY ($3)) o"
					 " JOIN %s g ON ",
					 twin->parent->table[SIDE_GRAY], twin->table[SIDE_GRAY]);
	twin_sql_refers(sql, twin, SIDE_GRAY, "g", "o");
	appendStringInfoString(sql, " WHERE g.xmin <> $4");
}

static void
count_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "SELECT count(*) FROM %s g WHERE g.xmin = $2", twin->table[SIDE_GRAY]);
}

static void
sieve_by_scan(Move *move, HomeChanges *change, Sieve *sieve)
{
	const Twin *twin = change->twin;

	statement_stream(move, (Statement){sieve_text, twin, statement_choice(SIEVE_WRITTEN)},
					 &change->by_xid, &sieve->receiver);
	(void) statement_run(move, (Statement){count_text, twin, NULL}, &change->by_xid);
	sieve->untouched = query_count(0, 1);
}

/* Sieve the rows at these tids, and the rows that refer to picked rows of the parent. */
static void
sieve_places(Move *move, HomeChanges *change, Sieve *sieve, const List *places,
			 const HomeChanges *parent)
{
	QueryArgs args = move->args;
	Datum	 *values = palloc(sizeof(Datum) * Max(list_length(places), 1));
	int		  count = 0;
	ListCell *cell;

	foreach(cell, places)
		values[count++] = PointerGetDatum(lfirst(cell));
	query_arg(&args, TIDARRAYOID, PointerGetDatum(tid_array(values, count)));
	if (parent != NULL && parent->picked_count > 0)
	{
		query_arg(&args, TIDARRAYOID, parent->picked.values[1]);
		query_arg(&args, XIDOID, change->by_xid.values[1]);
		statement_stream(move, (Statement){places_and_gifts_text, change->twin, NULL}, &args,
						 &sieve->receiver);
	}
	else if (count > 0)
		statement_stream(move, (Statement){places_text, change->twin, NULL}, &args,
						 &sieve->receiver);
}

/* Sieve by the marks on the table's pages, if these are conclusive. */
static void
sieve_by_page(Move *move, HomeChanges *change, Sieve *sieve, const Stay *stay,
			  const HomeChanges *parent)
{
	Untouched found = {.doubtful = true};

	if (TransactionIdIsValid(stay->since))
		found = home_untouched_find(change->twin->relation[SIDE_GRAY], stay->xid, stay->since);
	if (found.doubtful)
	{
		sieve_by_scan(move, change, sieve);
		return;
	}
	sieve_places(move, change, sieve, found.written, parent);
	sieve->untouched = found.count;
}

static void
sieve_rows(Move *move, HomeChanges *change, Sieve *sieve, const Stay *stay,
		   const HomeChanges *parent)
{
	sieve->receiver = (DestReceiver){.receiveSlot = receive,
									 .rStartup = start,
									 .rShutdown = finish,
									 .rDestroy = finish,
									 .mydest = DestNone};
	sieve->memory = CurrentMemoryContext;
	sieve->room = 64;
	sieve->picked = palloc(sizeof(Datum) * sieve->room);
	if (change->by_scan)
		sieve_by_page(move, change, sieve, stay, parent);
	else
		statement_stream(move, (Statement){sieve_text, change->twin, statement_choice(SIEVE_ALL)},
						 &change->by_xid, &sieve->receiver);
}

/* To follow an index to a row takes about as long as to read 1/SCAN_GAIN of a page. */
static bool
is_best_scanned(const Twin *twin, uint64 rows)
{
	Relation table = table_open(twin->relation[SIDE_GRAY], AccessShareLock);
	uint64	 pages = RelationGetNumberOfBlocks(table);

	table_close(table, NoLock);
	return pages * SCAN_GAIN < rows;
}

/*
 * Changes
 */

static void
pick(Move *move, HomeChanges *change, const Sieve *sieve)
{
	change->picked = move->args;
	query_arg(&change->picked, TIDARRAYOID,
			  PointerGetDatum(tid_array(sieve->picked, sieve->picked_count)));
	change->picked_count = sieve->picked_count;
	if (change->picked_count == 0)
		return;
	change->at_home = home_refuse_foreign_picked(move, change->twin, &change->picked);
	home_refuse_duplicate_keys(move, change->twin, &change->picked);
	home_refuse_changed_identities(move, change->twin, &change->picked);
}

/*
 * True when all untouched rows still belong to the user.  A row of a table with an owner path goes
 * along when the row that it refers to is given to another user.
 */
static bool
still_owned(const HomeChanges *parent)
{
	return parent == NULL || (parent->exact && !parent->deleted);
}

/*
 * Return the number of rows that are as they were moved.  In a table without a key, a written row
 * can't be led to its twin: the function can only tell that there are no written rows.
 */
static uint64
find(Move *move, HomeChanges *changes, const Twin *twin, const Stay *stay)
{
	HomeChanges		  *change = &changes[prepared_place(move->prepared, twin)];
	const HomeChanges *parent =
		twin->parent == NULL ? NULL : &changes[prepared_place(move->prepared, twin->parent)];
	uint64 count = stay->rows[prepared_place(move->prepared, twin)];
	Sieve  sieve = {0};

	if (!relation_is_heap(twin->relation[SIDE_GRAY]) ||
		!relation_is_heap(twin->relation[SIDE_PRODUCTION]))
		return 0;
	change->by_xid = move->args;
	query_arg(&change->by_xid, XIDOID, TransactionIdGetDatum(stay->xid));
	change->by_scan = is_best_scanned(twin, count) && still_owned(parent);
	sieve_rows(move, change, &sieve, stay, parent);
	change->untouched = sieve.untouched;
	if (twin->key_count == 0)
		change->exact = sieve.picked_count == 0 && sieve.untouched == count;
	else if (sieve.picked_count <= CHANGE_PICKED_MAX)
	{
		pick(move, change, &sieve);
		change->exact = true;
		change->missing = count - sieve.untouched - change->at_home;
		change->deleted = change->missing > 0;
	}
	return sieve.untouched;
}

static void
find_altered(const Stay *stay, HomeChanges *change, int place)
{
	const Twin *twin = change->twin;

	change->new_defaults = twin->defaults != (stay->defaults == NULL ? 0 : stay->defaults[place]);
	change->new_pairs = stay_find_altered(&change->altered, stay, place, twin);
}

/* Set `exact`.  When no row has the transaction id, the id may be of an earlier stay in gray. */
static void
find_exact(Move *move, HomeChanges *changes)
{
	const TwinSet *set = move->prepared->set;
	const Stay	  *stay = move->stay;
	uint64		   untouched = 0;

	for (int i = 0; i < set->count; i++)
	{
		find_altered(stay, &changes[i], i);
		move_step_begin(move, &set->twins[i], "compare");
		if (TransactionIdIsValid(stay->xid) && !changes[i].new_pairs)
			untouched += find(move, changes, &set->twins[i], stay);
	}
	for (int i = 0; untouched == 0 && i < set->count; i++)
		changes[i].exact = false;
}

bool
home_changes_is_none(const HomeChanges *change)
{
	return change->exact && change->picked_count == 0 && !change->deleted;
}

HomeChanges *
home_changes_find_all(Move *move)
{
	const TwinSet *set = move->prepared->set;
	HomeChanges	  *changes = palloc0(sizeof(HomeChanges) * Max(set->count, 1));

	for (int i = 0; i < set->count; i++)
		changes[i].twin = &set->twins[i];
	find_exact(move, changes);
	for (int i = 0; i < set->count; i++)
	{
		if (changes[i].exact)
			continue;
		if (set->twins[i].key_count == 0)
		{
			multiset_compare(move, &changes[i]);
			continue;
		}
		changes[i].deleted = true;
		home_refuse_foreign_rows(move, &set->twins[i]);
		home_refuse_duplicate_keys(move, &set->twins[i], NULL);
		home_refuse_changed_identities(move, &set->twins[i], NULL);
	}
	return changes;
}
