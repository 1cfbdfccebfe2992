/*
 * check_mapping.c: checks whether mappings and kept values still fit the tables
 *
 * Tables may be altered after gray_map.  Then an expression may name a column that was renamed, or
 * a mapped column may have become part of a key.  Another check is whether values that only gray
 * can hold are kept, and whether they can go to production.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_key.h"
#include "check/check_mapping.h"
#include "move/mapping.h"
#include "postgres/query.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/twin_kept.h"

/* The call that gives the column these expressions; null `up` or `down`: none in this direction. */
static char *
map_call(const Twin *twin, const Mapping *mapping, const char *up, const char *down)
{
	const Column *column = twin_column(twin, mapping->side, mapping->attnum);
	Side		  side = column_side(column);
	const char	 *name = get_attname(column->relation[side], column->attnum[side], false);

	return psprintf("SELECT gray_map(%s, %s%s%s%s%s);", quote_literal_cstr(twin->table[SIDE_GRAY]),
					quote_literal_cstr(name), up != NULL ? ", up => " : "",
					up != NULL ? quote_literal_cstr(up) : "", down != NULL ? ", down => " : "",
					down != NULL ? quote_literal_cstr(down) : "");
}

/* The call that changes this expression and leaves the expression of the other direction. */
static char *
change_call(const Twin *twin, const Mapping *mapping)
{
	const Column *column = twin_column(twin, mapping->side, mapping->attnum);

	if (mapping->side == SIDE_GRAY)
		return map_call(twin, mapping, "...", column->map[SIDE_PRODUCTION]);
	return map_call(twin, mapping, column->map[SIDE_GRAY], "...");
}

/* One mapping of a pair of tables, the argument of read_mapping. */
typedef struct Reading
{
	const TwinSet *set;
	const Twin	  *twin;
	const Mapping *mapping;
} Reading;

static void
read_mapping(void *arg)
{
	const Reading *reading = arg;

	mapping_check(reading->set, reading->twin, reading->mapping);
}

static void
check_mapping(const TwinSet *set, const Twin *twin, const Mapping *mapping, Findings *findings)
{
	const char *way = mapping->side == SIDE_GRAY ? "up" : "down";
	char	   *name = get_attname(twin->relation[mapping->side], mapping->attnum, false);
	char	   *object = psprintf("%s.%s", twin->table[mapping->side], quote_identifier(name));
	const char *obstacle = mapping_obstacle(set, twin, mapping->side, mapping->attnum);
	Reading		reading = {set, twin, mapping};
	ErrorData  *error;

	if (obstacle != NULL)
	{
		finding_add(findings, true, object, psprintf("it can't be mapped any more: %s", obstacle),
					map_call(twin, mapping, NULL, NULL));
		return;
	}
	error = subtransaction_read(read_mapping, &reading);
	if (error != NULL)
		finding_add(findings, true, object,
					psprintf("its %s can't be read any more: %s", way, error->message),
					change_call(twin, mapping));
}

/*
 * Add a warning for a column with `up` and without `down`.  That is right only where gray's values
 * are valid values of production, too.
 */
static void
check_one_way(const Twin *twin, const Column *pair, Findings *findings)
{
	Oid			  source = pair->type[SIDE_GRAY];
	Oid			  target = pair->type[SIDE_PRODUCTION];
	const Mapping down = {SIDE_PRODUCTION, pair->attnum[SIDE_PRODUCTION], NULL};
	char		 *as = source == target
						   ? "as it is"
						   : psprintf("cast from %s to %s", format_type_be(source), format_type_be(target));

	if (pair->map[SIDE_GRAY] == NULL || pair->map[SIDE_PRODUCTION] != NULL ||
		pair->generated[SIDE_PRODUCTION] ||
		!can_coerce_type(1, &source, &target, COERCION_EXPLICIT))
		return;
	finding_add(findings, false, psprintf("%s.%s", twin->table[SIDE_GRAY], pair->name[SIDE_GRAY]),
				psprintf("mapped up and not down: what is changed in gray comes home %s", as),
				change_call(twin, &down));
}

void
check_mappings(const TwinSet *set, const Twin *twin, Findings *findings)
{
	ListCell *cell;

	foreach(cell, twin_mapping_list(twin))
		check_mapping(set, twin, lfirst(cell), findings);
	for (int i = 0; i < twin->column_count; i++)
	{
		if (column_is_pair(&twin->columns[i]))
			check_one_way(twin, &twin->columns[i], findings);
	}
}

/* Add a warning for values that were kept while the column had no twin, or another twin. */
static void
add_takeable(const Release *release, const Twin *twin, const FormerColumn *former,
			 Findings *findings)
{
	QueryArgs	args = {0};
	const char *name = former->column->name[SIDE_GRAY];

	query_arg_int(&args, twin->position);
	query_arg_int(&args, former->kept_id);
	query_run(psprintf("SELECT count(*), count(DISTINCT uid) FROM %s"
					   " WHERE position = $1 AND column_id = $2",
					   release->kept_table),
			  &args);
	if (query_count(0, 1) == 0)
		return;
	finding_add(findings, false, psprintf("%s.%s", twin->table[SIDE_GRAY], name),
				psprintf("%s values of %s users are kept, and production has the column now: they go there with each user's next stay",
						 query_text(0, 1), query_text(0, 2)),
				psprintf("SELECT gray_migrate(uid, '%1$s'), then SELECT gray_migrate_back(uid, '%1$s'); for each uid in SELECT DISTINCT uid FROM gray.kept WHERE release = '%1$s';",
						 release->name));
}

void
check_kept_takeable(const Release *release, const TwinSet *set, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		for (int j = 0; j < set->twins[i].former_count; j++)
		{
			if (column_is_pair(set->twins[i].former[j].column))
				add_takeable(release, &set->twins[i], &set->twins[i].former[j], findings);
		}
	}
}

void
check_kept(const Twin *twin, Findings *findings)
{
	StringInfoData names;

	if (twin->key_count > 0)
		return;
	initStringInfo(&names);
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (column_is_lone(column, SIDE_GRAY) && twin_kept_wanted(twin, column))
			appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", column->name[SIDE_GRAY]);
	}
	if (names.len > 0)
		finding_add(findings, false, pstrdup(twin->table[SIDE_GRAY]),
					psprintf("no key by which rows are known again: values of %s are lost when a user goes home",
							 names.data),
					check_key_hint(twin));
}
