/*
 * latest_snapshot.h: takes snapshots of the data that is committed now, whatever the transaction's
 * own snapshot
 */
#ifndef PG_GRAY_POSTGRES_LATEST_SNAPSHOT_H
#define PG_GRAY_POSTGRES_LATEST_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

struct SnapshotData;

typedef struct LatestSnapshot
{
	struct SnapshotData *snapshot; /* registered until latest_snapshot_end */
	uint64_t			 completed;
} LatestSnapshot;

/*
 * Take the latest snapshot; it also shows rows that earlier statements of this transaction wrote.
 */
extern LatestSnapshot latest_snapshot_begin(void);
extern void			  latest_snapshot_end(LatestSnapshot *latest);

/*
 * True when no transaction has ended since the snapshot was taken, so that a new snapshot would
 * show the same.
 */
extern bool latest_snapshot_is_current(const LatestSnapshot *latest);

/*
 * Return the snapshot of the running statement; null when there may be none, just before a commit.
 */
extern struct SnapshotData *latest_snapshot_statement(void);

#endif /* PG_GRAY_POSTGRES_LATEST_SNAPSHOT_H */
