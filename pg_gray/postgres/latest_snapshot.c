/*
 * latest_snapshot.c: takes snapshots of the data that is committed now, whatever the transaction's
 * own snapshot
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "utils/snapmgr.h"

#include "postgres/latest_snapshot.h"

LatestSnapshot
latest_snapshot_begin(void)
{
	LatestSnapshot latest;
	Snapshot	   snapshot = GetLatestSnapshot();

	latest.completed = snapshot->snapXactCompletionCount;
	latest.snapshot = RegisterSnapshot(snapshot);
	return latest;
}

void
latest_snapshot_end(LatestSnapshot *latest)
{
	UnregisterSnapshot(latest->snapshot);
	latest->snapshot = NULL;
}

/*
 * The server counts the transactions that end, to know when a snapshot can be reused; it counts a
 * transaction before it releases the transaction's locks.  So the counter, read without a lock,
 * includes all transactions that ended before a lock was granted to us.
 */
bool
latest_snapshot_is_current(const LatestSnapshot *latest)
{
	return latest->completed != 0 && latest->completed == ShmemVariableCache->xactCompletionCount;
}

Snapshot
latest_snapshot_statement(void)
{
	if (ActiveSnapshotSet())
		return GetActiveSnapshot();
	return IsolationUsesXactSnapshot() ? GetTransactionSnapshot() : NULL;
}
