/*
 * check_partition.c: checks whether each row would find its partition on the other side
 *
 * The finding is an error if every row of a partition would be refused: one side has a partition
 * for values for which the other side has none.  The finding is a warning if it depends on the row:
 * the row is in a default partition, or the other side finds the partition by other values.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "optimizer/optimizer.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"

#include "check/check_partition.h"
#include "check/partition_cover.h"
#include "fence/fence.h"
#include "postgres/definition.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "release/release.h"

/*
 * Partitions and partition keys
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

static bool
all_placed(PartitionDesc partitions)
{
	if (partitions->nparts == 0)
		return false;
	return partition_bound_has_default(partitions->boundinfo) ||
		   (partitions->boundinfo->strategy == PARTITION_STRATEGY_HASH &&
			all_remainders(partitions->boundinfo));
}

/*
 * True for a plain table, and for a partitioned table with a default partition or all remainders of
 * a hash at each level.
 */
static bool
takes_all_rows(Oid relation)
{
	Relation	  table = table_open(relation, AccessShareLock);
	PartitionDesc partitions;
	bool		  takes = true;

	if (partition_is_parent(relation))
	{
		partitions = definition_partition_desc(table);
		takes = all_placed(partitions);
		for (int i = 0; takes && i < partitions->nparts; i++)
			takes = takes_all_rows(partitions->oids[i]);
	}
	table_close(table, NoLock);
	return takes;
}

static bool
has_no_partitions(Oid relation)
{
	return partition_is_parent(relation) &&
		   find_inheritance_children(relation, AccessShareLock) == NIL;
}

/* The columns of the partition key and of its expressions, as attribute numbers of the root. */
static List *
key_columns(Oid root, Oid relation, bool *has_expression)
{
	Relation	 table = table_open(relation, AccessShareLock);
	PartitionKey key = definition_partition_key(table);
	Bitmapset	*used = NULL;
	List		*columns = NIL;
	int			 i = -1;

	for (int column = 0; column < key->partnatts; column++)
	{
		if (key->partattrs[column] != 0)
			columns = lappend_int(columns, key->partattrs[column]);
	}
	pull_varattnos((Node *) key->partexprs, 1, &used);
	while ((i = bms_next_member(used, i)) >= 0)
		columns = lappend_int(columns, i + FirstLowInvalidHeapAttributeNumber);
	*has_expression = key->partexprs != NIL;
	table_close(table, NoLock);
	for (i = 0; i < list_length(columns); i++)
		lfirst_int(list_nth_cell(columns, i)) =
			partition_attnum(root, relation, list_nth_int(columns, i));
	return columns;
}

/* True for a pair of columns whose values are the same on both sides. */
static bool
is_same_value(const Twin *twin, int production, int gray)
{
	const Column *column = twin_pair(twin, SIDE_PRODUCTION, production);

	return column != NULL && column->attnum[SIDE_GRAY] == gray &&
		   column->map[SIDE_PRODUCTION] == NULL && column_is_verbatim(column);
}

/* True when both sides find a row's partition by the same rule from the same values. */
static bool
same_key(const Twin *twin, Oid production, Oid gray)
{
	bool  has_expression[2];
	List *columns[2] = {key_columns(twin->relation[SIDE_PRODUCTION], production, &has_expression[0]),
						key_columns(twin->relation[SIDE_GRAY], gray, &has_expression[1])};
	ListCell *a;
	ListCell *b;

	if (list_length(columns[0]) != list_length(columns[1]) ||
		!partition_cover_comparable(production, gray))
		return false;
	if ((has_expression[0] || has_expression[1]) &&
		strcmp(partition_key(production), partition_key(gray)) != 0)
		return false;
	forboth(a, columns[0], b, columns[1])
	{
		if (!is_same_value(twin, lfirst_int(a), lfirst_int(b)))
			return false;
	}
	return true;
}

/*
 * Findings
 */

/* The name of `partition` in the schema of `parent`; "..." if the name is taken there. */
static char *
free_name(Oid partition, Oid parent)
{
	char *name = get_rel_name(partition);
	Oid	  schema = get_rel_namespace(parent);

	if (OidIsValid(get_relname_relid(name, schema)))
		return "...";
	return quote_qualified_identifier(get_namespace_name(schema), name);
}

static const char *
way_to(Side side)
{
	return side == SIDE_GRAY ? "to gray" : "home";
}

/* The hint for a partition whose rows, or some of them, have no partition on the other side. */
static char *
partition_to_create(const PartitionCover *cover, Oid to)
{
	if (cover->places == NIL)
		return psprintf("CREATE TABLE %s PARTITION OF %s %s;", free_name(cover->partition, to),
						relation_name(to), partition_bound(cover->partition));
	return psprintf("CREATE TABLE ... PARTITION OF %s FOR VALUES ...: what of %s has no place yet.",
					relation_name(to), partition_bound(cover->partition));
}

static void
add_gap(const PartitionCover *cover, int more, Oid to, Side to_side, Findings *findings)
{
	char *others = more == 0 ? "" : psprintf(" and %d more", more);

	finding_add(findings, true, relation_name(to),
				psprintf("no partition for %srows of %s%s: they would be refused on the way %s",
						 cover->places == NIL ? "" : "some ", relation_name(cover->partition),
						 others, way_to(to_side)),
				partition_to_create(cover, to));
}

static void
add_no_default(const PartitionCover *cover, Oid to, Side to_side, Findings *findings)
{
	finding_add(findings, false, relation_name(to),
				psprintf("no default partition like %s: a row of that may find no partition on the way %s",
						 relation_name(cover->partition), way_to(to_side)),
				psprintf("CREATE TABLE %s PARTITION OF %s DEFAULT;",
						 free_name(cover->partition, to), relation_name(to)));
}

static void
add_no_partitions(Oid to, Side to_side, Findings *findings)
{
	finding_add(findings, true, relation_name(to),
				psprintf("it has no partitions: any row would be refused on the way %s",
						 way_to(to_side)),
				psprintf("CREATE TABLE ... PARTITION OF %s ...;", relation_name(to)));
}

static void
add_other_key(Oid from, Oid to, Side to_side, Findings *findings)
{
	char *table = relation_name(to);

	finding_add(findings, false, table,
				psprintf("partitioned by other values than %s, and not for all of them: a row may find no partition on the way %s",
						 relation_name(from), way_to(to_side)),
				psprintf("CREATE TABLE ... PARTITION OF %s DEFAULT;", table));
}

/*
 * Partitions of one side against the other side
 */

static void check_places(const Twin *twin, Oid from, Oid to, Side to_side, Findings *findings);

/* Check two tables that are partitioned by the same rule. */
static void
check_covers(const Twin *twin, Oid from, Oid to, Side to_side, Findings *findings)
{
	PartitionCover *first_gap = NULL;
	int				gaps = 0;
	ListCell	   *cell;
	ListCell	   *place;

	foreach(cell, partition_cover(from, to))
	{
		PartitionCover *cover = lfirst(cell);

		foreach(place, cover->places)
			check_places(twin, cover->partition, lfirst_oid(place), to_side, findings);
		if (cover->has_gap && cover->is_default)
			add_no_default(cover, to, to_side, findings);
		else if (cover->has_gap && gaps++ == 0)
			first_gap = cover;
	}
	if (gaps > 0)
		add_gap(first_gap, gaps - 1, to, to_side, findings);
}

static bool
same_keys_of(const Twin *twin, Oid from, Oid to, Side to_side)
{
	if (!partition_is_parent(from) || !partition_is_parent(to))
		return false;
	return to_side == SIDE_GRAY ? same_key(twin, from, to) : same_key(twin, to, from);
}

static void
check_places(const Twin *twin, Oid from, Oid to, Side to_side, Findings *findings)
{
	if (has_no_partitions(from) || !partition_is_parent(to))
		return;
	if (has_no_partitions(to))
		add_no_partitions(to, to_side, findings);
	else if (same_keys_of(twin, from, to, to_side))
		check_covers(twin, from, to, to_side, findings);
	else if (!takes_all_rows(to))
		add_other_key(from, to, to_side, findings);
}

/* Add a finding for a registered partition: a release has whole tables, as gray_clone demands. */
static void
check_is_root(const char *table, Oid relation, Findings *findings)
{
	Oid root = partition_root(relation);

	if (root != relation)
		finding_add(findings, true, pstrdup(table),
					psprintf("has become a partition of %s: it takes the rows within its bounds only",
							 relation_name(root)),
					psprintf("ALTER TABLE %s DETACH PARTITION %s;",
							 relation_name(linitial_oid(get_partition_ancestors(relation))), table));
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

/*
 * A partition that is attached later gets the row trigger from PostgreSQL, but not the trigger for
 * TRUNCATE.
 */
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
	check_places(twin, twin->relation[SIDE_PRODUCTION], twin->relation[SIDE_GRAY], SIDE_GRAY,
				 findings);
	check_places(twin, twin->relation[SIDE_GRAY], twin->relation[SIDE_PRODUCTION], SIDE_PRODUCTION,
				 findings);
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		ListCell *cell;

		check_is_root(twin->table[side], twin->relation[side], findings);
		foreach(cell, partition_all(twin->relation[side]))
		{
			check_owner(twin, side, lfirst_oid(cell), findings);
			if (side == SIDE_PRODUCTION)
				check_truncate(release, lfirst_oid(cell), findings);
		}
	}
}
