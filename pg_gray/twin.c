/*
 * twin.c: a production table and its gray clone
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "query.h"
#include "relation.h"
#include "release.h"
#include "twin.h"
#include "twin_kept.h"
#include "twin_lone.h"
#include "twin_mapping.h"

/* A row of gray.release_table. */
typedef struct Registered
{
	int		   position;
	Oid		   relation[2]; /* by Side */
	bool	   known[2];	/* by Side: it is the relation that attribute numbers are of */
	AttrNumber uid_attnum;
	int		   parent_position;
	int		   path_count;
	AttrNumber path[INDEX_MAX_KEYS];
	AttrNumber parent[INDEX_MAX_KEYS];
} Registered;

/*
 * The registry
 */

static Oid
registered_relation(uint64 row, int oid_column, int name_column)
{
	char *oid = query_text(row, oid_column);

	if (oid == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s of the release does not exist", query_text(row, name_column)),
				 errhint("A release knows its tables by name: give the table its name back.")));
	return (Oid) strtoul(oid, NULL, 10);
}

/* The text of a smallint[] from our own catalog, such as {1,2,3}; returns the count. */
static int
parse_attnums(const char *text, AttrNumber *attnums)
{
	int count = 0;

	while (text != NULL && *text != '}' && *text != '\0' && count < INDEX_MAX_KEYS)
	{
		char *end;

		attnums[count++] = (AttrNumber) strtol(text + 1, &end, 10);
		text = end;
	}
	return count;
}

static Registered *
load_registered(const Release *release, int *count)
{
	QueryArgs	args = {0};
	Registered *tables;

	query_arg_int(&args, release->id);
	*count = query_run("SELECT position, to_regclass(production)::oid::text, production,"
					   " to_regclass(gray)::oid::text, gray, uid_attnum, parent_position,"
					   " path_attnums::text, parent_attnums::text,"
					   " to_regclass(production) = production_oid, to_regclass(gray) = gray_oid"
					   " FROM gray.release_table WHERE release_id = $1 ORDER BY position",
					   &args);
	tables = palloc0(sizeof(Registered) * Max(*count, 1));
	for (int row = 0; row < *count; row++)
	{
		Registered *table = &tables[row];

		table->position = query_int(row, 1);
		table->relation[SIDE_PRODUCTION] = registered_relation(row, 2, 3);
		table->relation[SIDE_GRAY] = registered_relation(row, 4, 5);
		table->uid_attnum = query_int(row, 6);
		table->parent_position = query_int(row, 7);
		table->path_count = parse_attnums(query_text(row, 8), table->path);
		(void) parse_attnums(query_text(row, 9), table->parent);
		table->known[SIDE_PRODUCTION] = release->in_place && strcmp(query_text(row, 10), "t") == 0;
		table->known[SIDE_GRAY] = release->in_place && strcmp(query_text(row, 11), "t") == 0;
	}
	return tables;
}

/*
 * Columns
 */

/* False when the column has been dropped. */
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
	if (side == SIDE_PRODUCTION)
		column->always = attribute->attidentity == ATTRIBUTE_IDENTITY_ALWAYS;
	ReleaseSysCache(tuple);
	return live;
}

/*
 * The number of a registered column now.  In a restored dump dropped columns are
 * gone, and the others have moved up: there the last known name counts.
 */
static AttrNumber
present_attnum(Oid relation, bool known, AttrNumber attnum, const char *name)
{
	return known ? attnum : get_attnum(relation, name);
}

static bool
load_pair(TwinColumn *column, const Twin *twin, const Registered *table, uint64 row)
{
	column->registered = query_int(row, 1);
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		Oid		   relation = twin->relation[side];
		AttrNumber attnum = present_attnum(relation, table->known[side], query_int(row, 1 + side),
										   query_text(row, 3 + side));

		if (attnum == InvalidAttrNumber || !load_column_side(column, side, relation, attnum))
			return false;
	}
	return true;
}

/* Is what the registry has of a pair not what there is? */
static bool
is_outdated(const TwinColumn *column, uint64 row)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		if (column->attnum[side] != query_int(row, 1 + side) ||
			strcmp(column->name[side], quote_identifier(query_text(row, 3 + side))) != 0)
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
 * Columns that both sides got under one name after the clone, or in place of one
 * that was dropped, are a pair too.  Returns true if there are any.
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
		gray = unpaired_attnum(twin, SIDE_GRAY, NameStr(attribute->attname));
		if (gray != InvalidAttrNumber &&
			load_column_side(column, SIDE_PRODUCTION, twin->relation[SIDE_PRODUCTION],
							 attribute->attnum) &&
			load_column_side(column, SIDE_GRAY, twin->relation[SIDE_GRAY], gray))
			twin->column_count++;
	}
	return twin->column_count > count;
}

static void
load_columns(const Release *release, Twin *twin, const Registered *table, TwinSet *set)
{
	Relation  production = table_open(twin->relation[SIDE_PRODUCTION], AccessShareLock);
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg_int(&args, twin->position);
	rows = query_run("SELECT production_attnum, gray_attnum, production_name, gray_name"
					 " FROM gray.column_pair"
					 " WHERE release_id = $1 AND position = $2 ORDER BY production_attnum",
					 &args);

	twin->columns =
		palloc0(sizeof(TwinColumn) * (rows + RelationGetNumberOfAttributes(production)));
	set->outdated |= !table->known[SIDE_PRODUCTION] || !table->known[SIDE_GRAY];
	for (uint64 row = 0; row < rows; row++)
	{
		TwinColumn *column = &twin->columns[twin->column_count];

		if (!load_pair(column, twin, table, row))
			continue;
		set->outdated |= is_outdated(column, row);
		twin->column_count++;
	}
	set->outdated |= pair_by_name(twin, RelationGetDescr(production));
	table_close(production, NoLock);
}

/*
 * Owner
 */

/* By its number in the registry. */
static TwinColumn *
owner_column(const Twin *twin, AttrNumber attnum)
{
	TwinColumn *column = NULL;

	for (int i = 0; i < twin->column_count && column == NULL; i++)
	{
		if (twin->columns[i].registered == attnum)
			column = &twin->columns[i];
	}
	if (column == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("a column that leads from table %s to its user was dropped on one side",
						twin->table[SIDE_PRODUCTION]),
				 errhint("Drop the release and create it again, once nobody's data is in gray.")));
	return column;
}

static TwinColumn **
owner_columns(const Twin *twin, const AttrNumber *attnums, int count)
{
	TwinColumn **columns = palloc(sizeof(TwinColumn *) * count);

	for (int i = 0; i < count; i++)
		columns[i] = owner_column(twin, attnums[i]);
	return columns;
}

static void
resolve_owner(Twin *twin, const Registered *table, TwinSet *set)
{
	if (table->path_count == 0)
	{
		twin->uid_column = owner_column(twin, table->uid_attnum);
		return;
	}
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].position == table->parent_position)
			twin->parent = &set->twins[i];
	}
	twin->path_count = table->path_count;
	twin->path_columns = owner_columns(twin, table->path, table->path_count);
	twin->parent_columns = owner_columns(twin->parent, table->parent, table->path_count);
}

/*
 * Key
 */

/*
 * How well an index serves as a key; 0: not at all.  A deferrable one does, too: moves see
 * committed rows, and those are unique.
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

/* The twin columns of a unique, not-null index on plain columns; or null. */
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

/* The primary key if it serves, else the first other unique index that serves best. */
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

TwinSet *
twin_load_all(const Release *release)
{
	TwinSet	   *set = palloc0(sizeof(TwinSet));
	Registered *tables = load_registered(release, &set->count);

	set->twins = palloc0(sizeof(Twin) * Max(set->count, 1));
	for (int i = 0; i < set->count; i++)
	{
		Twin *twin = &set->twins[i];

		twin->position = tables[i].position;
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			twin->relation[side] = tables[i].relation[side];
			twin->table[side] = relation_name(twin->relation[side]);
		}
		load_columns(release, twin, &tables[i], set);
		twin_lone_load(twin);
		resolve_owner(twin, &tables[i], set);
		find_key(twin);
	}
	twin_mapping_load(release, set);
	twin_kept_load(release, set);
	return set;
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
