/*
 * diff_partition.c: pairs the partitions of twins, and lists how they differ
 */
#include "postgres.h"

#include "catalog/partition.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/partition.h"
#include "postgres/relation.h"
#include "structure/diff_partition.h"
#include "structure/difference.h"

static Oid
find_namesake(const List *partitions, Oid relation)
{
	ListCell *cell;

	foreach(cell, partitions)
	{
		if (strcmp(get_rel_name(lfirst_oid(cell)), get_rel_name(relation)) == 0)
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

static Difference *
make_difference(const Twin *twin, Oid partition, bool in_production, bool in_gray)
{
	Difference *difference = palloc0(sizeof(Difference));

	difference->twin = twin;
	difference->table = twin->table[SIDE_GRAY];
	difference->subject = DIFF_PARTITION;
	difference->name = get_rel_name(partition);
	difference->in_production = in_production;
	difference->in_gray = in_gray;
	difference->text = in_gray ? "only in gray" : "only in production";
	return difference;
}

/* The gray table whose partition the twin of this production partition is, or would be. */
static char *
gray_parent(const Twin *twin, Oid partition)
{
	Oid parent = get_partition_parent(partition, false);

	if (parent == twin->relation[SIDE_PRODUCTION])
		return twin->table[SIDE_GRAY];
	return quote_qualified_identifier(get_namespace_name(
										  get_rel_namespace(twin->relation[SIDE_GRAY])),
									  get_rel_name(parent));
}

static Difference *
missing_in_gray(const Twin *twin, Oid partition)
{
	Difference *difference = make_difference(twin, partition, true, false);
	Oid			schema = get_rel_namespace(twin->relation[SIDE_GRAY]);

	difference->undo =
		psprintf("CREATE TABLE %s PARTITION OF %s %s%s",
				 quote_qualified_identifier(get_namespace_name(schema), get_rel_name(partition)),
				 gray_parent(twin, partition), partition_bound(partition),
				 partition_is_parent(partition)
					 ? psprintf(" PARTITION BY %s", partition_key(partition))
					 : "");
	return difference;
}

static Difference *
missing_in_production(const Twin *twin, Oid partition)
{
	Difference *difference = make_difference(twin, partition, false, true);

	difference->undo = psprintf("DROP TABLE %s", relation_name(partition));
	return difference;
}

/* The difference between the bounds of two partitions, or null if the bounds are the same. */
static Difference *
compare_bounds(const Twin *twin, Oid production, Oid gray)
{
	char	   *wanted = partition_bound(production);
	char	   *present = partition_bound(gray);
	char	   *parent = relation_name(get_partition_parent(gray, false));
	Difference *difference;

	if (strcmp(wanted, present) == 0)
		return NULL;
	difference = make_difference(twin, gray, true, true);
	difference->text = psprintf("%s in gray, %s in production", present, wanted);
	difference->undo =
		psprintf("ALTER TABLE %s DETACH PARTITION %s; ALTER TABLE %s ATTACH PARTITION %s %s",
				 parent, relation_name(gray), parent, relation_name(gray), wanted);
	return difference;
}

void
diff_partition_load(const Twin *twin, List **pairs, List **differences)
{
	List	 *production = partition_all(twin->relation[SIDE_PRODUCTION]);
	List	 *gray = partition_all(twin->relation[SIDE_GRAY]);
	ListCell *cell;

	foreach(cell, production)
	{
		Oid			partition = lfirst_oid(cell);
		Oid			namesake = find_namesake(gray, partition);
		DiffPair   *pair = palloc(sizeof(DiffPair));
		Difference *difference;

		if (!OidIsValid(namesake))
		{
			*differences = lappend(*differences, missing_in_gray(twin, partition));
			continue;
		}
		*pair = (DiffPair){.twin = twin, .relation = {partition, namesake}};
		*pairs = lappend(*pairs, pair);
		difference = compare_bounds(twin, partition, namesake);
		if (difference != NULL)
			*differences = lappend(*differences, difference);
	}
	foreach(cell, gray)
	{
		if (!OidIsValid(find_namesake(production, lfirst_oid(cell))))
			*differences = lappend(*differences, missing_in_production(twin, lfirst_oid(cell)));
	}
}
