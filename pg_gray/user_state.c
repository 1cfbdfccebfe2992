/*
 * user_state.c: the state row of a user
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
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "notify.h"
#include "query.h"
#include "release.h"
#include "uid.h"
#include "user_state.h"

/* Columns of a state table. */
#define STATE_UID 1
#define STATE_STATE 2

static RegProcedure
equality_function(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return F_INT2EQ;
		case INT4OID:
			return F_INT4EQ;
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
	state = state_parse(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	ReleaseSysCache(tuple);
	return state;
}

static State
scan_state(Relation table, Relation index, Snapshot snapshot, ScanKey key)
{
	TupleTableSlot *slot = table_slot_create(table, NULL);
	IndexScanDesc	scan = index_beginscan(table, index, snapshot, 1, 0);
	State			state = STATE_OFF;

	index_rescan(scan, key, 1, NULL, 0);
	if (index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		bool is_null;

		state = state_from_enum(DatumGetObjectId(slot_getattr(slot, STATE_STATE, &is_null)));
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return state;
}

State
user_state_read(unsigned int state_table, unsigned int state_index, uintptr_t uid)
{
	Relation	table = table_open(state_table, AccessShareLock);
	Relation	index = index_open(state_index, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	Oid			type = TupleDescAttr(RelationGetDescr(table), STATE_UID - 1)->atttypid;
	ScanKeyData key;
	State		state;

	ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, InvalidOid, index->rd_indcollation[0],
						   equality_function(type), uid);
	state = scan_state(table, index, snapshot, &key);

	UnregisterSnapshot(snapshot);
	index_close(index, AccessShareLock);
	table_close(table, AccessShareLock);
	return state;
}

void
user_state_relations(const Release *release, unsigned int *state_table, unsigned int *state_index)
{
	char	 name[NAMEDATALEN];
	Relation table;

	snprintf(name, sizeof(name), "state_%d", release->id);
	*state_table = catalog_relation(name);
	table = table_open(*state_table, AccessShareLock);
	*state_index = RelationGetPrimaryKeyIndex(table);
	table_close(table, AccessShareLock);
	if (!OidIsValid(*state_index))
		elog(ERROR, "table %s has no primary key", release->state_table);
}

State
user_state_get(const Release *release, const Uid *uid)
{
	Oid table;
	Oid index;

	user_state_relations(release, &table, &index);
	return user_state_read(table, index, uid->value);
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
	return state_parse(query_text(0, 1));
}

bool
user_state_claim(const Release *release, const Uid *uid, const char *from, State to)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_arg_text(&args, state_name(to));
	query_arg_text(&args, from);
	if (query_run_saved(psprintf("INSERT INTO %s AS s (uid, state) VALUES ($1,"
								 " CASE WHEN 'off' = ANY ($3::gray.state[]) THEN $2::gray.state ELSE 'off' END)"
								 " ON CONFLICT (uid) DO UPDATE SET state = $2::gray.state, since = now()"
								 " WHERE s.state = ANY ($3::gray.state[])"
								 " RETURNING xmax = 0 AND 'off' <> ALL ($3::gray.state[])",
								 release->state_table),
						&args) == 0)
		return false;
	return strcmp(query_text(0, 1), "f") == 0;
}

void
user_state_set(const Release *release, const Uid *uid, State state)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_arg_text(&args, state_name(state));
	query_run(psprintf("UPDATE %s SET state = $2::gray.state, since = now() WHERE uid = $1",
					   release->state_table),
			  &args);
	notify_state(release, state, uid->text);
}
