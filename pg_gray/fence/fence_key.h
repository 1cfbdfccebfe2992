/*
 * fence_key.h: the foreign keys by whose actions a fenced table is written
 */
#ifndef PG_GRAY_FENCE_FENCE_KEY_H
#define PG_GRAY_FENCE_FENCE_KEY_H

#include <stdbool.h>

#include "owner/row_owner.h"
#include "postgres/role.h"
#include "postgres/session_cache.h"
#include "reference/key_look.h"
#include "reference/reference_action.h"

struct FenceTable;
struct TriggerData;

typedef struct FenceKey
{
	ReferenceAction action;
	KeyLook			referred;
	bool			is_outside; /* it leads out of the release */
	RowOwner		owner;		/* else: of the row referred to */

	/* finds a live twin that still refers to the same; null: gray has no columns for it */
	struct _SPI_plan *same_twin;
} FenceKey;

/* A foreign key that acts on rows of the release when a row of the table goes. */
typedef struct FenceDependent
{
	ReferenceAction action;
	KeyLook			referrers;
	int16_t			columns[REFERENCE_MAX_COLUMNS]; /* of the table, which may be a partition */
} FenceDependent;

typedef struct FenceKeys
{
	SessionEntry entry;	   /* by the table's Oid; must be first */
	unsigned int relation; /* Oid */
	int			 count;
	FenceKey	*keys;
	unsigned int root;	  /* Oid: of the table, which may be a partition */
	unsigned int role;	  /* Oid: who owns the tables */
	RoleFormats	 formats; /* by which values are cast */

	/* of a table of production; plans are given the uid and the frozen row */
	struct _SPI_plan *twin; /* finds a live twin; null: the gray table is gone, or a way to its user */
	int				  dependent_count;
	FenceDependent *dependents;
} FenceKeys;

/*
 * Those of a table.  The tables that they lead to, and the owner
 * paths of these, are locked ACCESS SHARE.
 */
extern const FenceKeys *fence_key_get(const struct FenceTable *table);

/*
 * Does a frozen row, which the action of a key deletes or else updates, have a live twin that
 * the way home would not bring in its place?
 */
extern bool fence_key_has_twin(const FenceKeys *keys, const FenceKey *key, uintptr_t uid,
							   const struct TriggerData *trigger, bool deleted);

#endif /* PG_GRAY_FENCE_FENCE_KEY_H */
