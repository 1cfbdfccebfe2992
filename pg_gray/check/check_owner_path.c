/*
 * check_owner_path.c: checks whether each row leads to one user, and to the right user
 *
 * A row that leads to nobody stays in production.  Version 2 does not see it and can't create such
 * a row, though both schemas allow it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_column.h"
#include "check/check_count.h"
#include "check/check_owner_path.h"
#include "owner/owner_path.h"
#include "owner/owner_sql.h"
#include "postgres/query.h"
#include "postgres/sql_text.h"
#include "release/release.h"
#include "release/twin_sql.h"

/*
 * Collations
 */

static void
check_collation(const Twin *twin, const Column *column, Findings *findings)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		Oid collation = column->collation[side];

		if (!OidIsValid(collation) || get_collation_isdeterministic(collation))
			continue;
		finding_add(findings, true, psprintf("%s.%s", twin->table[side], column->name[side]),
					psprintf("its collation %s takes different texts for equal: rows of one user would move with another",
							 quote_identifier(get_collation_name(collation))),
					psprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s COLLATE \"C\"; with all columns that refer to it.",
							 twin->table[side], column->name[side],
							 format_type_with_typemod(column->type[side], column->typmod[side])));
	}
}

static bool
is_among(const Column *column, const Column *const *columns, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (columns[i] == column)
			return true;
	}
	return false;
}

/*
 * For each table, check the columns of its own owner path and the columns that child tables lead
 * to.  A column that is both is checked once.
 */
void
check_owner_collations(const TwinSet *set, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin	  *twin = &set->twins[i];
		const Column **columns;
		int			   count = owner_sql_columns(twin, &columns);
		List		  *led_to = NIL;
		ListCell	  *cell;

		for (int j = 0; j < count; j++)
			check_collation(twin, columns[j], findings);
		for (int child = i + 1; child < set->count; child++)
		{
			for (int j = 0; set->twins[child].parent == twin && j < set->twins[child].path_count;
				 j++)
				led_to = list_append_unique_ptr(led_to, set->twins[child].parent_columns[j]);
		}
		foreach(cell, led_to)
		{
			if (!is_among(lfirst(cell), columns, count))
				check_collation(twin, lfirst(cell), findings);
		}
	}
}

/*
 * Other columns that may say whose a row is
 */

typedef struct Alternative
{
	char *columns;	 /* "video_id" */
	char *condition; /* the condition that the columns are not null */
	bool  always;	 /* the columns can't be null */
} Alternative;

static Alternative *
make_alternative(Oid table, const AttrNumber *attnums, int count)
{
	Alternative	  *alternative = palloc(sizeof(Alternative));
	StringInfoData columns;
	StringInfoData condition;

	initStringInfo(&columns);
	initStringInfo(&condition);
	alternative->always = true;
	for (int i = 0; i < count; i++)
	{
		const char *name = quote_identifier(get_attname(table, attnums[i], false));

		appendStringInfo(&columns, "%s%s", i == 0 ? "" : ", ", name);
		appendStringInfo(&condition, "%sp.%s IS NOT NULL", i == 0 ? "" : " AND ", name);
		alternative->always = alternative->always && check_column_not_null(table, attnums[i]);
	}
	alternative->columns = columns.data;
	alternative->condition = condition.data;
	return alternative;
}

static bool
is_own(const Twin *twin, const OwnerPath *path)
{
	if (twin->uid_column != NULL)
		return path->uid_attnum == twin->uid_column->attnum[SIDE_PRODUCTION];
	if (path->parent != twin->parent->relation[SIDE_PRODUCTION] || path->count != twin->path_count)
		return false;
	for (int i = 0; i < path->count; i++)
	{
		bool found = false;

		for (int j = 0; j < twin->path_count && !found; j++)
			found = twin->path_columns[j]->attnum[SIDE_PRODUCTION] == path->attnums[i];
		if (!found)
			return false;
	}
	return true;
}

/* The alternatives by foreign keys to tables of the release. */
static List *
alternatives_by_key(const TwinSet *set, const Twin *twin)
{
	Oid		  table = twin->relation[SIDE_PRODUCTION];
	List	 *alternatives = NIL;
	ListCell *cell;

	foreach(cell, owner_path_candidates(table, owner_path_registered(set)))
	{
		const OwnerPath *path = lfirst(cell);
		AttrNumber		 uid = path->uid_attnum;

		if (is_own(twin, path))
			continue;
		alternatives =
			lappend(alternatives, uid != 0 ? make_alternative(table, &uid, 1)
										   : make_alternative(table, path->attnums, path->count));
	}
	return alternatives;
}

/* The alternatives by foreign keys to the table outside the release that uids refer to. */
static List *
alternatives_by_uid(const Release *release, const Twin *twin)
{
	Oid		  table = twin->relation[SIDE_PRODUCTION];
	List	 *alternatives = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, OIDOID, ObjectIdGetDatum(table));
	rows =
		query_run("SELECT DISTINCT k.conkey[1] FROM gray.release_table t JOIN pg_constraint u"
				  " ON u.conrelid = to_regclass(t.production) AND u.contype = 'f' AND u.conkey = ARRAY[t.uid_attnum]"
				  " JOIN pg_constraint k ON k.confrelid = u.confrelid AND k.confkey = u.confkey AND k.contype = 'f'"
				  " WHERE t.release_id = $1 AND k.conrelid = $2 AND k.confrelid NOT IN"
				  " (SELECT to_regclass(o.production)::oid FROM gray.release_table o WHERE o.release_id = $1) ORDER BY 1",
				  &args);
	for (uint64 row = 0; row < rows; row++)
	{
		AttrNumber attnum = query_int(row, 1);

		if (twin->uid_column == NULL || twin->uid_column->attnum[SIDE_PRODUCTION] != attnum)
			alternatives = lappend(alternatives, make_alternative(table, &attnum, 1));
	}
	return alternatives;
}

/*
 * Rows of nobody
 */

/*
 * "p.a IS NULL OR p.b IS NULL", for the columns of the owner path that may be null; null: there are
 * none.  Sets *first to the first such column, or null.
 */
static char *
nobody(const Twin *twin, const Column **first)
{
	const Column **columns;
	int			   count = owner_sql_columns(twin, &columns);
	StringInfoData condition;

	initStringInfo(&condition);
	*first = NULL;
	for (int i = 0; i < count; i++)
	{
		if (check_column_not_null(twin->relation[SIDE_PRODUCTION],
								  columns[i]->attnum[SIDE_PRODUCTION]))
			continue;
		appendStringInfo(&condition, "%sp.%s IS NULL", *first == NULL ? "" : " OR ",
						 columns[i]->name[SIDE_PRODUCTION]);
		*first = *first == NULL ? columns[i] : *first;
	}
	return *first == NULL ? NULL : condition.data;
}

static RowCount
count_where(const Twin *twin, Counting *counting, const char *condition)
{
	CountQuery query = {.relation = twin->relation[SIDE_PRODUCTION],
						.alias = "p",
						.rest = psprintf("WHERE %s", condition)};

	return check_count(counting, &query);
}

/* Count the rows of other tables whose owner path leads to a row of nobody in this table. */
static RowCount
count_below(const TwinSet *set, const Twin *twin, Counting *counting, const char *condition)
{
	RowCount sum = {.known = true};

	for (int i = 0; i < set->count; i++)
	{
		const Twin	  *below = &set->twins[i];
		const Twin	  *step = below;
		const char	  *alias = "c";
		StringInfoData rest;
		CountQuery	   query = {.relation = below->relation[SIDE_PRODUCTION], .alias = "c"};
		RowCount	   count;

		initStringInfo(&rest);
		while (step->parent != NULL && step != twin)
		{
			const Twin *parent = step->parent;
			char	   *next = parent == twin ? "p" : psprintf("c_%d", parent->position);

			appendStringInfo(&rest, " JOIN %s %s ON ", parent->table[SIDE_PRODUCTION], next);
			for (int j = 0; j < step->path_count; j++)
			{
				appendStringInfoString(&rest, j == 0 ? "" : " AND ");
				sql_text_equal(&rest,
							   psprintf("%s.%s", next,
										step->parent_columns[j]->name[SIDE_PRODUCTION]),
							   step->parent_columns[j]->type[SIDE_PRODUCTION],
							   psprintf("%s.%s", alias,
										step->path_columns[j]->name[SIDE_PRODUCTION]),
							   step->path_columns[j]->type[SIDE_PRODUCTION]);
			}
			alias = next;
			step = parent;
		}
		if (step != twin || below == twin)
			continue;
		appendStringInfo(&rest, " WHERE %s", condition);
		query.rest = rest.data;
		count = check_count(counting, &query);
		sum.rows += count.rows;
		sum.is_estimate = sum.is_estimate || count.is_estimate;
	}
	return sum;
}

/* ", 1 row of them a user's by video_id, and 3 rows that lead to them" */
static char *
more_about(const TwinSet *set, const Twin *twin, Counting *counting, const char *condition,
		   const List *alternatives)
{
	StringInfoData text;
	RowCount	   below = count_below(set, twin, counting, condition);
	ListCell	  *cell;

	initStringInfo(&text);
	foreach(cell, alternatives)
	{
		const Alternative *alternative = lfirst(cell);
		RowCount		   count =
			count_where(twin, counting, psprintf("(%s) AND %s", condition, alternative->condition));

		if (check_count_any(&count))
			appendStringInfo(&text, ", %s of them a user's by %s", check_count_rows(&count),
							 alternative->columns);
	}
	if (check_count_any(&below))
		appendStringInfo(&text, ", and %s of other tables that lead to them",
						 check_count_rows(&below));
	return text.data;
}

/* The hint; a column that always tells the owner of a row would be a better owner path. */
static char *
advice(const Release *release, const Twin *twin, const Column *column, const List *alternatives)
{
	ListCell *cell;

	foreach(cell, alternatives)
	{
		const Alternative *alternative = lfirst(cell);

		if (alternative->always)
			return psprintf("If %s says whose a row is: SELECT gray_clone(%s, %s, %s); in a new release.",
							alternative->columns, quote_literal_cstr(twin->table[SIDE_PRODUCTION]),
							quote_literal_cstr(alternative->columns),
							quote_literal_cstr(release->name));
	}
	return check_column_set_not_null(twin, SIDE_PRODUCTION, column);
}

static char *
other_ways(const List *alternatives)
{
	StringInfoData text;
	ListCell	  *cell;

	initStringInfo(&text);
	foreach(cell, alternatives)
		appendStringInfo(&text, "%s%s", text.len == 0 ? " (it may be a user's by " : " or ",
						 ((const Alternative *) lfirst(cell))->columns);
	appendStringInfoString(&text, text.len == 0 ? "" : ")");
	return text.data;
}

static void
check_nobody(const Release *release, const TwinSet *set, const Twin *twin, Counting *counting,
			 Findings *findings)
{
	const Column *first;
	char		 *condition = nobody(twin, &first);
	List		 *alternatives;
	RowCount	  count;
	char		 *more = "";

	if (condition == NULL)
		return;
	alternatives = list_concat(alternatives_by_key(set, twin), alternatives_by_uid(release, twin));
	count = count_where(twin, counting, condition);
	if (check_count_any(&count))
		more = more_about(set, twin, counting, condition, alternatives);
	else
		more = other_ways(alternatives);
	finding_add(findings, false,
				psprintf("%s.%s", twin->table[SIDE_PRODUCTION], first->name[SIDE_PRODUCTION]),
				psprintf("may be null: then a row belongs to nobody, and version 2 neither sees it nor can write one; now %s%s",
						 check_count_rows(&count), more),
				advice(release, twin, first, alternatives));
}

void
check_owner_paths(const Release *release, const TwinSet *set, Counting *counting, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
		check_nobody(release, set, &set->twins[i], counting, findings);
}
