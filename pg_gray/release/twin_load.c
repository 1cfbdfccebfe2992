/*
 * twin_load.c: loads the twins of a release from the registry and from the present tables
 */
#include "postgres.h"

#include "access/table.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "postgres/relation.h"
#include "release/own_load.h"
#include "release/registry.h"
#include "release/release.h"
#include "release/release_table.h"
#include "release/twin.h"
#include "release/twin_kept.h"
#include "release/twin_load.h"
#include "release/twin_mapping.h"
#include "release/twin_shape.h"

/* A row of gray.release_table. */
typedef struct Registered
{
	int		  position;
	char	 *name[2];	   /* by Side */
	Oid		  relation[2]; /* by Side */
	bool	  known[2];	   /* by Side: attribute numbers belong to this relation */
	bool	  noted;	   /* the registry knows that the gray table is gone */
	TwinOwner owner;
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

/* Return the table, locked; 0: there is none.  A table can be dropped while its lock is awaited. */
static Oid
lock_table(const char *name, Oid registered, const Release *release)
{
	for (;;)
	{
		Oid relation = release_table_now(name, registered, release->in_place);

		if (!OidIsValid(relation))
			return InvalidOid;
		LockRelationOid(relation, AccessShareLock);
		if (release_table_now(name, registered, release->in_place) == relation)
			return relation;
		UnlockRelationOid(relation, AccessShareLock);
	}
}

static Registered
read_registered(const Release *release, const Registry *row)
{
	Registered table = {.position = registry_int(row, "position"),
						.name = {registry_text(row, "production"), registry_text(row, "gray")},
						.owner = twin_owner_read(row)};
	Oid		   oids[] = {registry_oid(row, "production_oid"), registry_oid(row, "gray_oid")};

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		table.relation[side] = lock_table(table.name[side], oids[side], release);
		table.known[side] = release->in_place && table.relation[side] == oids[side];
	}
	table.noted = !OidIsValid(oids[SIDE_GRAY]);
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
load_pair(Column *column, const Twin *twin, const Registered *table, const Registry *row)
{
	column->registered = registry_int(row, attnum_columns[SIDE_PRODUCTION]);
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		Oid		   relation = twin->relation[side];
		AttrNumber attnum =
			present_attnum(relation, table->known[side], registry_int(row, attnum_columns[side]),
						   registry_text(row, name_columns[side]));

		if (attnum == InvalidAttrNumber || !column_load(column, side, relation, attnum))
			return false;
	}
	return true;
}

/* True when the registry's entry of a pair differs from the present columns. */
static bool
is_outdated(const Column *column, const Registry *row)
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

static void
append_column(Twin *twin, const Column *column)
{
	int count = twin->column_count++;

	if (count == 0)
		twin->columns = palloc(sizeof(Column));
	else if ((count & (count - 1)) == 0)
		twin->columns = repalloc(twin->columns, sizeof(Column) * count * 2);
	twin->columns[count] = *column;
}

/* Load the pairs of columns that the registry has. */
static void
load_pairs(const Release *release, Twin *twin, const Registered *table, TwinSet *set)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"position", Int32GetDatum(twin->position)}};
	Registry	row = registry_begin("column_pair", "column_pair_pkey", keys, 2);

	while (registry_next(&row))
	{
		Column column = {0};

		if (!load_pair(&column, twin, table, &row))
			continue;
		set->outdated |= is_outdated(&column, &row);
		append_column(twin, &column);
	}
	registry_end(&row);
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
		Column			  column = {0};
		AttrNumber		  gray;

		if (attribute->attisdropped || twin_column(twin, SIDE_PRODUCTION, i + 1) != NULL)
			continue;
		gray = unpaired_attnum(twin, SIDE_GRAY, NameStr(attribute->attname));
		if (gray != InvalidAttrNumber &&
			column_load(&column, SIDE_PRODUCTION, twin->relation[SIDE_PRODUCTION], i + 1) &&
			column_load(&column, SIDE_GRAY, twin->relation[SIDE_GRAY], gray))
			append_column(twin, &column);
	}
	return twin->column_count > count;
}

/* Add the columns of a side that are in no pair, in order of attnum. */
static void
load_lone(Twin *twin, Side side, int natts)
{
	for (int attnum = 1; attnum <= natts; attnum++)
	{
		Column column = {0};

		if (twin_column(twin, side, attnum) != NULL ||
			!column_load(&column, side, twin->relation[side], attnum))
			continue;
		column.always = false;
		column.varies = !column.generated[side] && column_default_varies(&column, side);
		append_column(twin, &column);
	}
}

static void
load_columns(const Release *release, Twin *twin, const Registered *table, TwinSet *set)
{
	Relation production = table_open(twin->relation[SIDE_PRODUCTION], AccessShareLock);
	Relation gray = table_open(twin->relation[SIDE_GRAY], AccessShareLock);

	set->outdated |= !table->known[SIDE_PRODUCTION] || !table->known[SIDE_GRAY];
	load_pairs(release, twin, table, set);
	set->outdated |= pair_by_name(twin, RelationGetDescr(production));
	load_lone(twin, SIDE_PRODUCTION, RelationGetNumberOfAttributes(production));
	load_lone(twin, SIDE_GRAY, RelationGetNumberOfAttributes(gray));
	table_close(gray, NoLock);
	table_close(production, NoLock);
}

/*
 * Owner
 */

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
 * Tables that version 2 has dropped
 */

/*
 * True when the gray table was dropped.  In a restored dump a table can be missing under its last
 * known name because it was renamed before the dump: there the registry must say that it is gone.
 */
static bool
is_dropped(const Release *release, const Registered *table)
{
	return !OidIsValid(table->relation[SIDE_GRAY]) && (release->in_place || table->noted);
}

/* Return the dropped gray table over which the owner path leads, or null. */
static const char *
dropped_parent(const Registered *table, const TwinSet *set)
{
	const GoneTwin *parent =
		table->owner.path_count == 0 ? NULL : twin_gone_at(set, table->owner.parent_position);

	if (parent == NULL)
		return NULL;
	return parent->over != NULL ? parent->over : parent->table[SIDE_GRAY];
}

/* Return true when the table takes no part in moves.  Parents have been asked about before. */
static bool
is_gone(const Release *release, const Registered *table, TwinSet *set)
{
	bool		dropped = is_dropped(release, table);
	const char *over = dropped ? NULL : dropped_parent(table, set);
	GoneTwin   *gone;

	if (!dropped && over == NULL)
		return false;
	gone = palloc0(sizeof(GoneTwin));
	gone->position = table->position;
	gone->over = over;
	gone->noted = table->noted;
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		Oid relation = table->relation[side];

		gone->relation[side] = relation;
		gone->table[side] = OidIsValid(relation) ? relation_name(relation) : table->name[side];
		set->renamed |= OidIsValid(relation) && strcmp(gone->table[side], table->name[side]) != 0;
	}
	set->outdated |= set->renamed || (dropped && !table->noted);
	set->gone = lappend(set->gone, gone);
	return true;
}

/*
 * Return false when one of the two tables is gone.  A renamed table may now have the name of
 * another table that is gone.
 */
static bool
load_relations(Twin *twin, const Registered *table, TwinSet *set)
{
	twin->position = table->position;
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		Oid relation = table->relation[side];

		if (!OidIsValid(relation) || twin_find(set, side, relation) != NULL)
			return false;
		twin->relation[side] = relation;
		twin->table[side] = relation_name(relation);
		twin->known[side] = table->known[side];
		set->renamed |= strcmp(twin->table[side], table->name[side]) != 0;
	}
	set->outdated |= set->renamed;
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
	if (!twin_set_owner(twin, twin_at(set, table->owner.parent_position), &table->owner))
	{
		if (!may_miss)
			raise_missing_owner(twin);
		return false;
	}
	twin_find_key(twin);
	return true;
}

static void
leave_out(TwinSet *set, const Registered *table)
{
	Oid gray = table->relation[SIDE_GRAY];

	set->partial = true;
	if (OidIsValid(gray))
		set->left_out = lappend_oid(set->left_out, gray);
}

static TwinSet *
load(const Release *release, const List *positions, bool may_miss)
{
	TwinSet	 *set = palloc0(sizeof(TwinSet));
	List	 *tables = load_registered(release, positions);
	ListCell *cell;

	set->twins = palloc(sizeof(Twin) * Max(list_length(tables), 1));
	set->registered = list_length(tables);
	foreach(cell, tables)
	{
		Twin *twin = &set->twins[set->count];

		if (is_gone(release, lfirst(cell), set))
			continue;
		if (!load_twin(twin, release, lfirst(cell), set, may_miss))
		{
			leave_out(set, lfirst(cell));
			continue;
		}
		twin->place = foreach_current_index(cell);
		set->count++;
	}
	twin_mapping_load(release, set);
	return set;
}

static TwinSet *
load_fully(const Release *release, bool may_miss)
{
	TwinSet *set = load(release, NIL, may_miss);

	twin_kept_load(release, set);
	own_load(release, set);
	for (int i = 0; i < set->count; i++)
		twin_shape_load(&set->twins[i]);
	return set;
}

TwinSet *
twin_load_all(const Release *release)
{
	TwinSet *set = twin_load_uncut(release);

	twin_refuse_cut(twin_find_cut(set));
	return set;
}

TwinSet *
twin_load_uncut(const Release *release)
{
	return load_fully(release, false);
}

TwinSet *
twin_load_whole(const Release *release)
{
	return load_fully(release, true);
}

bool
twin_load_is_back(const Release *release, const TwinSet *set)
{
	ListCell *cell;

	foreach(cell, set->gone)
	{
		const GoneTwin *gone = lfirst(cell);

		if (!OidIsValid(gone->relation[SIDE_GRAY]) &&
			OidIsValid(release_table_now(gone->table[SIDE_GRAY], InvalidOid, release->in_place)))
			return true;
	}
	return false;
}

TwinSet *
twin_load_some(const Release *release, const List *positions)
{
	return load(release, positions, false);
}
