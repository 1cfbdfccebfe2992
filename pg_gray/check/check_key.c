/*
 * check_key.c: checks whether a table has the keys that moves need
 *
 *   indexes      lookups by key and by owner need an index; only valid indexes without a predicate
 *                count
 *   partitions   a partition may lack the foreign key that leads to the owner
 *   unique       two users may take the same unique value, one on each side
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "check/check_key.h"
#include "postgres/foreign_key.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "release/release.h"
#include "unique/unique_index.h"

/* The table that needs an index: a twin's table on one side, or a partition of this table. */
typedef struct Indexed
{
	const Twin *twin;
	Side		side;
	Oid			relation;
} Indexed;

typedef bool (*IndexTest)(const Indexed *indexed, const FormData_pg_index *index);

static bool
any_index(const Indexed *indexed, IndexTest test)
{
	Relation  table = table_open(indexed->relation, AccessShareLock);
	bool	  found = false;
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		HeapTuple	  tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
		Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);

		if (index->indisvalid && heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
			found = found || test(indexed, index);
		ReleaseSysCache(tuple);
	}
	table_close(table, AccessShareLock);
	return found;
}

/* The attribute number in the twin's table of a key column of an index; 0: an expression. */
static AttrNumber
key_attnum(const Indexed *indexed, const FormData_pg_index *index, int i)
{
	AttrNumber attnum = index->indkey.values[i];

	if (attnum <= 0)
		return InvalidAttrNumber;
	return partition_attnum(indexed->twin->relation[indexed->side], indexed->relation, attnum);
}

static bool
begins_with_owner(const Indexed *indexed, const FormData_pg_index *index)
{
	const Twin *twin = indexed->twin;
	AttrNumber	leading = key_attnum(indexed, index, 0);

	if (twin->uid_column != NULL)
		return twin->uid_column->attnum[indexed->side] == leading;
	for (int i = 0; i < twin->path_count; i++)
	{
		if (twin->path_columns[i]->attnum[indexed->side] == leading)
			return true;
	}
	return false;
}

static bool
is_key_column(const Indexed *indexed, AttrNumber attnum)
{
	for (int i = 0; i < indexed->twin->key_count; i++)
	{
		if (indexed->twin->key_columns[i]->attnum[indexed->side] == attnum)
			return true;
	}
	return false;
}

static bool
covers_key(const Indexed *indexed, const FormData_pg_index *index)
{
	bool covers = index->indisunique;

	for (int i = 0; covers && i < index->indnkeyatts; i++)
		covers = is_key_column(indexed, key_attnum(indexed, index, i));
	return covers;
}

/*
 * The leaf partitions of a partitioned table for which neither the leaf nor a table above it has
 * such an index.
 */
static List *
leaves_without(const Indexed *indexed, IndexTest test)
{
	List	 *leaves = NIL;
	ListCell *cell;

	if (any_index(indexed, test))
		return NIL;
	if (!partition_is_parent(indexed->relation))
		return list_make1_oid(indexed->relation);
	foreach(cell, find_inheritance_children(indexed->relation, AccessShareLock))
	{
		Indexed child = {indexed->twin, indexed->side, lfirst_oid(cell)};

		leaves = list_concat(leaves, leaves_without(&child, test));
	}
	return leaves;
}

/*
 * Hints
 */

static char *
free_index_name(Oid relation, const char *column)
{
	return pstrdup(quote_identifier(ChooseRelationName(get_rel_name(relation), column, "idx",
													   get_rel_namespace(relation), false)));
}

/*
 * PostgreSQL builds no index CONCURRENTLY for a partitioned table.  So the hint builds an index on
 * each partition, and attaches it to the index of the partitioned table.
 */
static char *
create_on_partitions(Oid root, Oid leaf, const char *column)
{
	char *parent_index = free_index_name(root, column);
	char *leaf_index = free_index_name(leaf, column);
	char *name = pstrdup(quote_identifier(column));

	return psprintf("CREATE INDEX %s ON ONLY %s (%s); and for each partition without one CREATE INDEX CONCURRENTLY"
					" %s ON %s (%s); ALTER INDEX %s.%s ATTACH PARTITION %s.%s;",
					parent_index, relation_name(root), name, leaf_index, relation_name(leaf), name,
					quote_identifier(get_namespace_name(get_rel_namespace(root))), parent_index,
					quote_identifier(get_namespace_name(get_rel_namespace(leaf))), leaf_index);
}

/* Production's index is built CONCURRENTLY, since other sessions write the table meanwhile. */
static char *
create_index(const Twin *twin, Side side, Oid leaf, AttrNumber attnum)
{
	char *column = get_attname(twin->relation[side], attnum, false);

	if (side == SIDE_PRODUCTION && leaf != twin->relation[side])
		return create_on_partitions(twin->relation[side], leaf, column);
	return psprintf("CREATE INDEX %sON %s (%s);", side == SIDE_PRODUCTION ? "CONCURRENTLY " : "",
					twin->table[side], quote_identifier(column));
}

char *
check_key_hint(const Twin *twin)
{
	const char *table = twin->table[SIDE_PRODUCTION];

	if (partition_is_parent(twin->relation[SIDE_PRODUCTION]))
		return psprintf("ALTER TABLE %s ADD PRIMARY KEY (...): unique and not null, on columns that both sides have.",
						table);
	return psprintf("CREATE UNIQUE INDEX CONCURRENTLY ... ON %s (...); of columns that are NOT NULL and that both sides have.",
					table);
}

/* "user_id, id" */
static char *
gray_key_columns(const Twin *twin)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < twin->key_count; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ", twin->key_columns[i]->name[SIDE_GRAY]);
	return names.data;
}

/*
 * Findings
 */

void
check_key(const Twin *twin, Findings *findings)
{
	const char *table = twin->table[SIDE_PRODUCTION];
	Indexed		gray = {twin, SIDE_GRAY, twin->relation[SIDE_GRAY]};

	if (twin->key_count == 0)
		finding_add(findings, false, pstrdup(table),
					"no key by which a row and its gray twin know each other: whole rows are compared, and one that was changed in gray comes home as a new one",
					check_key_hint(twin));
	else if (!any_index(&gray, covers_key))
		finding_add(findings, false, pstrdup(twin->table[SIDE_GRAY]),
					psprintf("no unique index on the columns of the key of %s: two gray rows could be the twin of one",
							 table),
					psprintf("CREATE UNIQUE INDEX ON %s (%s);", twin->table[SIDE_GRAY],
							 gray_key_columns(twin)));
}

static void
check_owner_index(const Twin *twin, Side side, Findings *findings)
{
	const Column *column = twin->uid_column != NULL ? twin->uid_column : twin->path_columns[0];
	Indexed		  table = {twin, side, twin->relation[side]};
	List		 *leaves = leaves_without(&table, begins_with_owner);

	if (leaves != NIL)
		finding_add(findings, false, psprintf("%s.%s", twin->table[side], column->name[side]),
					"no index begins with it: every move of a user reads the whole table",
					create_index(twin, side, linitial_oid(leaves), column->attnum[side]));
}

void
check_owner_indexes(const Twin *twin, Findings *findings)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		check_owner_index(twin, side, findings);
}

/* True when the foreign key has the owner path's column pair number `place`. */
static bool
has_pair(const Twin *twin, Side side, int place, Oid relation, const ForeignKeyCacheInfo *key)
{
	AttrNumber referring =
		partition_attnum(relation, twin->relation[side], twin->path_columns[place]->attnum[side]);

	for (int i = 0; i < key->nkeys; i++)
	{
		if (key->conkey[i] == referring &&
			key->confkey[i] == twin->parent_columns[place]->attnum[side])
			return true;
	}
	return false;
}

/* True when a foreign key of the relation is the twin's owner path. */
static bool
leads_to_owner(const Twin *twin, Side side, Oid relation)
{
	ListCell *cell;

	foreach(cell, foreign_key_list(relation))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);
		bool					   same =
			key->confrelid == twin->parent->relation[side] && key->nkeys == twin->path_count;

		for (int place = 0; same && place < twin->path_count; place++)
			same = has_pair(twin, side, place, relation, key);
		if (same)
			return true;
	}
	return false;
}

/* "user_id, id" */
static char *
names(Column **columns, int count, Side side)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%s%s", i == 0 ? "" : ", ", columns[i]->name[side]);
	return text.data;
}

static void
add_finding(const Twin *twin, Side side, Oid partition, Findings *findings)
{
	char *columns = names(twin->path_columns, twin->path_count, side);
	char *parent = twin->parent->table[side];

	finding_add(findings, false, relation_name(partition),
				psprintf("has no foreign key on %s to %s, as other partitions have: a row of it may lead to nobody",
						 columns, parent),
				psprintf("ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s);",
						 relation_name(partition), columns, parent,
						 names(twin->parent_columns, twin->path_count, side)));
}

static void
check_side(const Twin *twin, Side side, Findings *findings)
{
	List	 *lacking = NIL;
	bool	  found = false;
	ListCell *cell;

	if (leads_to_owner(twin, side, twin->relation[side]))
		return;
	foreach(cell, partition_all(twin->relation[side]))
	{
		if (partition_is_parent(lfirst_oid(cell)))
			continue;
		if (leads_to_owner(twin, side, lfirst_oid(cell)))
			found = true;
		else
			lacking = lappend_oid(lacking, lfirst_oid(cell));
	}
	foreach(cell, found ? lacking : NIL)
		add_finding(twin, side, lfirst_oid(cell), findings);
}

void
check_partition_keys(const Twin *twin, Findings *findings)
{
	if (twin->parent == NULL || !partition_is_parent(twin->relation[SIDE_PRODUCTION]) ||
		!partition_is_parent(twin->relation[SIDE_GRAY]))
		return;
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		check_side(twin, side, findings);
}

/* Add a warning when writes of one or both sides are not checked, because an index is missing. */
static void
check_index(const Release *release, const UniqueIndex *unique, Findings *findings)
{
	char *name = relation_name(unique->index[SIDE_PRODUCTION]);
	char *off = psprintf("SELECT gray_set_unique(%s, false, %s); if that is meant.",
						 quote_literal_cstr(name), quote_literal_cstr(release->name));

	if (unique->obstacle[SIDE_GRAY] != NULL)
		finding_add(findings, false, name,
					psprintf("%s: two users can take one value, one on each side, and the moved one can then not come home",
							 unique->obstacle[SIDE_GRAY]),
					off);
	else if (unique->obstacle[SIDE_PRODUCTION] != NULL)
		finding_add(findings, false, name,
					psprintf("%s: in production a user can take the value of a moved one, who can then not come home",
							 unique->obstacle[SIDE_PRODUCTION]),
					psprintf("Give it the same index in gray; or %s", off));
}

void
check_unique(const Release *release, const Twin *twin, Findings *findings)
{
	int			 count;
	UniqueIndex *uniques = unique_index_load(release, twin, &count);

	for (int i = 0; i < count; i++)
	{
		if (uniques[i].wanted)
			check_index(release, &uniques[i], findings);
	}
}
