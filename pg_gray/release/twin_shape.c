/*
 * twin_shape.c: records the shape of a pair of tables, so that a later change can be seen
 *
 * A shape is two numbers.  The first is a hash of the pairs with the numbers of attributes, which
 * are never reused.  The second is a hash of the files of either side: ALTER TABLE changes the
 * files when it changes the values of a column (and so do CLUSTER and VACUUM FULL, which change no
 * value).
 */
#include "postgres.h"

#include "access/table.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"

#include "postgres/partition.h"
#include "release/twin_shape.h"

static const char *
text_or(const char *text)
{
	return text == NULL ? "" : text;
}

static void
append_pair(StringInfo text, const Column *column)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		appendStringInfo(text, "%d %u %d %u %d;", column->attnum[side], column->type[side],
						 column->typmod[side], column->collation[side], column->generated[side]);
	appendStringInfo(text, "%s;%s\n", text_or(column->map[SIDE_GRAY]),
					 text_or(column->map[SIDE_PRODUCTION]));
}

/* Stays store this hash: neither the order of columns nor the hashed values may change. */
static uint32
hash_pairs(const Twin *twin)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		Side		  side = column_side(column);

		if (column_is_pair(column))
			append_pair(&text, column);
		else if (column->map[side] != NULL)
			appendStringInfo(&text, "%d %d %s\n", side, column->attnum[side], column->map[side]);
	}
	return hash_bytes((unsigned char *) text.data, text.len);
}

/*
 * Hash the constant defaults of gray-only columns: the values that they give are not kept as long
 * as the defaults stay the same.
 */
static uint64
hash_defaults(const Twin *twin)
{
	StringInfoData texts;

	initStringInfo(&texts);
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		char		 *text;

		if (!column_is_lone(column, SIDE_GRAY) || column->generated[SIDE_GRAY] || column->varies)
			continue;
		text = column_default(column, SIDE_GRAY);
		if (strcmp(text, "NULL") != 0)
			appendStringInfo(&texts, "%d %s\n", column->attnum[SIDE_GRAY], text);
	}
	return texts.len == 0 ? 0 : hash_bytes_extended((unsigned char *) texts.data, texts.len, 0);
}

static List *
load_parts(Oid relation)
{
	List	 *parts = NIL;
	ListCell *cell;

	foreach(cell, partition_all(relation))
	{
		if (!partition_is_parent(lfirst_oid(cell)))
			parts = lappend_oid(parts, lfirst_oid(cell));
	}
	return parts;
}

static uint32
hash_file(Oid relation)
{
	Relation table = table_open(relation, AccessShareLock);
	uint32	 hash = hash_bytes_uint32(table->rd_node.relNode);

	table_close(table, NoLock);
	return hash;
}

static uint32
hash_files(const Twin *twin, Side side)
{
	uint32	  hash = 0;
	ListCell *cell;

	if (!partition_is_parent(twin->relation[side]))
		return hash_file(twin->relation[side]);
	foreach(cell, twin->parts[side])
		hash ^= hash_file(lfirst_oid(cell));
	return hash;
}

static int
count_attributes(Oid relation)
{
	Relation table = table_open(relation, AccessShareLock);
	int		 count = RelationGetNumberOfAttributes(table);

	table_close(table, NoLock);
	return count;
}

void
twin_shape_load(Twin *twin)
{
	twin->pairing = hash_pairs(twin);
	twin->defaults = hash_defaults(twin);
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		twin->natts[side] = count_attributes(twin->relation[side]);
		twin->parts[side] = load_parts(twin->relation[side]);
		twin->files[side] = hash_files(twin, side);
	}
}

uint64_t
twin_shape_columns(const Twin *twin)
{
	return (uint64) twin->pairing << 32 | (uint64) twin->natts[SIDE_PRODUCTION] << 16 |
		   twin->natts[SIDE_GRAY];
}

bool
twin_shape_same_pairs(uint64_t left, uint64_t right)
{
	return left >> 32 == right >> 32;
}

uint64_t
twin_shape_common(uint64_t left, uint64_t right)
{
	uint64 pairing = twin_shape_same_pairs(left, right) ? left >> 32 : 0;

	return pairing << 32 | Min(left & 0xFFFF0000, right & 0xFFFF0000) |
		   Min(left & 0xFFFF, right & 0xFFFF);
}

bool
twin_shape_had(uint64_t columns, Side side, int attnum)
{
	return attnum <= (int) ((side == SIDE_PRODUCTION ? columns >> 16 : columns) & 0xFFFF);
}

uint64_t
twin_shape_storage(const Twin *twin)
{
	return (uint64) twin->files[SIDE_PRODUCTION] << 32 | twin->files[SIDE_GRAY];
}

uint32_t
twin_shape_storage_of(uint64_t storage, Side side)
{
	return (uint32) (side == SIDE_PRODUCTION ? storage >> 32 : storage);
}
