/*
 * twin.c: loads the pairs of a production table and its gray clone
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_index.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "postgres/relation.h"
#include "release/registry.h"
#include "release/release.h"
#include "release/release_table.h"
#include "release/twin.h"
#include "release/twin_kept.h"
#include "release/twin_lone.h"
#include "release/twin_mapping.h"
#include "release/twin_shape.h"

/* A row of gray.release_table. */
typedef struct Registered
{
	int			position;
	char	   *name[2];	 /* by Side */
	Oid			relation[2]; /* by Side */
	bool		known[2];	 /* by Side: attribute numbers belong to this relation */
	AttrNumber	uid_attnum;
	int			parent_position;
	int			path_count;
	AttrNumber *path;
	AttrNumber *parent;
} Registered;

/*
 * The registry
 */

static void
raise_missing_table(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table %s of the release does not exist", name),
			 errhint(
				 "Make it again under that name; or give up with gray_discard what the users did whose data is in gray, and drop the release.")));
}

static Registered
read_registered(const Release *release, const Registry *row)
{
	Registered table = {.position = registry_int(row, "position"),
						.name = {registry_text(row, "production"), registry_text(row, "gray")},
						.uid_attnum = registry_int(row, "uid_attnum"),
						.parent_position = registry_int(row, "parent_position")};
	Oid		   oids[] = {registry_oid(row, "production_oid"), registry_oid(row, "gray_oid")};

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		table.relation[side] = release_table_now(table.name[side], oids[side], release->in_place);
		table.known[side] = release->in_place && table.relation[side] == oids[side];
	}
	table.path_count = registry_attnums(row, "path_attnums", &table.path);
	(void) registry_attnums(row, "parent_attnums", &table.parent);
	return table;
}

/* Append the registered tables at a position, or, with 0, all of them. */
static void
append_registered(List **tables, const Release *release, int position)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"position", Int32GetDatum(position)}};
	Registry	row =
		registry_begin("release_table", "release_table_pkey", keys, position == 0 ? 1 : 2);

	while (registry_next(&row))
	{
		Registered *table = palloc(sizeof(Registered));

		*table = read_registered(release, &row);
		*tables = lappend(*tables, table);
	}
	registry_end(&row);
}

/* Return the tables (Registered) in order of position; with null positions, all tables. */
static List *
load_registered(const Release *release, const List *positions)
{
	List	 *tables = NIL;
	List	 *ordered = list_copy(positions);
	ListCell *cell;

	list_sort(ordered, list_int_cmp);
	foreach(cell, ordered)
		append_registered(&tables, release, lfirst_int(cell));
	if (positions == NIL)
		append_registered(&tables, release, 0);
	return tables;
}

/*
 * Columns
 */

/*
 * VACUUM keeps the id of a row that it freezes.  So a very old id may look young: then the caller
 * compares values in vain.
 */
uint64_t
twin_full_xid(unsigned int xid)
{
	uint64 next = U64FromFullTransactionId(ReadNextFullTransactionId());

	return TransactionIdIsNormal(xid) ? next - (uint32) ((TransactionId) next - xid) : 0;
}

/*
 * ALTER TYPE of a column also marks the columns behind it (since 15.20): their catalog rows have
 * the same transaction, and no later command of it.
 */
static bool
is_marked_along(Oid relation, HeapTuple tuple, AttrNumber attnum)
{
	HeapTuple before =
		SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum - 1));
	bool along;

	if (!HeapTupleIsValid(before))
		return false;
	along = HeapTupleHeaderGetRawXmin(before->t_data) == HeapTupleHeaderGetRawXmin(tuple->t_data) &&
			HeapTupleHeaderGetRawCommandId(before->t_data) >=
				HeapTupleHeaderGetRawCommandId(tuple->t_data);
	if (!along && ((Form_pg_attribute) GETSTRUCT(before))->attisdropped)
		along = is_marked_along(relation, tuple, attnum - 1);
	ReleaseSysCache(before);
	return along;
}

/* Return false when the column has been dropped. */
static bool
load_column_side(TwinColumn *column, Side side, Oid relation, AttrNumber attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	Form_pg_attribute attribute;
	bool			  live;

	if (!HeapTupleIsValid(tuple))
		return false;
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	live = !attribute->attisdropped;
	column->attnum[side] = attnum;
	column->name[side] = pstrdup(quote_identifier(NameStr(attribute->attname)));
	column->type[side] = attribute->atttypid;
	column->typmod[side] = attribute->atttypmod;
	column->collation[side] = attribute->attcollation;
	column->generated[side] = attribute->attgenerated != '\0';
	column->altered[side] = twin_full_xid(HeapTupleHeaderGetRawXmin(tuple->t_data));
	column->along[side] = is_marked_along(relation, tuple, attnum);
	if (side == SIDE_PRODUCTION)
		column->always = attribute->attidentity == ATTRIBUTE_IDENTITY_ALWAYS;
	ReleaseSysCache(tuple);
	return live;
}

/*
 * Return the present number of a registered column.  In a restored dump, dropped columns are gone
 * and the others have moved up: there the last known name counts.
 */
static AttrNumber
present_attnum(Oid relation, bool known, AttrNumber attnum, const char *name)
{
	return known ? attnum : get_attnum(relation, name);
}

/* Columns of gray.column_pair, by Side. */
static const char *const attnum_columns[] = {"production_attnum", "gray_attnum"};
static const char *const name_columns[] = {"production_name", "gray_name"};

static bool
load_pair(TwinColumn *column, const Twin *twin, const Registered *table, const Registry *row)
{
	column->registered = registry_int(row, attnum_columns[SIDE_PRODUCTION]);
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		Oid		   relation = twin->relation[side];
		AttrNumber attnum =
			present_attnum(relation, table->known[side], registry_int(row, attnum_columns[side]),
						   registry_text(row, name_columns[side]));

		if (attnum == InvalidAttrNumber || !load_column_side(column, side, relation, attnum))
			return false;
	}
	return true;
}

/* True when the registry's entry of a pair differs from the present columns. */
static bool
is_outdated(const TwinColumn *column, const Registry *row)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		if (column->attnum[side] != registry_int(row, attnum_columns[side]) ||
			strcmp(column->name[side], quote_identifier(registry_text(row, name_columns[side]))) !=
				0)
			return true;
	}
	return false;
}

static AttrNumber
unpaired_attnum(const Twin *twin, Side side, const char *name)
{
	AttrNumber attnum = get_attnum(twin->relation[side], name);

	return attnum > 0 && twin_column(twin, side, attnum) == NULL ? attnum : InvalidAttrNumber;
}

/*
 * Columns that both sides got under one name after the clone, or in place of a dropped one, are a
 * pair too.  Return true if there are any.
 */
static bool
pair_by_name(Twin *twin, TupleDesc production)
{
	int count = twin->column_count;

	for (int i = 0; i < production->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(production, i);
		TwinColumn		 *column = &twin->columns[twin->column_count];
		AttrNumber		  gray;

		if (attribute->attisdropped || twin_column(twin, SIDE_PRODUCTION, attribute->attnum) != NULL)
			continue;
		*column = (TwinColumn){0};
		gray = unpaired_attnum(twin, SIDE_GRAY, NameStr(attribute->attname));
		if (gray != InvalidAttrNumber &&
			load_column_side(column, SIDE_PRODUCTION, twin->relation[SIDE_PRODUCTION],
							 attribute->attnum) &&
			load_column_side(column, SIDE_GRAY, twin->relation[SIDE_GRAY], gray))
			twin->column_count++;
	}
	return twin->column_count > count;
}

/* Load the pairs of the registry, with room for `more`. */
static void
load_pairs(const Release *release, Twin *twin, const Registered *table, TwinSet *set, int more)
{
	int			room = more + 1;
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"position", Int32GetDatum(twin->position)}};
	Registry	row = registry_begin("column_pair", "column_pair_pkey", keys, 2);

	twin->columns = palloc0(sizeof(TwinColumn) * room);
	while (registry_next(&row))
	{
		TwinColumn *column;

		if (twin->column_count + more >= room)
		{
			room *= 2;
			twin->columns = repalloc(twin->columns, sizeof(TwinColumn) * room);
		}
		column = &twin->columns[twin->column_count];
		*column = (TwinColumn){0};
		if (!load_pair(column, twin, table, &row))
			continue;
		set->outdated |= is_outdated(column, &row);
		twin->column_count++;
	}
	registry_end(&row);
}

static void
load_columns(const Release *release, Twin *twin, const Registered *table, TwinSet *set)
{
	Relation production = table_open(twin->relation[SIDE_PRODUCTION], AccessShareLock);

	set->outdated |= !table->known[SIDE_PRODUCTION] || !table->known[SIDE_GRAY];
	load_pairs(release, twin, table, set, RelationGetNumberOfAttributes(production));
	set->outdated |= pair_by_name(twin, RelationGetDescr(production));
	table_close(production, NoLock);
}

/*
 * Owner
 */

/* Return a column by its number in the registry; null: it was dropped on one side. */
static TwinColumn *
owner_column(const Twin *twin, AttrNumber attnum)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (twin->columns[i].registered == attnum)
			return &twin->columns[i];
	}
	return NULL;
}

/* Return the columns; null: one of them was dropped. */
static TwinColumn **
owner_columns(const Twin *twin, const AttrNumber *attnums, int count)
{
	TwinColumn **columns = palloc(sizeof(TwinColumn *) * count);

	for (int i = 0; i < count; i++)
	{
		columns[i] = owner_column(twin, attnums[i]);
		if (columns[i] == NULL)
			return NULL;
	}
	return columns;
}

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

/* Return false when a table or column on the way to the owner is gone. */
static bool
resolve_owner(Twin *twin, const Registered *table, const TwinSet *set)
{
	if (table->path_count == 0)
	{
		twin->uid_column = owner_column(twin, table->uid_attnum);
		return twin->uid_column != NULL;
	}
	twin->parent = twin_at(set, table->parent_position);
	if (twin->parent == NULL)
		return false;
	twin->path_count = table->path_count;
	twin->path_columns = owner_columns(twin, table->path, table->path_count);
	twin->parent_columns = owner_columns(twin->parent, table->parent, table->path_count);
	return twin->path_columns != NULL && twin->parent_columns != NULL;
}

static void
raise_missing_owner(const Twin *twin)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("a column that leads from table %s to its user was dropped on one side",
					twin->table[SIDE_PRODUCTION]),
			 errhint(
				 "Give up with gray_discard what the users did whose data is in gray; then drop the release and create it again.")));
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
static TwinColumn **
index_columns(const Twin *twin, TupleDesc descriptor, Oid index_oid, int *count, int *rank)
{
	HeapTuple	  tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index_oid));
	Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);
	TwinColumn	**columns = palloc(sizeof(TwinColumn *) * INDEX_MAX_KEYS);
	bool		  usable = (*rank = index_rank(tuple)) > 0;

	*count = index->indnkeyatts;
	for (int i = 0; usable && i < *count; i++)
	{
		AttrNumber attnum = index->indkey.values[i];

		columns[i] = twin_column(twin, SIDE_PRODUCTION, attnum);
		usable = columns[i] != NULL && TupleDescAttr(descriptor, attnum - 1)->attnotnull;
	}
	ReleaseSysCache(tuple);
	return usable ? columns : NULL;
}

/* Choose the primary key if it serves, otherwise the first other unique index that serves best. */
static void
find_key(Twin *twin)
{
	Relation  table = table_open(twin->relation[SIDE_PRODUCTION], AccessShareLock);
	int		  best = 0;
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		int			 count;
		int			 rank;
		TwinColumn **columns =
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

/* A renamed table may have the registered name of another table that is gone now. */
static bool
is_taken(const TwinSet *set, Side side, Oid relation)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].relation[side] == relation)
			return true;
	}
	return false;
}

/* Return false when one of the two is gone. */
static bool
load_relations(Twin *twin, const Registered *table, TwinSet *set)
{
	twin->position = table->position;
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		Oid relation = table->relation[side];

		if (!OidIsValid(relation) || is_taken(set, side, relation))
			return false;
		twin->relation[side] = relation;
		twin->table[side] = relation_name(relation);
		twin->known[side] = table->known[side];
		set->outdated |= strcmp(twin->table[side], table->name[side]) != 0;
	}
	return true;
}

/* Return false when the twin is not complete; or raise, unless `may_miss`. */
static bool
load_twin(Twin *twin, const Release *release, const Registered *table, TwinSet *set, bool may_miss)
{
	memset(twin, 0, sizeof(Twin));
	if (!load_relations(twin, table, set))
	{
		if (!may_miss)
			raise_missing_table(table->name[OidIsValid(twin->relation[SIDE_PRODUCTION])]);
		return false;
	}
	load_columns(release, twin, table, set);
	twin_lone_load(twin);
	if (!resolve_owner(twin, table, set))
	{
		if (!may_miss)
			raise_missing_owner(twin);
		return false;
	}
	find_key(twin);
	twin->key_is_loose = is_key_loose(twin);
	return true;
}

static TwinSet *
load(const Release *release, const List *positions, bool may_miss)
{
	TwinSet	 *set = palloc0(sizeof(TwinSet));
	List	 *tables = load_registered(release, positions);
	ListCell *cell;

	set->twins = palloc(sizeof(Twin) * Max(list_length(tables), 1));
	foreach(cell, tables)
	{
		if (load_twin(&set->twins[set->count], release, lfirst(cell), set, may_miss))
			set->count++;
		else
			set->partial = true;
	}
	twin_mapping_load(release, set);
	return set;
}

static TwinSet *
load_fully(const Release *release, bool may_miss)
{
	TwinSet *set = load(release, NIL, may_miss);

	twin_kept_load(release, set);
	for (int i = 0; i < set->count; i++)
		twin_shape_load(&set->twins[i]);
	return set;
}

TwinSet *
twin_load_all(const Release *release)
{
	return load_fully(release, false);
}

TwinSet *
twin_load_whole(const Release *release)
{
	return load_fully(release, true);
}

TwinSet *
twin_load_some(const Release *release, const List *positions)
{
	return load(release, positions, false);
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

TwinColumn *
twin_column(const Twin *twin, Side side, int attnum)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (twin->columns[i].attnum[side] == attnum)
			return &twin->columns[i];
	}
	return NULL;
}

bool
twin_is_key(const Twin *twin, const TwinColumn *column)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		if (twin->key_columns[i] == column)
			return true;
	}
	return false;
}

bool
twin_column_is_verbatim(const TwinColumn *column)
{
	return column->up == NULL && column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY] &&
		   column->typmod[SIDE_PRODUCTION] == column->typmod[SIDE_GRAY] &&
		   !column->generated[SIDE_GRAY];
}

unsigned int
twin_owner_role(const TwinSet *set)
{
	return relation_owner(set->twins[0].relation[SIDE_PRODUCTION]);
}
