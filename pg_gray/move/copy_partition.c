/*
 * copy_partition.c: inserts rows into the partitions where they belong
 *
 * An INSERT into a partitioned table fires triggers that silent_write.c can't reach.  So one query
 * counts the rows for each partition, by the partitions' own constraints, and then one statement
 * for each partition with rows inserts them.
 *
 * A partition may have other defaults than its parent.  As in an INSERT into the parent, the
 * parent's defaults count: so all columns are named.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

#include "move/copy_partition.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/partition.h"
#include "postgres/relation.h"

typedef struct Place
{
	Oid	   partition;
	char  *fits; /* condition on the columns of the partition */
	uint64 rows;
} Place;

typedef struct Copy
{
	Move	   *move;
	const Twin *twin;
	Side		side;
	const char *names;
	const char *rows; /* SELECT whose columns have those names */
	int			place_count;
	Place	   *places;
} Copy;

/*
 * Places
 */

static void
load_places(Copy *copy)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(copy->twin->relation[copy->side]));
	copy->place_count = query_run("SELECT relid,"
								  " coalesce(pg_get_partition_constraintdef(relid), 'true')"
								  " FROM pg_partition_tree($1) WHERE isleaf ORDER BY relid",
								  &args);
	copy->places = palloc0(sizeof(Place) * Max(copy->place_count, 1));
	for (int i = 0; i < copy->place_count; i++)
	{
		copy->places[i].partition = query_oid(i, 1);
		copy->places[i].fits = query_text(i, 2);
	}
}

/* Return an expression: the number of a row's partition in places; null when there is none. */
static char *
place_expression(const Copy *copy)
{
	StringInfoData text;

	if (copy->place_count == 0)
		return "NULL::integer";
	initStringInfo(&text);
	appendStringInfoString(&text, "CASE");
	for (int i = 0; i < copy->place_count; i++)
		appendStringInfo(&text, " WHEN %s THEN %d", copy->places[i].fits, i);
	appendStringInfoString(&text, " END");
	return text.data;
}

/*
 * Fill in how many rows go where; returns how many have no place.  OFFSET 0 keeps
 * the planner from working out the place once for each partition that is read.
 */
static int
count_rows(Copy *copy)
{
	int	   lost = 0;
	uint64 rows = statement_run_once(copy->move,
									 psprintf("SELECT place, count(*) FROM (SELECT %s AS place"
											  " FROM (%s OFFSET 0) AS r) AS placed GROUP BY place",
											  place_expression(copy), copy->rows),
									 &copy->move->args);

	for (uint64 row = 0; row < rows; row++)
	{
		uint64 count = query_count(row, 2);

		if (query_is_null(row, 1))
			lost = count;
		else
			copy->places[query_int(row, 1)].rows = count;
	}
	return lost;
}

static uint64
insert_where(const Copy *copy, Oid table, const char *condition)
{
	SilentTarget target = {copy->move->prepared->set, copy->twin, copy->side, table};
	char		*sql =
		psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (%s) AS r WHERE %s",
				 relation_name(table), copy->names, copy->names, copy->rows, condition);

	return statement_write_once(copy->move, sql, &copy->move->args, target);
}

/* Provoke PostgreSQL's own error for such a row, which names its key. */
static void
raise_lost(const Copy *copy)
{
	(void) insert_where(copy, copy->twin->relation[copy->side],
						psprintf("(%s) IS NULL", place_expression(copy)));
	elog(ERROR, "the partitions of table %s do not fit their constraints",
		 copy->twin->table[copy->side]);
}

static void
insert_rows(const Copy *copy, const Place *place)
{
	uint64 rows = insert_where(copy, place->partition, place->fits);

	if (rows != place->rows)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rows for partition %s went elsewhere when they were asked for again",
						relation_name(place->partition)),
				 errhint(
					 "A column of the partition key must not have a default that changes by itself.")));
}

uint64_t
partition_copy_rows(Move *move, const Twin *twin, Side side, const char *names, const char *values,
					const char *source)
{
	Copy   copy = {.move = move, .twin = twin, .side = side, .names = names};
	uint64 rows = 0;

	/* As for an INSERT: no partition is detached while this lock is held. */
	LockRelationOid(twin->relation[side], RowExclusiveLock);
	copy.rows = psprintf("SELECT %s%s", values, source);
	load_places(&copy);
	if (count_rows(&copy) > 0)
		raise_lost(&copy);
	for (int i = 0; i < copy.place_count; i++)
	{
		if (copy.places[i].rows > 0)
			insert_rows(&copy, &copy.places[i]);
		rows += copy.places[i].rows;
	}
	return rows;
}
