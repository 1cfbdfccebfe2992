/*
 * latest.h: what is committed now, whatever the transaction's own snapshot
 */
#ifndef LATEST_H
#define LATEST_H

#include <stdbool.h>
#include <stdint.h>

struct SnapshotData;

typedef struct Latest
{
	struct SnapshotData *snapshot; /* registered until latest_end */
	uint64_t			 completed;
} Latest;

/* The latest snapshot; it shows also what earlier statements of this transaction wrote. */
extern Latest latest_begin(void);
extern void	  latest_end(Latest *latest);

/* True when no transaction has ended since, so that a new one would show the same. */
extern bool latest_is_current(const Latest *latest);

/* What the running statement sees; null where there may be none, just before a commit. */
extern struct SnapshotData *latest_statement(void);

#endif /* LATEST_H */
