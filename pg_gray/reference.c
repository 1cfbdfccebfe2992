/*
 * reference.c: the foreign keys of a release's tables, and what is known of them
 *
 * A key that is NOT VALID is left out: moved rows are not new, and may be
 * of those that it tolerates.
 *
 * After a copy from production to gray, most keys need no look at the rows.  A
 * gray key holds by copy when production has the same one, valid, on the columns
 * that were copied verbatim, and what it refers to is there on the gray side too:
 *
 *   - it leads to the owner: that row is the user's own, and was copied before; or
 *   - it refers to a table outside the release: that row is the same for both
 *     sides, and can't go as long as the frozen row refers to it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_constraint.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "foreign_key.h"
#include "partition.h"
#include "playbook.h"
#include "reference.h"
#include "twin_kept.h"

/* Returns the type of match of a valid key, and 0 for one that is not. */
static char
match_of_valid(const ForeignKeyCacheInfo *key)
{
	HeapTuple		   tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key->conoid));
	Form_pg_constraint constraint;
	char			   match;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", key->conoid);
	constraint = (Form_pg_constraint) GETSTRUCT(tuple);
	match = constraint->convalidated ? constraint->confmatchtype : '\0';
	ReleaseSysCache(tuple);
	return match;
}

/*
 * Rows that the user's own row by definition leads to can't go away: their
 * writers are shut out by the user's lock.
 */
static bool
leads_to_owner(const Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;
	const Twin				  *twin = reference->twin;
	const Twin				  *parent = reference->parent;
	Side					   side = reference->side;

	if (parent == NULL)
		return false;
	if (parent == twin->parent)
	{
		if (key->nkeys != twin->path_count)
			return false;
		for (int i = 0; i < key->nkeys; i++)
		{
			bool found = false;

			for (int j = 0; j < twin->path_count && !found; j++)
				found = twin->path_columns[j]->attnum[side] == key->conkey[i] &&
						twin->parent_columns[j]->attnum[side] == key->confkey[i];
			if (!found)
				return false;
		}
		return key->conrelid == twin->relation[side] && key->confrelid == parent->relation[side];
	}
	return key->nkeys == 1 && key->conrelid == twin->relation[side] &&
		   key->confrelid == parent->relation[side] && twin->uid_column != NULL &&
		   parent->uid_column != NULL && twin->uid_column->attnum[side] == key->conkey[0] &&
		   parent->uid_column->attnum[side] == key->confkey[0];
}

static bool
leads_to_key(const Reference *reference)
{
	const Twin *parent = reference->parent;

	for (int i = 0; parent != NULL && i < reference->key->nkeys; i++)
	{
		bool found = false;

		for (int j = 0; j < parent->key_count && !found; j++)
			found = parent->key_columns[j]->attnum[reference->side] == reference->key->confkey[i];
		if (!found)
			return false;
	}
	return parent != NULL;
}

/*
 * The number that a gray column has in production, if its values are copied as they are,
 * and never others that were kept; or 0.
 */
static AttrNumber
verbatim_attnum(const Twin *twin, AttrNumber gray)
{
	const TwinColumn *column = twin_column(twin, SIDE_GRAY, gray);

	return column != NULL && twin_column_is_verbatim(column) && !twin_kept_pair(twin, column)
			   ? column->attnum[SIDE_PRODUCTION]
			   : InvalidAttrNumber;
}

static bool
same_column(const Reference *gray, int i, const ForeignKeyCacheInfo *production)
{
	AttrNumber from = verbatim_attnum(gray->twin, gray->key->conkey[i]);
	AttrNumber to = gray->parent == NULL ? gray->key->confkey[i]
										 : verbatim_attnum(gray->parent, gray->key->confkey[i]);

	for (int j = 0; j < production->nkeys; j++)
	{
		if (from != InvalidAttrNumber && to != InvalidAttrNumber && production->conkey[j] == from &&
			production->confkey[j] == to && production->conpfeqop[j] == gray->key->conpfeqop[i])
			return true;
	}
	return false;
}

static bool
is_same_key(const Reference *gray, const ForeignKeyCacheInfo *production)
{
	Oid to = gray->parent == NULL ? gray->key->confrelid : gray->parent->relation[SIDE_PRODUCTION];

	if (production->nkeys != gray->key->nkeys || production->confrelid != to ||
		production->conrelid != gray->twin->relation[SIDE_PRODUCTION] ||
		match_of_valid(production) != match_of_valid(gray->key))
		return false;
	for (int i = 0; i < production->nkeys; i++)
	{
		if (!same_column(gray, i, production))
			return false;
	}
	return true;
}

static bool
holds_by_copy(const Reference *gray)
{
	ListCell *cell;

	if (gray->key->conrelid != gray->twin->relation[SIDE_GRAY] ||
		(gray->parent != NULL && !gray->to_owner))
		return false;
	foreach(cell, foreign_key_list_family(gray->twin->relation[SIDE_PRODUCTION]))
	{
		if (is_same_key(gray, lfirst(cell)))
			return true;
	}
	return false;
}

static List *
load_list(const TwinSet *set, Twin *twin, Side side)
{
	List	 *references = NIL;
	ListCell *cell;

	foreach(cell, foreign_key_list_family(twin->relation[side]))
	{
		ForeignKeyCacheInfo *key = lfirst(cell);
		Reference			*reference;

		if (match_of_valid(key) == '\0')
			continue;
		reference = palloc0(sizeof(Reference));
		reference->side = side;
		reference->key = key;
		reference->twin = twin;
		reference->parent = twin_find(set, side, partition_root(key->confrelid));
		reference->to_owner = leads_to_owner(reference);
		reference->to_key = leads_to_key(reference);
		reference->holds_by_copy = side == SIDE_GRAY && holds_by_copy(reference);
		references = lappend(references, reference);
	}
	return references;
}

void
reference_load_all(Playbook *playbook)
{
	TwinSet *set = playbook->set;

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		playbook->references[side] = palloc0(sizeof(List *) * Max(set->count, 1));
		for (int i = 0; i < set->count; i++)
			playbook->references[side][i] = load_list(set, &set->twins[i], side);
	}
}

struct List *
reference_list(const Playbook *playbook, const Twin *twin, Side side)
{
	return playbook->references[side][playbook_place(playbook, twin)];
}
