/*
 * partition_cover.c: matches the partitions of one table with the partitions of another table
 *
 * Both tables divide the same values among their partitions.  The algorithm calls meet() for each
 * pair of partitions that have a value in common.  A value of no partition belongs to the default
 * partition.
 */
#include "postgres.h"

#include "access/table.h"
#include "nodes/bitmapset.h"
#include "nodes/pg_list.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/partcache.h"
#include "utils/rel.h"

#include "check/partition_cover.h"
#include "postgres/definition.h"

/* The most remainders to compare one by one; moduli are seldom above 1,000. */
#define MAX_REMAINDERS 1000000

typedef struct Cover
{
	PartitionKey	   key;
	PartitionBoundInfo from;
	PartitionBoundInfo to;
	Bitmapset		 **places; /* of each partition of `from` */
	bool			  *has_gap;
} Cover;

/* Note that two partitions have a value in common; -1 stands for the default partition, if any. */
static void
meet(Cover *cover, int from, int to)
{
	if (from < 0)
		from = cover->from->default_index;
	if (to < 0)
		to = cover->to->default_index;
	if (from < 0)
		return;
	if (to < 0)
		cover->has_gap[from] = true;
	else
		cover->places[from] = bms_add_member(cover->places[from], to);
}

/*
 * Hashes
 */

/* The least common multiple of both moduli, after which the pairs of remainders repeat. */
static int64
count_remainders(PartitionBoundInfo a, PartitionBoundInfo b)
{
	int64 divisor = a->nindexes;
	int64 rest = b->nindexes;

	while (rest != 0)
	{
		int64 next = divisor % rest;

		divisor = rest;
		rest = next;
	}
	return a->nindexes / divisor * b->nindexes;
}

static void
meet_hashes(Cover *cover)
{
	int64 period = count_remainders(cover->from, cover->to);

	for (int64 i = 0; i < period; i++)
		meet(cover, cover->from->indexes[i % cover->from->nindexes],
			 cover->to->indexes[i % cover->to->nindexes]);
}

/*
 * Lists
 */

static int
find_value(const Cover *cover, PartitionBoundInfo bound, Datum value)
{
	bool equal = false;
	int	 offset;

	offset = partition_list_bsearch(cover->key->partsupfunc, cover->key->partcollation, bound,
									value, &equal);
	return offset >= 0 && equal ? bound->indexes[offset] : -1;
}

static void
meet_lists(Cover *cover)
{
	for (int i = 0; i < cover->from->ndatums; i++)
		meet(cover, cover->from->indexes[i],
			 find_value(cover, cover->to, cover->from->datums[i][0]));
	for (int i = 0; i < cover->to->ndatums; i++)
	{
		if (find_value(cover, cover->from, cover->to->datums[i][0]) < 0)
			meet(cover, -1, cover->to->indexes[i]);
	}
	meet(cover, cover->from->null_index, cover->to->null_index);
	meet(cover, -1, -1);
}

/*
 * Ranges: n bounds make n + 1 stretches; the first and the last stretch are open
 */

static int
compare_bounds(PartitionKey key, PartitionBoundInfo a, int i, PartitionBoundInfo b, int j)
{
	for (int column = 0; column < key->partnatts; column++)
	{
		PartitionRangeDatumKind kind = a->kind[i][column];
		int						order;

		/* MINVALUE is below any value, and any value is below MAXVALUE. */
		if (kind != b->kind[j][column])
			return kind < b->kind[j][column] ? -1 : 1;
		if (kind != PARTITION_RANGE_DATUM_VALUE)
			return 0;
		order =
			DatumGetInt32(FunctionCall2Coll(&key->partsupfunc[column], key->partcollation[column],
											a->datums[i][column], b->datums[j][column]));
		if (order != 0)
			return order;
	}
	return 0;
}

/* True when stretch i of a ends where stretch j of b begins, or before. */
static bool
lies_below(PartitionKey key, PartitionBoundInfo a, int i, PartitionBoundInfo b, int j)
{
	return i < a->ndatums && j > 0 && compare_bounds(key, a, i, b, j - 1) <= 0;
}

static void
meet_ranges(Cover *cover)
{
	PartitionBoundInfo from = cover->from;
	PartitionBoundInfo to = cover->to;
	int				   first = 0;

	for (int i = 0; i <= from->ndatums; i++)
	{
		while (lies_below(cover->key, to, first, from, i))
			first++;
		for (int j = first; j <= to->ndatums && !lies_below(cover->key, from, i, to, j); j++)
			meet(cover, from->indexes[i], to->indexes[j]);
	}
	/* A default partition takes nulls. */
	meet(cover, -1, -1);
}

/*
 * Tables
 */

static List *
list_covers(const Cover *cover, PartitionDesc from, PartitionDesc to)
{
	List *list = NIL;

	for (int i = 0; i < from->nparts; i++)
	{
		PartitionCover *one = palloc0(sizeof(PartitionCover));
		int				place = -1;

		one->partition = from->oids[i];
		one->is_default = i == cover->from->default_index;
		one->has_gap = cover->has_gap[i];
		while ((place = bms_next_member(cover->places[i], place)) >= 0)
			one->places = lappend_oid(one->places, to->oids[place]);
		list = lappend(list, one);
	}
	return list;
}

static List *
compare(PartitionKey key, PartitionDesc from, PartitionDesc to)
{
	Cover cover = {.key = key, .from = from->boundinfo, .to = to->boundinfo};

	if (from->nparts == 0)
		return NIL;
	cover.places = palloc0(sizeof(Bitmapset *) * from->nparts);
	cover.has_gap = palloc0(sizeof(bool) * from->nparts);
	if (key->strategy == PARTITION_STRATEGY_HASH)
		meet_hashes(&cover);
	else if (key->strategy == PARTITION_STRATEGY_LIST)
		meet_lists(&cover);
	else
		meet_ranges(&cover);
	return list_covers(&cover, from, to);
}

List *
partition_cover(unsigned int from, unsigned int to)
{
	Relation tables[] = {table_open(from, AccessShareLock), table_open(to, AccessShareLock)};
	List	*covers =
		compare(definition_partition_key(tables[0]), definition_partition_desc(tables[0]),
				definition_partition_desc(tables[1]));

	table_close(tables[0], NoLock);
	table_close(tables[1], NoLock);
	return covers;
}

static bool
same_rule(PartitionKey a, PartitionKey b)
{
	if (a->strategy != b->strategy || a->partnatts != b->partnatts)
		return false;
	for (int i = 0; i < a->partnatts; i++)
	{
		if (a->parttypid[i] != b->parttypid[i] || a->partopfamily[i] != b->partopfamily[i] ||
			a->partcollation[i] != b->partcollation[i])
			return false;
	}
	return true;
}

/* False when the moduli have a long common period, which would take too long to compare. */
static bool
same_period(PartitionDesc a, PartitionDesc b)
{
	return a->nparts == 0 || b->nparts == 0 || a->boundinfo->strategy != PARTITION_STRATEGY_HASH ||
		   count_remainders(a->boundinfo, b->boundinfo) <= MAX_REMAINDERS;
}

bool
partition_cover_comparable(unsigned int from, unsigned int to)
{
	Relation tables[] = {table_open(from, AccessShareLock), table_open(to, AccessShareLock)};
	bool	 comparable =
		same_rule(definition_partition_key(tables[0]), definition_partition_key(tables[1])) &&
		same_period(definition_partition_desc(tables[0]), definition_partition_desc(tables[1]));

	table_close(tables[0], NoLock);
	table_close(tables[1], NoLock);
	return comparable;
}
