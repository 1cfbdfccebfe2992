/*
 * user_state.c: reads and writes the state row of a user
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "postgres/catalog.h"
#include "postgres/latest_snapshot.h"
#include "postgres/query.h"
#include "release/release.h"
#include "user/notify.h"
#include "user/uid.h"
#include "user/user_lock.h"
#include "user/user_state.h"

State
user_state_get(const Release *release, const Uid *uid)
{
	LatestSnapshot latest = latest_snapshot_begin();
	State		   state = state_table_read(state_table_of(release), latest.snapshot,
											uid_widened(uid->type, uid->value));

	latest_snapshot_end(&latest);
	return state;
}

bool
user_state_is_recorded(const Release *release, const Uid *uid)
{
	LatestSnapshot latest = latest_snapshot_begin();
	bool		   found = state_table_has(state_table_of(release), latest.snapshot,
										   uid_widened(uid->type, uid->value));

	latest_snapshot_end(&latest);
	return found;
}

State
user_state_lock(const Release *release, const Uid *uid)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_run(psprintf("INSERT INTO %s AS s (uid) VALUES ($1)"
					   " ON CONFLICT (uid) DO UPDATE SET state = s.state RETURNING state",
					   release->state_table),
			  &args);
	return state_of_label(query_text(0, 1));
}

/* The states are part of the SQL text: as parameters they would be looked up by name each time. */
bool
user_state_claim(const Release *release, const Uid *uid, const char *from, State to)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	if (query_run_saved(psprintf("INSERT INTO %1$s AS s (uid, state) VALUES ($1,"
								 " CASE WHEN 'off' = ANY ('%2$s'::gray.state[]) THEN '%3$s'::gray.state ELSE 'off' END)"
								 " ON CONFLICT (uid) DO UPDATE SET state = '%3$s', since = now(), changed = DEFAULT"
								 " WHERE s.state = ANY ('%2$s'::gray.state[])"
								 " RETURNING xmax = 0 AND 'off' <> ALL ('%2$s'::gray.state[])",
								 release->state_table, from, state_name(to)),
						&args) == 0)
		return false;
	if (query_bool(0, 1))
		return false;
	user_lock_settle(uid_hash(release->id, uid->type, uid->value));
	return true;
}

void
user_state_set(const Release *release, const Uid *uid, State state)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_arg_text(&args, state_name(state));
	query_run(psprintf("UPDATE %s SET state = $2::gray.state, since = now(), changed = DEFAULT WHERE uid = $1",
					   release->state_table),
			  &args);
	notify_roster(release, NEWS_USERS);
}

/* Columns of a state table. */
#define STATE_UID 1
#define STATE_STATE 2

StateTable
state_table_of(const Release *release)
{
	StateTable states;
	char	   name[NAMEDATALEN];
	Relation   table;

	snprintf(name, sizeof(name), "state_%d", release->id);
	states.table = catalog_relation(name);
	table = table_open(states.table, AccessShareLock);
	states.index = RelationGetPrimaryKeyIndex(table);
	table_close(table, AccessShareLock);
	if (!OidIsValid(states.index))
		elog(ERROR, "table %s has no primary key", release->state_table);
	return states;
}

/* Return the function that compares a uid of this type with a uid of its family's widest type. */
static RegProcedure
equality_function(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return F_INT28EQ;
		case INT4OID:
			return F_INT48EQ;
		case INT8OID:
			return F_INT8EQ;
		case UUIDOID:
			return F_UUID_EQ;
		case TEXTOID:
		case VARCHAROID:
			return F_TEXTEQ;
		default:
			elog(ERROR, "unsupported uid type %u", type);
	}
}

static State
state_from_enum(Oid value)
{
	HeapTuple tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
	State	  state;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for enum %u", value);
	state = state_of_label(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	ReleaseSysCache(tuple);
	return state;
}

static State
state_in_row(TupleTableSlot *row)
{
	bool is_null;

	return state_from_enum(DatumGetObjectId(slot_getattr(row, STATE_STATE, &is_null)));
}

static ScanKeyData
key_for(Relation table, Relation index, Datum uid)
{
	Oid			type = TupleDescAttr(RelationGetDescr(table), STATE_UID - 1)->atttypid;
	ScanKeyData key;

	ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, uid_family(type),
						   index->rd_indcollation[0], equality_function(type), uid);
	return key;
}

/* The result of the look-up of one user's row. */
typedef struct Found
{
	State		  state;
	TransactionId written_by;

	/* with a dirty snapshot: the transaction that is writing the row; or 0 */
	TransactionId in_progress;
} Found;

static TransactionId
writer_of(TupleTableSlot *row)
{
	return HeapTupleHeaderGetXmin(ExecFetchSlotHeapTuple(row, false, NULL)->t_data);
}

static void
take_row(Found *found, TupleTableSlot *row, Snapshot snapshot)
{
	found->state = state_in_row(row);
	found->written_by = writer_of(row);
	if (snapshot->snapshot_type == SNAPSHOT_DIRTY)
		found->in_progress = TransactionIdIsValid(snapshot->xmin) ? snapshot->xmin : snapshot->xmax;
}

/*
 * A dirty snapshot may see several versions of the row; a version that is being written comes
 * first.
 */
static Found
find_row(StateTable states, Snapshot snapshot, Datum uid)
{
	Relation		table = table_open(states.table, AccessShareLock);
	Relation		index = index_open(states.index, AccessShareLock);
	ScanKeyData		key = key_for(table, index, uid);
	TupleTableSlot *row = table_slot_create(table, NULL);
	IndexScanDesc	scan = index_beginscan(table, index, snapshot, 1, 0);
	Found			found = {.state = STATE_OFF};

	index_rescan(scan, &key, 1, NULL, 0);
	while (!TransactionIdIsValid(found.in_progress) &&
		   index_getnext_slot(scan, ForwardScanDirection, row))
		take_row(&found, row, snapshot);
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	index_close(index, NoLock);
	table_close(table, NoLock);
	return found;
}

State
state_table_read(StateTable states, Snapshot snapshot, uintptr_t uid)
{
	return find_row(states, snapshot, uid).state;
}

bool
state_table_has(StateTable states, Snapshot snapshot, uintptr_t uid)
{
	return TransactionIdIsValid(find_row(states, snapshot, uid).written_by);
}

State
state_table_read_locked(StateTable states, uintptr_t uid, unsigned int *written_by)
{
	for (;;)
	{
		SnapshotData snapshot;
		Found		 found;

		InitDirtySnapshot(snapshot);
		found = find_row(states, &snapshot, uid);
		*written_by = found.written_by;
		if (!TransactionIdIsValid(found.in_progress))
			return found.state;
		XactLockTableWait(found.in_progress, NULL, NULL, XLTW_None);
	}
}

void
state_table_each(StateTable states, Snapshot snapshot, StateVisit visit, void *arg)
{
	Relation		table = table_open(states.table, AccessShareLock);
	TupleTableSlot *row = table_slot_create(table, NULL);
	TableScanDesc	scan = table_beginscan(table, snapshot, 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		bool is_null;

		CHECK_FOR_INTERRUPTS();
		visit(arg, slot_getattr(row, STATE_UID, &is_null), state_in_row(row), writer_of(row));
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	table_close(table, NoLock);
}
