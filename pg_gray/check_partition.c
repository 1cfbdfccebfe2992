/*
 * check_partition.c: whether each row would find its partition
 *
 * Known for certain is only that a row finds one where the other side has a
 * partition with the same bounds, or a table takes all rows.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "check_partition.h"
#include "fence.h"
#include "partition.h"
#include "relation.h"
#include "release.h"

/*
 * Places
 */

static bool
all_remainders(const PartitionBoundInfo bounds)
{
	for (int i = 0; i < bounds->nindexes; i++)
	{
		if (bounds->indexes[i] < 0)
			return false;
	}
	return true;
}

/* A plain table, one with a default partition, and one with all remainders of a hash. */
static bool
takes_all_rows(Oid relation)
{
	Relation	  table = table_open(relation, AccessShareLock);
	PartitionDesc partitions;
	bool		  takes = true;

	if (partition_is_parent(relation))
	{
		partitions = RelationGetPartitionDesc(table, true);
		takes = partitions->nparts > 0 &&
				(partition_bound_has_default(partitions->boundinfo) ||
				 (partitions->boundinfo->strategy == PARTITION_STRATEGY_HASH &&
				  all_remainders(partitions->boundinfo)));
	}
	table_close(table, NoLock);
	return takes;
}

typedef struct Place
{
	Oid	  partition;
	char *bound;
} Place;

static int
compare_bounds(const ListCell *a, const ListCell *b)
{
	return strcmp(((Place *) lfirst(a))->bound, ((Place *) lfirst(b))->bound);
}

/* The partitions of a table, by their bounds. */
static List *
list_places(Oid relation)
{
	List	 *places = NIL;
	ListCell *cell;

	foreach(cell, find_inheritance_children(relation, AccessShareLock))
	{
		Place *place = palloc(sizeof(Place));

		place->partition = lfirst_oid(cell);
		place->bound = partition_bound(place->partition);
		places = lappend(places, place);
	}
	list_sort(places, compare_bounds);
	return places;
}

/* The name that `partition` would have beside `parent`, if it is free. */
static char *
free_name(Oid partition, Oid parent)
{
	char *name = get_rel_name(partition);
	Oid	  schema = get_rel_namespace(parent);

	if (OidIsValid(get_relname_relid(name, schema)))
		return "...";
	return quote_qualified_identifier(get_namespace_name(schema), name);
}

static void
add_missing(Oid from_partition, int more, Oid to, Side to_side, Findings *findings)
{
	char *others = more == 0 ? "" : psprintf(" and %d more", more);
	char *table = relation_name(to);

	finding_add(findings, false, table,
				psprintf("none of its partitions has the bounds of %s%s, and none is the default: a row may find no partition on the way %s",
						 relation_name(from_partition), others,
						 to_side == SIDE_GRAY ? "to gray" : "home"),
				psprintf("CREATE TABLE %s PARTITION OF %s %s;", free_name(from_partition, to),
						 table, partition_bound(from_partition)));
}

static void
add_other_key(Oid from, Oid to, Side to_side, Findings *findings)
{
	char *table = relation_name(to);

	finding_add(findings, false, table,
				psprintf("partitioned by other columns than %s, and without a default partition: a row may find no partition on the way %s",
						 relation_name(from), to_side == SIDE_GRAY ? "to gray" : "home"),
				psprintf("CREATE TABLE ... PARTITION OF %s DEFAULT;", table));
}

static void check_places(Oid from, Oid to, Side to_side, Findings *findings);

/* Both are partitioned, by the same columns. */
static void
match_places(Oid from, Oid to, Side to_side, Findings *findings)
{
	List	 *places = list_places(to);
	ListCell *next = list_head(places);
	ListCell *cell;
	Oid		  first_missing = InvalidOid;
	int		  missing = 0;

	foreach(cell, list_places(from))
	{
		Oid partition = ((Place *) lfirst(cell))->partition;

		while (next != NULL && compare_bounds(next, cell) < 0)
			next = lnext(places, next);
		if (next != NULL && compare_bounds(next, cell) == 0)
			check_places(partition, ((Place *) lfirst(next))->partition, to_side, findings);
		else if (missing++ == 0)
			first_missing = partition;
	}
	if (missing > 0 && !takes_all_rows(to))
		add_missing(first_missing, missing - 1, to, to_side, findings);
}

static void
check_places(Oid from, Oid to, Side to_side, Findings *findings)
{
	if (partition_is_parent(from) && partition_is_parent(to) &&
		strcmp(partition_key(from), partition_key(to)) == 0)
		match_places(from, to, to_side, findings);
	else if (!takes_all_rows(to))
		add_other_key(from, to, to_side, findings);
}

/*
 * Each partition
 */

static void
check_owner(const Twin *twin, Side side, Oid partition, Findings *findings)
{
	Oid owner = relation_owner(twin->relation[side]);

	if (relation_owner(partition) != owner)
		finding_add(findings, true, relation_name(partition),
					psprintf("belongs to another role than %s: moves run as the owner of that",
							 twin->table[side]),
					psprintf("ALTER TABLE %s OWNER TO %s;", relation_name(partition),
							 quote_identifier(GetUserNameFromId(owner, false))));
}

/* PostgreSQL gives a partition that is attached later the row trigger, but not this one. */
static void
check_truncate(const Release *release, Oid partition, Findings *findings)
{
	if (release->is_open && !fence_guards_truncate(partition))
		finding_add(findings, false, relation_name(partition),
					"attached after the release was opened: TRUNCATE of it is not fenced",
					psprintf("SELECT gray_open('%s'); puts the fence up there too.", release->name));
}

void
check_partitions(const Release *release, const Twin *twin, Findings *findings)
{
	check_places(twin->relation[SIDE_PRODUCTION], twin->relation[SIDE_GRAY], SIDE_GRAY, findings);
	check_places(twin->relation[SIDE_GRAY], twin->relation[SIDE_PRODUCTION], SIDE_PRODUCTION,
				 findings);
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		ListCell *cell;

		foreach(cell, partition_all(twin->relation[side]))
		{
			check_owner(twin, side, lfirst_oid(cell), findings);
			if (side == SIDE_PRODUCTION)
				check_truncate(release, lfirst_oid(cell), findings);
		}
	}
}
