/*
 * twin.c: loads the pairs of a production table and its gray clone
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "postgres/catalog.h"
#include "postgres/relation.h"
#include "release/registry.h"
#include "release/twin.h"

Twin *
twin_at(const TwinSet *set, int position)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].position == position)
			return &set->twins[i];
	}
	return NULL;
}

Twin *
twin_find_own(const TwinSet *set, unsigned int relation)
{
	for (int i = 0; i < set->own_count; i++)
	{
		if (set->own[i].relation[SIDE_GRAY] == relation)
			return &set->own[i];
	}
	return NULL;
}

Column *
twin_registered(const Twin *twin, int16_t attnum)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (twin->columns[i].registered == attnum)
			return &twin->columns[i];
	}
	return NULL;
}

Twin *
twin_find(const TwinSet *set, Side side, unsigned int relation)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].relation[side] == relation)
			return &set->twins[i];
	}
	return NULL;
}

const GoneTwin *
twin_gone_at(const TwinSet *set, int position)
{
	ListCell *cell;

	foreach(cell, set->gone)
	{
		const GoneTwin *gone = lfirst(cell);

		if (gone->position == position)
			return gone;
	}
	return NULL;
}

const GoneTwin *
twin_find_cut(const TwinSet *set)
{
	ListCell *cell;

	foreach(cell, set->gone)
	{
		const GoneTwin *gone = lfirst(cell);

		if (gone->over != NULL)
			return gone;
	}
	return NULL;
}

void
twin_refuse_cut(const GoneTwin *cut)
{
	if (cut != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s leads to its users over %s, which is gone", cut->table[SIDE_GRAY],
						cut->over),
				 errhint("Make %s again under that name. Or drop %s, too; or drop the release, and clone %s by an owner path that does not lead over it.",
						 cut->over, cut->table[SIDE_GRAY], cut->table[SIDE_PRODUCTION])));
}

Column *
twin_column(const Twin *twin, Side side, int attnum)
{
	if (attnum == InvalidAttrNumber)
		return NULL;
	for (int i = 0; i < twin->column_count; i++)
	{
		if (twin->columns[i].attnum[side] == attnum)
			return &twin->columns[i];
	}
	return NULL;
}

Column *
twin_pair(const Twin *twin, Side side, int attnum)
{
	Column *column = twin_column(twin, side, attnum);

	return column != NULL && column_is_pair(column) ? column : NULL;
}

TwinOwner
twin_owner_read(const Registry *row)
{
	TwinOwner owner = {.uid_attnum = registry_int(row, "uid_attnum"),
					   .parent_position = registry_int(row, "parent_position")};

	owner.path_count = registry_attnums(row, "path_attnums", &owner.path);
	(void) registry_attnums(row, "parent_attnums", &owner.parent);
	return owner;
}

/* Return the columns; null: one of them was dropped. */
static Column **
owner_columns(const Twin *twin, const int16_t *attnums, int count)
{
	Column **columns = palloc(sizeof(Column *) * count);

	for (int i = 0; i < count; i++)
	{
		columns[i] = twin_registered(twin, attnums[i]);
		if (columns[i] == NULL)
			return NULL;
	}
	return columns;
}

bool
twin_set_owner(Twin *twin, Twin *parent, const TwinOwner *owner)
{
	if (owner->path_count == 0)
	{
		twin->uid_column = twin_registered(twin, owner->uid_attnum);
		return twin->uid_column != NULL;
	}
	if (parent == NULL)
		return false;
	twin->parent = parent;
	twin->path_count = owner->path_count;
	twin->path_columns = owner_columns(twin, owner->path, owner->path_count);
	twin->parent_columns = owner_columns(parent, owner->parent, owner->path_count);
	return twin->path_columns != NULL && twin->parent_columns != NULL;
}

bool
twin_is_key(const Twin *twin, const Column *column)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		if (twin->key_columns[i] == column)
			return true;
	}
	return false;
}

unsigned int
twin_owner_role(const TwinSet *set)
{
	ListCell *cell;

	if (set->count > 0)
		return relation_owner(set->twins[0].relation[SIDE_PRODUCTION]);
	foreach(cell, set->gone)
	{
		Oid frozen = ((const GoneTwin *) lfirst(cell))->relation[SIDE_PRODUCTION];

		if (OidIsValid(frozen))
			return relation_owner(frozen);
	}
	return catalog_owner();
}

/*
 * Key
 */

/*
 * Return how well an index serves as a key; 0: not at all.  A deferrable index serves, too: moves
 * see committed rows, and those are unique.
 */
static int
index_rank(HeapTuple tuple)
{
	Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);

	if (!index->indisunique || !index->indisvalid ||
		!heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
		return 0;
	if (index->indisprimary)
		return 3;
	return index->indimmediate ? 2 : 1;
}

/* Return the twin columns of a unique, not-null index on plain columns; or null. */
static Column **
index_columns(const Twin *twin, TupleDesc descriptor, Oid index_oid, int *count, int *rank)
{
	HeapTuple	  tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index_oid));
	Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);
	Column		**columns = palloc(sizeof(Column *) * INDEX_MAX_KEYS);
	bool		  usable = (*rank = index_rank(tuple)) > 0;

	*count = index->indnkeyatts;
	for (int i = 0; usable && i < *count; i++)
	{
		AttrNumber attnum = index->indkey.values[i];

		columns[i] = twin_pair(twin, SIDE_PRODUCTION, attnum);
		usable = columns[i] != NULL && TupleDescAttr(descriptor, attnum - 1)->attnotnull;
	}
	ReleaseSysCache(tuple);
	return usable ? columns : NULL;
}

/* Choose the primary key if it serves, otherwise the first other unique index that serves best. */
static void
find_best(Twin *twin)
{
	Relation  table = table_open(twin->relation[SIDE_PRODUCTION], AccessShareLock);
	int		  best = 0;
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		int		 count;
		int		 rank;
		Column **columns =
			index_columns(twin, RelationGetDescr(table), lfirst_oid(cell), &count, &rank);

		if (columns == NULL || rank <= best)
			continue;
		best = rank;
		twin->key_count = count;
		twin->key_columns = columns;
	}
	table_close(table, NoLock);
}

static bool
is_in_key(const Twin *twin, AttrNumber gray)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		if (twin->key_columns[i]->attnum[SIDE_GRAY] == gray)
			return true;
	}
	return false;
}

/* True when a unique index of gray rules out two rows with the same key. */
static bool
keeps_key_unique(const Twin *twin, Oid index_oid)
{
	HeapTuple	  tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index_oid));
	Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);
	bool		  keeps = index_rank(tuple) > 0;

	for (int i = 0; i < index->indnkeyatts; i++)
		keeps &= is_in_key(twin, index->indkey.values[i]);
	ReleaseSysCache(tuple);
	return keeps;
}

static bool
is_key_loose(const Twin *twin)
{
	Relation  table = table_open(twin->relation[SIDE_GRAY], AccessShareLock);
	bool	  loose = twin->key_count > 0;
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
		loose &= !keeps_key_unique(twin, lfirst_oid(cell));
	table_close(table, NoLock);
	return loose;
}

void
twin_find_key(Twin *twin)
{
	find_best(twin);
	twin->key_is_loose = is_key_loose(twin);
}
