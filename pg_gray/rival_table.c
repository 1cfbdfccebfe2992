/*
 * rival_table.c: the keys of a table for which rivals are looked for
 *
 * Remembered by the session, and dropped whole, never patched, at the next use
 * after any table of the release or the registry was changed: relcache
 * invalidation only sets a flag, since it may come while an entry is in use.
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
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "catalog.h"
#include "partition.h"
#include "release.h"
#include "rival_table.h"
#include "role.h"
#include "state_table.h"
#include "uid.h"

static MemoryContext memory;
static HTAB			*tables;
static HTAB			*watched; /* Oids of relations; entries were made from what they are */
static bool			 stale;

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	if (tables == NULL || stale)
		return;
	if (!OidIsValid(relation) || hash_search(watched, &relation, HASH_FIND, NULL) != NULL)
		stale = true;
}

void
rival_table_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
}

bool
rival_table_is_stale(void)
{
	return stale;
}

static void
watch(Oid relation)
{
	(void) hash_search(watched, &relation, HASH_ENTER, NULL);
}

static void
forget_all(void)
{
	HASH_SEQ_STATUS scan;
	RivalTable	   *table;

	hash_seq_init(&scan, tables);
	while ((table = hash_seq_search(&scan)) != NULL)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			rival_owner_free(&table->owner[side]);
	}
	tables = NULL;
	watched = NULL;
	MemoryContextDelete(memory);
	memory = NULL;
}

static void
make_empty(void)
{
	HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(Oid)};

	memory = AllocSetContextCreate(TopMemoryContext, "pg_gray rivals", ALLOCSET_SMALL_SIZES);
	control.hcxt = memory;
	watched =
		hash_create("pg_gray rivals watched", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	control.entrysize = sizeof(RivalTable);
	tables = hash_create("pg_gray rivals", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	stale = false;
	watch(catalog_relation("release"));
}

/*
 * Keys
 */

/* With constants of its own: the mutator would leave us those of the old expression. */
static List *
own_expressions(List *root_expressions, const AttrMap *map)
{
	bool whole_row;

	return copyObject(
		(List *) map_variable_attnos((Node *) root_expressions, 1, 0, map, InvalidOid, &whole_row));
}

/* In a partition columns may have other numbers than in the root. */
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

/* A partition's own part of a partitioned index, or 0. */
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

/* Of this side's own index; or else of production's, which is what the key is about. */
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

static void
watch_all(const TwinSet *set)
{
	for (int i = 0; i < set->count; i++)
	{
		watch(set->twins[i].relation[SIDE_PRODUCTION]);
		watch(set->twins[i].relation[SIDE_GRAY]);
	}
}

static const Twin *
find_twin(const RivalTable *table, const TwinSet *set)
{
	const Twin *twin = twin_find(set, table->side, table->relation);

	if (twin == NULL)
		twin = twin_find(set, table->side, partition_root(table->relation));
	if (twin == NULL)
		elog(ERROR, "relation %u is not a table of the release", table->relation);
	return twin;
}

static void
load(RivalTable *table, const Trigger *trigger)
{
	Release		 *release = release_load_with_tables(trigger->tgargs[0]);
	TwinSet		 *set = twin_load_all(release);
	MemoryContext procedure;
	const Twin	 *twin;
	UniqueIndex	 *uniques;
	int			  count;

	watch(table->relation);
	watch_all(set);
	table->side = side_parse(trigger->tgargs[1]);
	table->other_side = table->side == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;
	twin = find_twin(table, set);
	table->other = twin->relation[table->other_side];
	table->uid_type = uid_family(release->uid_type);
	table->states = state_table_of(release);
	uniques = unique_index_load(release, twin, &count);

	procedure = MemoryContextSwitchTo(memory);
	load_keys(table, twin, uniques, count);
	for (Side side = SIDE_PRODUCTION; table->key_count > 0 && side <= SIDE_GRAY; side++)
		rival_owner_load(&table->owner[side], release, twin, side, twin_owner_role(set));
	MemoryContextSwitchTo(procedure);
}

const RivalTable *
rival_table_get(TriggerData *trigger)
{
	Oid			relation = RelationGetRelid(trigger->tg_relation);
	RivalTable *table;
	bool		found;

	if (tables != NULL && stale)
		forget_all();
	if (tables == NULL)
		make_empty();

	table = hash_search(tables, &relation, HASH_ENTER, &found);
	if (!found || !table->complete)
	{
		RoleSwitch before;

		memset(table, 0, sizeof(RivalTable));
		table->relation = relation;
		SPI_connect();
		role_become_catalog_owner(&before);
		load(table, trigger->tg_trigger);
		table->complete = true;
		role_return(&before);
		SPI_finish();
	}
	return table;
}
