/*
 * rival_table.c: caches, for the session, the keys of a table for which rivals are searched
 *
 * An entry depends on the two twins and on the tables of their owner paths.  When one of these is
 * missing, no row of another user can be found on the other side, and the entry has no keys.
 */
#include "postgres.h"

#include "access/attmap.h"
#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "owner/owner_route.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/release.h"
#include "release/twin_load.h"
#include "unique/rival_table.h"
#include "user/uid.h"
#include "user/user_state.h"

/*
 * Keys
 */

/* Return a copy with constants of its own: the mutator would share those of the old expression. */
static List *
own_expressions(List *root_expressions, const AttrMap *map)
{
	bool whole_row;

	return copyObject(
		(List *) map_variable_attnos((Node *) root_expressions, 1, 0, map, InvalidOid, &whole_row));
}

/* In a partition, columns may have other numbers than in the root. */
static IndexInfo *
own_info(const IndexInfo *root_info, Relation root, Relation relation)
{
	IndexInfo *info = makeNode(IndexInfo);
	AttrMap	  *map = build_attrmap_by_name(RelationGetDescr(relation), RelationGetDescr(root));

	*info = *root_info;
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		if (info->ii_IndexAttrNumbers[i] != 0)
			info->ii_IndexAttrNumbers[i] = map->attnums[info->ii_IndexAttrNumbers[i] - 1];
	}
	info->ii_Expressions = own_expressions(root_info->ii_Expressions, map);
	info->ii_Predicate = own_expressions(root_info->ii_Predicate, map);
	return info;
}

static void
set_columns(RivalKey *key)
{
	Bitmapset *columns = unique_index_columns(key->info);
	int		   attnum = -1;

	key->columns = palloc(sizeof(int16) * bms_num_members(columns));
	while ((attnum = bms_next_member(columns, attnum)) >= 0)
		key->columns[key->column_count++] = attnum;
}

/* Return a partition's own part of a partitioned index, or 0. */
static Oid
partition_index(Relation partition, Oid index)
{
	ListCell *cell;

	foreach(cell, RelationGetIndexList(partition))
	{
		Oid part = lfirst_oid(cell);

		if (get_rel_relispartition(part) && list_member_oid(get_partition_ancestors(part), index))
			return part;
	}
	return InvalidOid;
}

/* Take the name of this side's own index; or else of production's, to which the key belongs. */
static void
set_constraint(RivalKey *key, const UniqueIndex *unique, const RivalTable *table, Relation relation)
{
	Oid index = unique->index[SIDE_PRODUCTION];

	if (table->side == SIDE_PRODUCTION || unique->same_in_gray)
	{
		index = unique->index[table->side];
		key->own_index =
			relation->rd_rel->relispartition ? partition_index(relation, index) : index;
	}
	key->constraint = get_rel_name(OidIsValid(key->own_index) ? key->own_index : index);
}

static void
set_other(RivalKey *key, const UniqueIndex *unique, const RivalTable *table)
{
	Relation index;

	key->other_index = unique->index[table->other_side];
	index = index_open(key->other_index, AccessShareLock);
	for (int i = 0; i < unique->key_count; i++)
	{
		key->type[i] = unique->type[table->side][i];
		key->equal[i] =
			get_opcode(get_opfamily_member(index->rd_opfamily[i], index->rd_opcintype[i],
										   key->type[i], BTEqualStrategyNumber));
	}
	index_close(index, AccessShareLock);
}

static void
load_keys(RivalTable *table, const Twin *twin, const UniqueIndex *uniques, int count)
{
	Relation root = table_open(twin->relation[table->side], AccessShareLock);
	Relation relation = table_open(table->relation, AccessShareLock);

	table->keys = palloc0(sizeof(RivalKey) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		const UniqueIndex *unique = &uniques[i];
		RivalKey		  *key = &table->keys[table->key_count];

		if (!unique_index_checks(unique, table->side))
			continue;
		key->info = own_info(unique->info[table->side], root, relation);
		set_columns(key);
		set_constraint(key, unique, table, relation);
		set_other(key, unique, table);
		table->key_count++;
	}
	table_close(relation, AccessShareLock);
	table_close(root, AccessShareLock);
}

/*
 * Tables
 */

static List *
positions(const OwnerRoute *route)
{
	List *list = NIL;

	for (int i = 0; i < route->count; i++)
		list = lappend_int(list, route->steps[i].position);
	return list;
}

/* Neither route was broken, but the gray table may have been dropped since. */
static void
load_twin(RivalTable *table, const Release *release, OwnerRoute *const *routes)
{
	Oid			root = routes[table->side]->steps[0].relation;
	const Twin *twin =
		twin_find(twin_load_some(release, positions(routes[table->side])), table->side, root);
	MemoryContext procedure;
	UniqueIndex	 *uniques;
	int			  count;

	if (twin == NULL)
		return;
	table->other = twin->relation[table->other_side];
	table->role = relation_owner(twin->relation[SIDE_PRODUCTION]);
	table->uid_type = uid_family(release->uid_type);
	table->states = state_table_of(release);
	uniques = unique_index_load(release, twin, &count);

	procedure = MemoryContextSwitchTo(table->entry.memory);
	load_keys(table, twin, uniques, count);
	for (Side side = SIDE_PRODUCTION; table->key_count > 0 && side <= SIDE_GRAY; side++)
	{
		table->owner[side] = palloc0(sizeof(RowOwner));
		row_owner_load(table->owner[side], &table->entry, routes[side], release->id);
	}
	MemoryContextSwitchTo(procedure);
}

static void
load(void *entry, const void *source)
{
	RivalTable		  *table = entry;
	const TriggerData *data = source;
	const Trigger	  *trigger = data->tg_trigger;
	Release			  *release = release_load_with_tables(trigger->tgargs[0]);
	OwnerRoute		  *routes[2] = {NULL, NULL};

	table->relation = RelationGetRelid(data->tg_relation);
	table->side = side_of_label(trigger->tgargs[1]);
	table->other_side = table->side == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;
	session_cache_made_of(&table->entry, table->relation);
	routes[table->side] = owner_route_load(release, table->side, table->relation);
	if (routes[table->side] == NULL)
		elog(ERROR, "relation %u is not a table of the release", table->relation);
	routes[table->other_side] =
		owner_route_load_at(release, table->other_side, routes[table->side]->steps[0].position);
	if (routes[table->other_side] == NULL)
		return; /* an own table, which production does not have */
	owner_route_made_of(routes[SIDE_PRODUCTION], &table->entry);
	owner_route_made_of(routes[SIDE_GRAY], &table->entry);
	if (routes[SIDE_PRODUCTION]->broken == NULL && routes[SIDE_GRAY]->broken == NULL)
		load_twin(table, release, routes);
}

static SessionCache tables = {.name = "pg_gray rivals",
							  .entry_size = sizeof(RivalTable),
							  .load = load};

const RivalTable *
rival_table_get(TriggerData *trigger)
{
	return session_cache_get(&tables, RelationGetRelid(trigger->tg_relation), trigger);
}
