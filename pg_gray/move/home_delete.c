/*
 * home_delete.c: deletes frozen rows that no longer have a twin in gray
 *
 * An anti-join finds them by their keys.  For a user who has much of a table, when the number of
 * these rows is known and small, a Bloom filter over gray's keys finds candidates first, in one
 * scan of either side (as amcheck finds heap rows that an index lacks).  The anti-join then looks
 * at the candidates alone.  The filter may hide a row, and a key that is equal but not bit for bit
 * the same may show one too many.  So when the anti-join does not find the known number of rows,
 * it looks at all rows after all.
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "lib/bloomfilter.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/itemptr.h"
#include "tcop/dest.h"
#include "utils/datum.h"

#include "move/failed_row.h"
#include "move/home_absence.h"
#include "move/home_changes.h"
#include "move/home_delete.h"
#include "move/home_keyless.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/tid_list.h"
#include "release/twin_sql.h"

/* Receives keys of gray: (key columns); and then rows of production: (tid, key columns). */
typedef struct Filter
{
	DestReceiver  receiver; /* must be first */
	bloom_filter *keys;
	TidList		  lacking;
	uint32		 *hashes; /* of the columns of one key */
} Filter;

/*
 * Statements
 */

static void
append_delete(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, "DELETE FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, " AND ");
	twin_sql_without_twin(sql, twin);
}

static void
delete_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_delete(sql, twin);
	home_absence_append_spared(sql, twin, 2);
}

static void
delete_window_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_delete(sql, twin);
	failed_row_append_window(sql, "p");
	home_absence_append_spared(sql, twin, 6);
}

/*
 * As delete_text, but for a few rows.  A subquery with OFFSET is run for each of them.  Without
 * it, a planner without statistics might join all gray rows of the user.
 */
static void
delete_lacking_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s p WHERE p.ctid = ANY ($2) AND ",
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfo(sql, " AND NOT EXISTS (SELECT 1 FROM (SELECT * FROM %s g WHERE ",
					 twin->table[SIDE_GRAY]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " OFFSET 0) g WHERE ");
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	appendStringInfoChar(sql, ')');
}

static void
append_keys(StringInfo sql, const Twin *twin, Side side)
{
	const char *alias = twin_sql_alias(side);

	for (int i = 0; i < twin->key_count; i++)
		appendStringInfo(sql, "%s%s.%s", i == 0 ? "" : ", ", alias,
						 twin->key_columns[i]->name[side]);
}

static void
append_gray_keys(StringInfo sql, const Twin *twin, const char *condition)
{
	appendStringInfoString(sql, "SELECT ");
	append_keys(sql, twin, SIDE_GRAY);
	appendStringInfo(sql, " FROM %s g WHERE %s", twin->table[SIDE_GRAY], condition);
}

static void
home_untouched_keys_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_gray_keys(sql, twin, "g.xmin = $2");
}

static void
picked_keys_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_gray_keys(sql, twin, "g.ctid = ANY ($2)");
}

static void
frozen_keys_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfoString(sql, "SELECT p.ctid, ");
	append_keys(sql, twin, SIDE_PRODUCTION);
	appendStringInfo(sql, " FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
}

/*
 * Filter
 */

/*
 * Hash the columns of the key that begins at column `first` into filter->hashes; return the length
 * of the hashes in bytes.
 */
static size_t
take_key(Filter *filter, TupleTableSlot *slot, int first)
{
	TupleDesc descriptor = slot->tts_tupleDescriptor;
	int		  count = descriptor->natts - first;

	slot_getallattrs(slot);
	for (int i = 0; i < count; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, first + i);

		filter->hashes[i] =
			datum_image_hash(slot->tts_values[first + i], attribute->attbyval, attribute->attlen);
	}
	return sizeof(uint32) * count;
}

static bool
receive_gray(TupleTableSlot *slot, DestReceiver *self)
{
	Filter *filter = (Filter *) self;
	size_t	length = take_key(filter, slot, 0);

	bloom_add_element(filter->keys, (unsigned char *) filter->hashes, length);
	return true;
}

static bool
receive_frozen(TupleTableSlot *slot, DestReceiver *self)
{
	Filter	*filter = (Filter *) self;
	TidList *lacking = &filter->lacking;
	size_t	 length = take_key(filter, slot, 1);

	if (!bloom_lacks_element(filter->keys, (unsigned char *) filter->hashes, length))
		return true;
	if (lacking->count == lacking->room)
		return false; /* there are more rows than expected */
	lacking->at[lacking->count++] = *(ItemPointer) DatumGetPointer(slot->tts_values[0]);
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

static void
stream(Move *move, Filter *filter, bool (*receive)(TupleTableSlot *, DestReceiver *),
	   Statement statement, const QueryArgs *args)
{
	filter->receiver = (DestReceiver){.receiveSlot = receive,
									  .rStartup = start,
									  .rShutdown = finish,
									  .rDestroy = finish,
									  .mydest = DestNone};
	statement_stream(move, statement, args, &filter->receiver);
}

/* Untouched rows have the same keys as their twins bit for bit, unless a mapping computed them. */
static bool
is_filtered(const HomeChanges *change)
{
	const Twin *twin = change->twin;

	for (int i = 0; i < twin->key_count; i++)
	{
		if (!column_is_verbatim(twin->key_columns[i]))
			return false;
	}
	return change->exact && change->by_scan && change->missing <= CHANGE_PICKED_MAX;
}

/*
 * Find rows of production whose keys gray seems to lack; rows beyond the room for them are cut
 * off.
 */
static void
find_lacking(Move *move, const HomeChanges *change, Filter *filter)
{
	const Twin *twin = change->twin;

	filter->keys = bloom_create(change->untouched + change->picked_count, work_mem, 0);
	filter->hashes = palloc(sizeof(uint32) * twin->key_count);
	filter->lacking.room = CHANGE_PICKED_MAX;
	filter->lacking.at = palloc(sizeof(ItemPointerData) * CHANGE_PICKED_MAX);
	stream(move, filter, receive_gray, (Statement){home_untouched_keys_text, twin, NULL},
		   &change->by_xid);
	if (change->picked_count > 0)
		stream(move, filter, receive_gray, (Statement){picked_keys_text, twin, NULL},
			   &change->picked);
	stream(move, filter, receive_frozen, (Statement){frozen_keys_text, twin, NULL}, &move->args);
	bloom_free(filter->keys);
}

/* Delete the candidates and return their number; too few when the filter hid a row. */
static uint64
delete_filtered(Move *move, const HomeChanges *change)
{
	Filter	  filter = {0};
	QueryArgs args;

	find_lacking(move, change, &filter);
	args = tid_list_args(&filter.lacking, &move->args);
	return statement_write(move, (Statement){delete_lacking_text, change->twin, NULL}, &args,
						   SIDE_PRODUCTION);
}

static uint64_t
delete_window(Move *move, const Twin *twin, const void *detail pg_attribute_unused())
{
	QueryArgs args = move->args;

	home_absence_arg_spared(&args, move, twin);
	return statement_write(move, (Statement){delete_window_text, twin, NULL}, &args,
						   SIDE_PRODUCTION);
}

static uint64
delete_all(Move *move, const HomeChanges *change)
{
	QueryArgs args = move->args;
	uint64	  deleted = 0;

	home_absence_arg_spared(&args, move, change->twin);
	if (is_filtered(change))
		deleted = delete_filtered(move, change);
	if (!is_filtered(change) || deleted != change->missing)
		deleted += statement_write(move, (Statement){delete_text, change->twin, NULL}, &args,
								   SIDE_PRODUCTION);
	return deleted;
}

uint64_t
home_delete(Move *move, const HomeChanges *change)
{
	uint64 deleted;

	failed_row_begin(move, change->twin, SIDE_PRODUCTION, SIDE_PRODUCTION, delete_window, NULL);
	if (change->surplus != NULL)
		deleted = multiset_delete(move, change);
	else
		deleted = delete_all(move, change);
	failed_row_end(move);
	return deleted;
}
