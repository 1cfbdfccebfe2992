/*
 * column.h: a column of a pair of tables: of both, or of one side alone
 */
#ifndef PG_GRAY_RELEASE_COLUMN_H
#define PG_GRAY_RELEASE_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

/* What is by Side is null, 0 or false for a side that has no such column. */
typedef struct Column
{
	int16_t		 registered;   /* the registry's production_attnum of a pair; 0: it has none */
	unsigned int relation[2];  /* by Side, Oid */
	int16_t		 attnum[2];	   /* by Side; 0: the other side has it alone */
	char		*name[2];	   /* by Side, quoted */
	unsigned int type[2];	   /* by Side, Oid */
	int32_t		 typmod[2];	   /* by Side */
	unsigned int collation[2]; /* by Side, Oid */
	bool		 generated[2]; /* by Side: computed, never written */
	bool		 always;	   /* a pair, GENERATED ALWAYS AS IDENTITY in production: no UPDATE */
	bool		 varies;	   /* lone, with another default each time: identity, nextval, ... */

	/*
	 * By Side: gray_map's expression for the value there (down, up), over the row of the other side.
	 * Null: the value of the other side, cast if need be; a lone column gets its default, or keeps
	 * its value.
	 */
	char *map[2];

	/*
	 * by Side: the transaction, with its epoch, that created or last altered the column; 0: long
	 * ago
	 */
	uint64_t altered[2];
	uint64_t mapped; /* transaction that made the mapping, with its epoch; 0: there is none */
	/* by Side: the column may have been marked as altered only because of a column before it */
	bool along[2];

	int kept_id; /* in gray.kept_column; 0: it has none (yet) */
} Column;

/*
 * Load one side of a column, in the current memory context; false when it has been dropped there.
 * Sets `always` as for a pair, and not `varies`.
 */
extern bool column_load(Column *column, Side side, unsigned int relation, int attnum);

/* Does this side have it? */
extern bool column_on(const Column *column, Side side);

/* Do both? */
extern bool column_is_pair(const Column *column);

/* Has this side it alone? */
extern bool column_is_lone(const Column *column, Side side);

/* The side whose name gray_map calls it by: gray, unless production has it alone. */
extern Side column_side(const Column *column);

/* True for a pair whose values are copied to gray as they are, bit for bit. */
extern bool column_is_verbatim(const Column *column);

/* The default of this side as an expression, or "NULL"; prints under the search_path. */
extern char *column_default(const Column *column, Side side);

/* True when the default differs each time. */
extern bool column_default_varies(const Column *column, Side side);

/* Return a transaction id of a catalog row with its epoch; 0: it is no longer usable. */
extern uint64_t column_full_xid(unsigned int xid);

#endif /* PG_GRAY_RELEASE_COLUMN_H */
