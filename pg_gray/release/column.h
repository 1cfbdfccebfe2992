/*
 * column.h: describes a column of a pair of tables, which one or both tables have
 */
#ifndef PG_GRAY_RELEASE_COLUMN_H
#define PG_GRAY_RELEASE_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

/* A field by Side is null, 0 or false for a side that does not have the column. */
typedef struct Column
{
	/* the registry's production_attnum of a pair, or attnum of an own table's column; 0: none */
	int16_t		 registered;
	unsigned int relation[2];  /* by Side, Oid */
	int16_t		 attnum[2];	   /* by Side; 0: only the other side has the column */
	char		*name[2];	   /* by Side, quoted */
	unsigned int type[2];	   /* by Side, Oid */
	int32_t		 typmod[2];	   /* by Side */
	unsigned int collation[2]; /* by Side, Oid */
	bool		 generated[2]; /* by Side: computed, never written */
	bool		 always; /* a pair that is GENERATED ALWAYS AS IDENTITY in production: no UPDATE */
	bool		 varies; /* a lone column whose default differs each time: identity, nextval ... */

	/*
	 * By Side: gray_map's expression for the value on this side (down, up), over the row of the
	 * other side.  Null: the value is the other side's value, cast if necessary; a lone column gets
	 * its default, or keeps its value.
	 */
	char *map[2];

	/*
	 * By Side: the transaction, with its epoch, that created or last altered the column; 0: the
	 * transaction was long ago.
	 */
	uint64_t altered[2];
	uint64_t mapped; /* transaction that made the mapping, with its epoch; 0: there is none */
	/* by Side: the column may have been marked as altered only because of a column before it */
	bool along[2];

	int kept_id; /* the column's id in gray.kept_column; 0: it has none (yet) */
	/* of an own table: the column of the parked table, quoted; null: it has none (yet) */
	char   *parked;
	int16_t parked_attnum; /* the number of that column */
	bool	parked_fits;   /* that column has the same type */
} Column;

/*
 * Load one side of a column, in the current memory context; return false when the column was
 * dropped on this side.  Sets `always` as for a pair, and does not set `varies`.
 */
extern bool column_load(Column *column, Side side, unsigned int relation, int attnum);

/* True when this side has the column. */
extern bool column_on(const Column *column, Side side);

/* True when both sides have the column. */
extern bool column_is_pair(const Column *column);

/* True when only this side has the column. */
extern bool column_is_lone(const Column *column, Side side);

/* The side whose column name gray_map takes: gray, unless only production has the column. */
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
