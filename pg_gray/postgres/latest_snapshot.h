/*
 * latest_snapshot.h: what is committed now, whatever the transaction's own snapshot
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

/* The latest snapshot; it shows also what earlier statements of this transaction wrote. */
extern LatestSnapshot latest_snapshot_begin(void);
extern void			  latest_snapshot_end(LatestSnapshot *latest);

/* True when no transaction has ended since, so that a new one would show the same. */
extern bool latest_snapshot_is_current(const LatestSnapshot *latest);

/* What the running statement sees; null where there may be none, just before a commit. */
extern struct SnapshotData *latest_snapshot_statement(void);

#endif /* PG_GRAY_POSTGRES_LATEST_SNAPSHOT_H */
