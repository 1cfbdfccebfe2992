/*
 * fence_key.h: caches, for the session, the foreign keys by whose actions a fenced table is
 * written
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
	bool			is_outside; /* the referred table is outside the release */
	RowOwner		owner;		/* otherwise: the owner of the referred row */

	/* finds a live twin that still refers to the same row; null: gray has no columns for the key */
	struct _SPI_plan *same_twin;
} FenceKey;

/* A foreign key whose action reaches rows of the release when a row of the table is deleted. */
typedef struct FenceDependent
{
	ReferenceAction action;
	KeyLook			referrers;
	/* referred columns of the table, which may be a partition */
	int16_t columns[REFERENCE_MAX_COLUMNS];
} FenceDependent;

typedef struct FenceKeys
{
	SessionEntry entry;	   /* by the table's Oid; must be first */
	unsigned int relation; /* Oid */
	int			 count;
	FenceKey	*keys;
	/* Oid of the table's root: the table itself, or the table of which it is a partition */
	unsigned int root;
	unsigned int role;	  /* Oid of the role that owns the tables */
	RoleFormats	 formats; /* the role's formats, by which values are cast */

	/* of a production table only; the plans take the uid and the frozen row as arguments */
	/* finds a live twin; null: the gray table, or the path from it to its user, is gone */
	struct _SPI_plan *twin;
	int				  dependent_count;
	FenceDependent	 *dependents;
} FenceKeys;

/*
 * Return the foreign keys of a table, valid until the next call.  The tables that they refer to,
 * and the owner paths of these tables, are locked ACCESS SHARE.
 */
extern const FenceKeys *fence_key_get(const struct FenceTable *table);

/*
 * True when a frozen row, which the key's action deletes or else updates, has a live twin that the
 * way home would not put in its place.
 */
extern bool fence_key_has_twin(const FenceKeys *keys, const FenceKey *key, uintptr_t uid,
							   const struct TriggerData *trigger, bool deleted);

#endif /* PG_GRAY_FENCE_FENCE_KEY_H */
