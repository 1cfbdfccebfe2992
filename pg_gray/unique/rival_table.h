/*
 * rival_table.h: caches, for the session, the keys of a table for which rivals are searched
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
	/* the way a row of this table makes the key, and the columns on which the key depends */
	struct IndexInfo *info;
	int				  column_count;
	int16_t			 *columns;

	/* the name under which a violation is reported */
	char		*constraint;
	unsigned int own_index; /* Oid; 0: this side has no index with this very key */

	/* the index in which the key is searched on the other side, and the comparison of each value */
	unsigned int other_index;				   /* Oid */
	unsigned int equal[UNIQUE_INDEX_MAX_KEYS]; /* Oid of a function */
	unsigned int type[UNIQUE_INDEX_MAX_KEYS];  /* Oid of our value's type */
} RivalKey;

typedef struct RivalTable
{
	SessionEntry entry;	   /* by the table's Oid; must be first */
	unsigned int relation; /* Oid */
	Side		 side;
	Side		 other_side;
	unsigned int other; /* Oid of the twin; of its root, when it has partitions */
	unsigned int role;	/* Oid of the role that owns the index which makes the keys */

	int		  key_count; /* 0: the fields below are not filled in */
	RivalKey *keys;

	unsigned int uid_type; /* Oid of the uids' family */
	StateTable	 states;
	RowOwner	*owner[2]; /* by Side */
} RivalTable;

/*
 * Return the entry for the trigger's table, which may be a partition; loaded if need be.  The
 * trigger's arguments name the release and the side.
 */
extern const RivalTable *rival_table_get(struct TriggerData *trigger);

#endif /* PG_GRAY_UNIQUE_RIVAL_TABLE_H */
