/*
 * rival_table.h: the keys of a table for which rivals are looked for
 */
#ifndef PG_GRAY_UNIQUE_RIVAL_TABLE_H
#define PG_GRAY_UNIQUE_RIVAL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "owner/row_owner.h"
#include "postgres/session_cache.h"
#include "release/side_state.h"
#include "unique/unique_index.h"
#include "user/user_state.h"

struct TriggerData;

/* A key that is unique across both sides. */
typedef struct RivalKey
{
	/* how a row of this table makes it, and the columns that it depends on */
	struct IndexInfo *info;
	int				  column_count;
	int16_t			 *columns;

	/* what a violation is reported as */
	char		*constraint;
	unsigned int own_index; /* Oid; 0: this side has none with this very key */

	/* where it is looked for on the other side, and how each value is compared */
	unsigned int other_index;				   /* Oid */
	unsigned int equal[UNIQUE_INDEX_MAX_KEYS]; /* Oid of a function */
	unsigned int type[UNIQUE_INDEX_MAX_KEYS];  /* Oid: our values' */
} RivalKey;

typedef struct RivalTable
{
	SessionEntry entry;	   /* by the table's Oid; must be first */
	unsigned int relation; /* Oid */
	Side		 side;
	Side		 other_side;
	unsigned int other; /* Oid of the twin; of the root, where it has partitions */
	unsigned int role;	/* Oid: who owns the index that makes the keys */

	int		  key_count; /* none: the rest is not filled in */
	RivalKey *keys;

	unsigned int uid_type; /* Oid of the uids' family */
	StateTable	 states;
	RowOwner	*owner[2]; /* by Side */
} RivalTable;

/*
 * The entry for the trigger's table, maybe a partition, loaded if need be.  The trigger's
 * arguments name the release and the side.
 */
extern const RivalTable *rival_table_get(struct TriggerData *trigger);

#endif /* PG_GRAY_UNIQUE_RIVAL_TABLE_H */
