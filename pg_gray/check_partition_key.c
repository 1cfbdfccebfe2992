/*
 * check_partition_key.c: partitions without the foreign key that leads to the owner
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"

#include "check_partition_key.h"
#include "foreign_key.h"
#include "partition.h"
#include "relation.h"

/* Is this the column pair of the owner path at some place of the key? */
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

/* Has a table, or one of its partitions, a foreign key that is the twin's owner path? */
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
names(TwinColumn **columns, int count, Side side)
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
