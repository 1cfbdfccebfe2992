/*
 * rival.c: refuses a row whose unique key another user's row has on the other side
 *
 * PostgreSQL keeps a value unique within a table; this file keeps it unique across both twins, in
 * the way of PostgreSQL's exclusion constraints.  The row is in its table and its indexes already
 * when the other side's index is searched, with a snapshot that also sees rows of transactions in
 * progress.  So of two concurrent writers at least one sees the other's row, and waits for the end
 * of that transaction.  There is no lock for each value.  When both writers see each other's row,
 * they deadlock, and one of them gets 40P01: that one could not have kept its row anyway.
 *
 * These rows are rivals:
 *
 *   written in    found in
 *   production    gray         all but leftovers of users whose data is not there, and the live
 *                              twins of a frozen row that a foreign key's action writes
 *   gray          production   all but the writer's own frozen rows
 *
 * Frozen rows of other users count: they are live again after gray_discard.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "postgres/latest_snapshot.h"
#include "postgres/partition.h"
#include "postgres/role.h"
#include "unique/rival.h"
#include "unique/rival_table.h"
#include "user/uid.h"
#include "user/user_state.h"

/* A search for the rivals of one row by one key. */
typedef struct Search
{
	const RivalTable *table;
	const RivalKey	 *key;
	TupleTableSlot	 *row; /* the row as it was written */
	EState			 *estate;
	Datum			  values[INDEX_MAX_KEYS];
	bool			  is_null[INDEX_MAX_KEYS];

	Relation other; /* the relation to search: the twin, or a partition of it */
	Relation index;
	bool	 frozen; /* the rival found is a frozen row */
} Search;

/*
 * Keys
 */

/*
 * Form the key, with values that live as long as search->estate.  False: the row is not in the
 * index.
 */
static bool
form_by_expressions(Search *search, IndexInfo *info)
{
	EState		*estate = CreateExecutorState();
	ExprContext *context = GetPerTupleExprContext(estate);
	RoleSwitch	 before;
	bool		 is_in_index;

	search->estate = estate;
	context->ecxt_scantuple = search->row;
	/* The functions of the index must not run as the writer. */
	role_become(&before, search->table->role);
	is_in_index =
		info->ii_Predicate == NIL || ExecQual(ExecPrepareQual(info->ii_Predicate, estate), context);
	if (is_in_index)
		FormIndexDatum(info, search->row, estate, search->values, search->is_null);
	role_return(&before);
	return is_in_index;
}

/* Form the key; return false when no row can be equal to it. */
static bool
form_key(Search *search)
{
	IndexInfo info = *search->key->info;

	if (info.ii_Expressions == NIL && info.ii_Predicate == NIL)
		FormIndexDatum(&info, search->row, NULL, search->values, search->is_null);
	else if (!form_by_expressions(search, &info))
		return false;
	for (int i = 0; !info.ii_NullsNotDistinct && i < info.ii_NumIndexKeyAttrs; i++)
	{
		if (search->is_null[i])
			return false;
	}
	return true;
}

static bool
value_differs(TupleTableSlot *old_row, TupleTableSlot *new_row, AttrNumber attnum)
{
	Form_pg_attribute attribute = TupleDescAttr(new_row->tts_tupleDescriptor, attnum - 1);
	bool			  old_null;
	bool			  new_null;
	Datum			  old_value = slot_getattr(old_row, attnum, &old_null);
	Datum			  new_value = slot_getattr(new_row, attnum, &new_null);

	if (old_null || new_null)
		return old_null != new_null;
	return !datum_image_eq(old_value, new_value, attribute->attbyval, attribute->attlen);
}

static bool
is_written(const RivalKey *key, const TriggerData *trigger)
{
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return true;
	for (int i = 0; i < key->column_count; i++)
	{
		if (value_differs(trigger->tg_trigslot, trigger->tg_newslot, key->columns[i]))
			return true;
	}
	return false;
}

static bool
any_is_written(const RivalTable *table, const TriggerData *trigger)
{
	for (int i = 0; i < table->key_count; i++)
	{
		if (is_written(&table->keys[i], trigger))
			return true;
	}
	return false;
}

/*
 * Rivals
 */

/*
 * Return a snapshot that shows what is committed, and what this transaction has written, this very
 * statement too.
 */
static LatestSnapshot
see_all(void)
{
	CommandCounterIncrement();
	return latest_snapshot_begin();
}

/* True when the written row belongs to this user. */
static bool
is_own(const Search *search, Snapshot snapshot, Datum uid)
{
	const RivalTable *table = search->table;
	Datum			  own;

	if (!row_owner_of(table->owner[table->side], snapshot, search->row, table->relation, &own))
		return false;
	return uid_equal(table->uid_type, own, uid);
}

/* True when the found row of the other side has the key, and will keep it. */
static bool
is_rival_under(Search *search, Snapshot snapshot, TupleTableSlot *found)
{
	const RivalTable *table = search->table;
	Datum			  uid;
	bool			  owned = row_owner_of(table->owner[table->other_side], snapshot, found,
										   RelationGetRelid(search->other), &uid);
	bool in_gray = owned && state_side(state_table_read(table->states, snapshot, uid)) == SIDE_GRAY;

	if (table->other_side == SIDE_GRAY)
		return in_gray && !is_own(search, snapshot, uid);
	search->frozen = in_gray;
	return !owned || !is_own(search, snapshot, uid);
}

static bool
is_rival(Search *search, TupleTableSlot *found)
{
	LatestSnapshot latest = see_all();
	bool		   rival = is_rival_under(search, latest.snapshot, found);

	latest_snapshot_end(&latest);
	return rival;
}

static void
make_scan_keys(const Search *search, ScanKeyData *keys)
{
	for (int i = 0; i < search->key->info->ii_NumIndexKeyAttrs; i++)
		ScanKeyEntryInitialize(&keys[i], search->is_null[i] ? SK_ISNULL | SK_SEARCHNULL : 0, i + 1,
							   BTEqualStrategyNumber, search->key->type[i],
							   search->index->rd_indcollation[i], search->key->equal[i],
							   search->values[i]);
}

/*
 * Wait for the transaction that is writing the row: the row will exist only if it commits, or only
 * if it does not.
 */
static void
wait_for_writer(const Search *search, const SnapshotData *snapshot, TupleTableSlot *found)
{
	if (snapshot->speculativeToken != 0)
		SpeculativeInsertionWait(snapshot->xmin, snapshot->speculativeToken);
	else
		XactLockTableWait(TransactionIdIsValid(snapshot->xmin) ? snapshot->xmin : snapshot->xmax,
						  search->other, &found->tts_tid, XLTW_InsertIndexUnique);
}

typedef enum Found
{
	FOUND_NOTHING,
	FOUND_RIVAL,
	FOUND_WRITER /* a transaction in progress is writing the row in the slot */
} Found;

static Found
scan(Search *search, SnapshotData *snapshot, TupleTableSlot *slot)
{
	int			  count = search->key->info->ii_NumIndexKeyAttrs;
	IndexScanDesc scan = index_beginscan(search->other, search->index, snapshot, count, 0);
	ScanKeyData	  keys[INDEX_MAX_KEYS];
	Found		  found = FOUND_NOTHING;

	make_scan_keys(search, keys);
	index_rescan(scan, keys, count, NULL, 0);
	while (found == FOUND_NOTHING && index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		if (TransactionIdIsValid(snapshot->xmin) || TransactionIdIsValid(snapshot->xmax))
			found = FOUND_WRITER;
		else if (is_rival(search, slot))
			found = FOUND_RIVAL;
	}
	index_endscan(scan);
	return found;
}

static bool
has_rival(Search *search)
{
	TupleTableSlot *slot = table_slot_create(search->other, NULL);
	Found			found;

	for (;;)
	{
		SnapshotData snapshot;

		InitDirtySnapshot(snapshot);
		found = scan(search, &snapshot, slot);
		if (found != FOUND_WRITER)
			break;
		wait_for_writer(search, &snapshot, slot);
	}
	ExecDropSingleTupleTableSlot(slot);
	return found == FOUND_RIVAL;
}

/*
 * The check
 */

/* Return "(email)=(a@x)", or null when the writer may not read it. */
static char *
describe_key(Search *search)
{
	Relation index;
	char	*description;

	if (!OidIsValid(search->key->own_index))
		return NULL;
	index = index_open(search->key->own_index, AccessShareLock);
	description = BuildIndexValueDescription(index, search->values, search->is_null);
	index_close(index, AccessShareLock);
	return description;
}

/* Raise the error in PostgreSQL's own words, so that applications recognise it. */
static void
raise_violation(Search *search, const TriggerData *trigger)
{
	char	   *key = describe_key(search);
	const char *side = side_name(search->table->other_side);
	const char *where = search->frozen ? ", in a frozen row" : "";

	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("duplicate key value violates unique constraint \"%s\"",
					search->key->constraint),
			 key != NULL ? errdetail("Key %s already exists on the %s side%s.", key, side, where)
						 : errdetail("The key already exists on the %s side%s.", side, where),
			 errtableconstraint(trigger->tg_relation, search->key->constraint)));
}

static void
search_other_side(Search *search, const TriggerData *trigger)
{
	Oid index = search->key->other_index;

	search->other = partition_find(search->table->other, &index, search->values, search->is_null);
	if (search->other == NULL)
		return;
	search->index = index_open(index, AccessShareLock);
	if (has_rival(search))
		raise_violation(search, trigger);
	index_close(search->index, AccessShareLock);
	table_close(search->other, AccessShareLock);
}

static void
refuse_key(const RivalTable *table, const RivalKey *key, const TriggerData *trigger)
{
	Search search = {.table = table,
					 .key = key,
					 .row = TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? trigger->tg_trigslot
																	   : trigger->tg_newslot};

	if (form_key(&search))
		search_other_side(&search, trigger);
	if (search.estate != NULL)
		FreeExecutorState(search.estate);
}

static void
lock_other_side(const RivalTable *table)
{
	LockRelationOid(table->other, AccessShareLock);
	row_owner_lock(table->owner[table->other_side]);
}

/*
 * The locks are released early, so that a long transaction in production holds up no ALTER TABLE
 * in gray.
 */
static void
unlock_other_side(const RivalTable *table)
{
	row_owner_unlock(table->owner[table->other_side]);
	UnlockRelationOid(table->other, AccessShareLock);
}

/*
 * In production the checked keys are those of the table's own indexes.  So an UPDATE that changes
 * no column of any index need not know which indexes are checked.
 */
static bool
may_write_key(const TriggerData *trigger)
{
	Relation   relation = trigger->tg_relation;
	Bitmapset *columns;
	int		   column = -1;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ||
		side_of_label(trigger->tg_trigger->tgargs[1]) != SIDE_PRODUCTION)
		return true;
	columns = RelationGetIndexAttrBitmap(relation, INDEX_ATTR_BITMAP_ALL);
	while ((column = bms_next_member(columns, column)) >= 0)
	{
		AttrNumber attnum = column + FirstLowInvalidHeapAttributeNumber;

		if (attnum <= 0 || value_differs(trigger->tg_trigslot, trigger->tg_newslot, attnum))
			break;
	}
	bms_free(columns);
	return column >= 0;
}

/*
 * Return the entry of the trigger's table, with the other side locked against changes, so that the
 * entry stays valid; or null when no key of the row was written.  The writer and the fence have
 * locked this side's tables.
 */
static const RivalTable *
lock_table(TriggerData *trigger)
{
	for (;;)
	{
		const RivalTable *table = rival_table_get(trigger);

		if (!any_is_written(table, trigger))
			return NULL;
		lock_other_side(table);
		if (!table->entry.stale)
			return table;
		unlock_other_side(table);
	}
}

void
rival_refuse(TriggerData *trigger)
{
	const RivalTable *table;

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event) || !may_write_key(trigger))
		return;
	table = lock_table(trigger);
	if (table == NULL)
		return;
	for (int i = 0; i < table->key_count; i++)
	{
		if (is_written(&table->keys[i], trigger))
			refuse_key(table, &table->keys[i], trigger);
	}
	unlock_other_side(table);
}
