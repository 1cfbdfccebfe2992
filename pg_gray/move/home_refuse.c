/*
 * home_refuse.c: refuses rows that can't come home
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/lsyscache.h"

#include "move/failed_row.h"
#include "move/home_refuse.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/partition.h"
#include "postgres/sql_text.h"
#include "release/twin_sql.h"

void
home_refuse_written(const Twin *twin, Side side)
{
	ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					errmsg("rows of table %s were written by somebody else during the move",
						   twin->table[side]),
					errhint("Try again.")));
}

/* Return the table that version 2 has dropped and in whose rows in production the error arose. */
static const GoneTwin *
find_frozen(const Move *move, const ErrorData *error)
{
	Oid		  schema = get_namespace_oid(error->schema_name, true);
	Oid		  table = partition_root(get_relname_relid(error->table_name, schema));
	ListCell *cell;

	foreach(cell, move->prepared->set->gone)
	{
		const GoneTwin *gone = lfirst(cell);

		if (OidIsValid(table) && gone->relation[SIDE_PRODUCTION] == table)
			return gone;
	}
	return NULL;
}

void
home_refuse_explain(const Move *move, ErrorData *error)
{
	const GoneTwin *frozen = NULL;

	if (error->hint == NULL && error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION &&
		error->table_name != NULL && error->schema_name != NULL && move->prepared != NULL)
		frozen = find_frozen(move, error);
	if (frozen != NULL)
		error->hint =
			psprintf("%s is gone, so the rows of %s are as they were before the stay. Insert in gray again what they refer to; or give up with gray_discard.",
					 frozen->table[SIDE_GRAY], frozen->table[SIDE_PRODUCTION]);
}

/* Append: FROM the user's gray rows g, or the picked ones, JOINed with their twins p. */
static void
append_twins(StringInfo sql, const Twin *twin, bool picked)
{
	appendStringInfo(sql, " FROM %s g JOIN %s p ON ", twin->table[SIDE_GRAY],
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " WHERE ");
	if (picked)
		appendStringInfoString(sql, "g.ctid = ANY ($2)");
	else
		twin_sql_owned(sql, twin, SIDE_GRAY, "g");
}

static void
raise_foreign(const Move *move, const Twin *twin, char *key)
{
	failed_row_is(move, twin, SIDE_PRODUCTION, key);
	ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
					errmsg("a row of table %s belongs to another user in production",
						   twin->table[SIDE_PRODUCTION]),
					errdetail("Key %s.", key)));
}

static void
foreign_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfoString(sql, "SELECT ");
	failed_row_append_key(sql, twin, SIDE_PRODUCTION, "p");
	append_twins(sql, twin, false);
	appendStringInfoString(sql, " AND (");
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, ") IS NOT TRUE LIMIT 1");
}

void
home_refuse_foreign_rows(const Move *move, const Twin *twin)
{
	if (twin->key_count > 0 &&
		statement_run(move, (Statement){foreign_text, twin, NULL}, &move->args) > 0)
		raise_foreign(move, twin, query_text(0, 1));
}

static void
picked_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfoString(sql, "SELECT CASE WHEN (");
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, ") IS NOT TRUE THEN ");
	failed_row_append_key(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, " END");
	append_twins(sql, twin, true);
}

uint64_t
home_refuse_foreign_picked(const Move *move, const Twin *twin, const QueryArgs *picked)
{
	uint64 rows = statement_run(move, (Statement){picked_text, twin, NULL}, picked);

	for (uint64 row = 0; row < rows; row++)
	{
		if (!query_is_null(row, 1))
			raise_foreign(move, twin, query_text(row, 1));
	}
	return rows;
}

/* True when some part of a row does not go to gray, or comes back changed. */
static bool
holds_more(const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (column_on(column, SIDE_PRODUCTION) && !column_is_verbatim(column) &&
			(column_is_pair(column) || !column->generated[SIDE_PRODUCTION]))
			return true;
	}
	return false;
}

static void
given_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfoString(sql, "SELECT ");
	failed_row_append_key(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfo(sql, " FROM %s p JOIN %s g ON ", twin->table[SIDE_PRODUCTION],
					 twin->table[SIDE_GRAY]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " WHERE ");
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, " AND (");
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	appendStringInfoString(sql, ") IS NOT TRUE LIMIT 1");
}

void
home_refuse_given_rows(Move *move, const Twin *twin)
{
	char *key;

	if (twin->key_count == 0 || !holds_more(twin) ||
		statement_run(move, (Statement){given_text, twin, NULL}, &move->args) == 0)
		return;
	key = query_text(0, 1);
	move->gave = true;
	failed_row_is(move, twin, SIDE_PRODUCTION, key);
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("a row of table %s belongs to another user in gray", twin->table[SIDE_GRAY]),
			 errdetail("Key %s.", key)));
}

static void
append_gray_key(StringInfo sql, const Twin *twin, const char *alias)
{
	for (int i = 0; i < twin->key_count; i++)
		appendStringInfo(sql, "%s%s.%s", i == 0 ? "" : ", ", alias,
						 twin->key_columns[i]->name[SIDE_GRAY]);
}

static void
duplicate_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfoString(sql, "SELECT ");
	failed_row_append_key(sql, twin, SIDE_GRAY, "g");
	appendStringInfo(sql, " FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	appendStringInfoString(sql, " GROUP BY ");
	append_gray_key(sql, twin, "g");
	appendStringInfoString(sql, " HAVING pg_catalog.count(*) > 1 LIMIT 1");
}

/* For a plain table, where tids tell rows apart. */
static void
picked_duplicate_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfoString(sql, "SELECT ");
	failed_row_append_key(sql, twin, SIDE_GRAY, "g");
	appendStringInfo(sql, " FROM %s g JOIN %s o ON ", twin->table[SIDE_GRAY],
					 twin->table[SIDE_GRAY]);
	for (int i = 0; i < twin->key_count; i++)
	{
		const Column *column = twin->key_columns[i];

		sql_text_equal(sql, psprintf("o.%s", column->name[SIDE_GRAY]), column->type[SIDE_GRAY],
					   psprintf("g.%s", column->name[SIDE_GRAY]), column->type[SIDE_GRAY]);
		appendStringInfoString(sql, " AND ");
	}
	appendStringInfoString(sql, "o.ctid <> g.ctid WHERE g.ctid = ANY ($2) AND ");
	twin_sql_owned(sql, twin, SIDE_GRAY, "o");
	appendStringInfoString(sql, " LIMIT 1");
}

void
home_refuse_duplicate_keys(const Move *move, const Twin *twin, const QueryArgs *picked)
{
	Statement statement = {picked == NULL ? duplicate_text : picked_duplicate_text, twin, NULL};
	char	 *key;

	if (!twin->key_is_loose ||
		statement_run(move, statement, picked == NULL ? &move->args : picked) == 0)
		return;
	key = query_text(0, 1);
	failed_row_is(move, twin, SIDE_PRODUCTION, key);
	ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
					errmsg("table %s has several rows in gray for one of table %s",
						   twin->table[SIDE_GRAY], twin->table[SIDE_PRODUCTION]),
					errdetail("Key %s is there more than once.", key),
					errhint("Leave one of them in gray.")));
}

static void
append_changed_identity(StringInfo sql, const Twin *twin, const Column *column, bool picked)
{
	appendStringInfo(sql, "SELECT g.%s, ", column->name[SIDE_GRAY]);
	failed_row_append_key(sql, twin, SIDE_GRAY, "g");
	append_twins(sql, twin, picked);
	appendStringInfo(sql, " AND g.%s IS DISTINCT FROM ", column->name[SIDE_GRAY]);
	twin_sql_up(sql, column);
	appendStringInfoString(sql, " LIMIT 1");
}

static void
identity_text(StringInfo sql, const Twin *twin, const void *column)
{
	append_changed_identity(sql, twin, column, false);
}

static void
picked_identity_text(StringInfo sql, const Twin *twin, const void *column)
{
	append_changed_identity(sql, twin, column, true);
}

static void
refuse_changed_identity(const Move *move, const Twin *twin, const Column *column,
						const QueryArgs *picked)
{
	Statement statement = {picked == NULL ? identity_text : picked_identity_text, twin, column};

	if (statement_run(move, statement, picked == NULL ? &move->args : picked) > 0)
	{
		failed_row_is(move, twin, SIDE_PRODUCTION, query_text(0, 2));
		ereport(ERROR, (errcode(ERRCODE_GENERATED_ALWAYS),
						errmsg("column %s of table %s is GENERATED ALWAYS, and was changed in gray",
							   column->name[SIDE_PRODUCTION], twin->table[SIDE_PRODUCTION]),
						errdetail("In gray it is now %s.", query_text(0, 1))));
	}
}

void
home_refuse_changed_identities(const Move *move, const Twin *twin, const QueryArgs *picked)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (twin->columns[i].always && twin->key_count > 0)
			refuse_changed_identity(move, twin, &twin->columns[i], picked);
	}
}
