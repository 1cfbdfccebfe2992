/*
 * twin_kept.c: registers the columns whose values are kept for a user's next stay in gray
 *
 * Kept values name their column by an id.  The id outlives renames and the new numbers of a
 * restored dump, and is never given to another column.
 */
#include "postgres.h"

#include "utils/lsyscache.h"

#include "postgres/query.h"
#include "release/release.h"
#include "release/twin_kept.h"

bool
twin_kept_wanted(const Twin *twin, const Column *column)
{
	if (!column_on(column, SIDE_GRAY) || column->generated[SIDE_GRAY])
		return false;
	if (!column_is_pair(column))
		return true;
	if (twin_is_key(twin, column) || column == twin->uid_column)
		return false;
	return !column_is_verbatim(column) || column->map[SIDE_PRODUCTION] != NULL ||
		   column->generated[SIDE_PRODUCTION];
}

/*
 * Loading
 */

static void
add_former(Twin *twin, FormerColumn former)
{
	int size = sizeof(FormerColumn) * (twin->former_count + 1);

	twin->former = twin->former == NULL ? palloc(size) : repalloc(twin->former, size);
	twin->former[twin->former_count++] = former;
}

/* True when the column was the twin of the same column when its values were kept. */
static bool
is_same_pair(const Column *pair, AttrNumber production, bool known)
{
	return production != InvalidAttrNumber &&
		   (!known || production == pair->attnum[SIDE_PRODUCTION]);
}

static void
load_pair_id(Twin *twin, Column *pair, bool known, uint64 row)
{
	FormerColumn former = {.kept_id = query_int(row, 2),
						   .same_pair = is_same_pair(pair, query_int(row, 5), known),
						   .column = pair};

	if (former.same_pair && twin_kept_wanted(twin, pair))
		pair->kept_id = former.kept_id;
	else
		add_former(twin, former);
}

/* Load the id of a lone column; of several ids, values are kept under the last. */
static void
load_lone_id(Twin *twin, Column *lone, uint64 row)
{
	if (lone->kept_id != 0)
		add_former(twin, (FormerColumn){.kept_id = lone->kept_id, .column = lone});
	lone->kept_id = query_int(row, 2);
}

/*
 * Return false when the registry has another number or name of the column than the present one, if
 * the column still exists.
 */
static bool
load_id(Twin *twin, bool known, uint64 row)
{
	Oid		   relation = twin->relation[SIDE_GRAY];
	AttrNumber registered = query_int(row, 3);
	char	  *name = query_text(row, 4);
	AttrNumber attnum = known ? registered : get_attnum(relation, name);
	Column	  *column = attnum > 0 ? twin_column(twin, SIDE_GRAY, attnum) : NULL;

	if (column == NULL)
		return false;
	if (column_is_pair(column))
		load_pair_id(twin, column, known, row);
	else
		load_lone_id(twin, column, row);
	return attnum == registered && strcmp(name, get_attname(relation, attnum, false)) == 0;
}

static void
load_ids(const Release *release, TwinSet *set)
{
	QueryArgs args = {0};
	uint64	  rows;
	int		  i = 0;

	query_arg_int(&args, release->id);
	rows = query_run("SELECT c.position, c.id, c.attnum, c.name, c.production_attnum"
					 " FROM gray.kept_column c"
					 " WHERE c.release_id = $1 AND c.attnum IS NOT NULL ORDER BY c.position, c.id",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		while (i < set->count && set->twins[i].position < query_int(row, 1))
			i++;
		/* A table that was cloned just now is not in the set. */
		if (i < set->count && set->twins[i].position == query_int(row, 1))
			set->outdated |= !load_id(&set->twins[i], set->twins[i].known[SIDE_GRAY], row);
	}
}

/* Values are stored under the key of their row, so only a table with a key has a kept table. */
static void
find_table(const Release *release, TwinSet *set, Twin *twin)
{
	bool kept = twin->former_count > 0;

	for (int i = 0; twin->key_count > 0 && i < twin->column_count; i++)
	{
		if (!twin_kept_wanted(twin, &twin->columns[i]))
			continue;
		kept = true;
		set->outdated |= twin->columns[i].kept_id == 0;
	}
	if (kept && release->kept_table != NULL)
	{
		twin->kept_table = pstrdup(release->kept_table);
		twin->state_table = pstrdup(release->state_table);
	}
}

void
twin_kept_load(const Release *release, TwinSet *set)
{
	load_ids(release, set);
	for (int i = 0; i < set->count; i++)
		find_table(release, set, &set->twins[i]);
}

/*
 * Remembering
 */

/* The arguments of statements on a column: they identify its table, and its registered column. */
static QueryArgs
column_args(const QueryArgs *table, const Column *column)
{
	QueryArgs args = *table;

	query_arg_int(&args, column->attnum[SIDE_GRAY]);
	query_arg_text(&args,
				   get_attname(column->relation[SIDE_GRAY], column->attnum[SIDE_GRAY], false));
	return args;
}

static void
register_column(const QueryArgs *table, Column *column)
{
	QueryArgs args = column_args(table, column);

	query_arg_int(&args, column->attnum[SIDE_PRODUCTION]);
	query_run("INSERT INTO gray.kept_column (release_id, position, id, attnum, name, production_attnum)"
			  " SELECT $1, $2, coalesce(max(id), 0) + 1, $3, $4::name, nullif($5, 0)"
			  " FROM gray.kept_column WHERE release_id = $1 AND position = $2 RETURNING id",
			  &args);
	column->kept_id = query_int(0, 1);
}

static void
update_column(const QueryArgs *table, const Column *column)
{
	QueryArgs args = column_args(table, column);

	query_arg_int(&args, column->attnum[SIDE_PRODUCTION]);
	query_arg_int(&args, column->kept_id);
	query_run("UPDATE gray.kept_column SET attnum = $3, name = $4::name, production_attnum = nullif($5, 0)"
			  " WHERE release_id = $1 AND position = $2 AND id = $6",
			  &args);
}

/* Update the registered number and name; the number of the column's former twin stays. */
static void
update_former(const QueryArgs *table, const FormerColumn *former)
{
	QueryArgs args = column_args(table, former->column);

	query_arg_int(&args, former->kept_id);
	query_run("UPDATE gray.kept_column SET attnum = $3, name = $4::name"
			  " WHERE release_id = $1 AND position = $2 AND id = $5",
			  &args);
}

/* All columns are marked as dropped first; then the mark is taken from each column that exists. */
void
twin_kept_remember(const Release *release, const Twin *twin)
{
	QueryArgs table = {0};

	query_arg_int(&table, release->id);
	query_arg_int(&table, twin->position);
	query_run("UPDATE gray.kept_column SET attnum = NULL, name = NULL"
			  " WHERE release_id = $1 AND position = $2 AND attnum IS NOT NULL",
			  &table);
	for (int i = 0; i < twin->column_count; i++)
	{
		Column *column = &twin->columns[i];

		if (column->kept_id != 0)
			update_column(&table, column);
		else if (twin->kept_table != NULL && twin_kept_wanted(twin, column))
			register_column(&table, column);
	}
	for (int i = 0; i < twin->former_count; i++)
		update_former(&table, &twin->former[i]);
}
