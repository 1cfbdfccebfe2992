/*
 * check.c: what would go wrong with a release, before it does
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "call.h"
#include "check.h"
#include "check_column.h"
#include "check_function.h"
#include "check_index.h"
#include "check_kept.h"
#include "check_mapping.h"
#include "check_partition.h"
#include "check_shared.h"
#include "check_partition_key.h"
#include "check_preload.h"
#include "check_publication.h"
#include "check_structure.h"
#include "check_uid.h"
#include "check_unique.h"
#include "check_usage.h"
#include "check_view.h"
#include "finding.h"
#include "owner_collation.h"
#include "query.h"
#include "release.h"
#include "rows.h"
#include "twin.h"
#include "view.h"

PG_FUNCTION_INFO_V1(gray_check);

/*
 * What must be there for the twins to be loaded at all
 */

static void
check_tables_exist(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows = query_run("SELECT x.name FROM gray.release_table t,"
					 " LATERAL (VALUES (1, t.production), (2, t.gray)) AS x (side, name)"
					 " WHERE t.release_id = $1 AND to_regclass(x.name) IS NULL"
					 " ORDER BY t.position, x.side",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1), "the table is gone, or has another name",
					"Give it its name back: a release knows its tables by name.");
}

/* Columns of owner paths, on either side, that were dropped. */
static void
check_owner_columns_exist(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run("SELECT DISTINCT t.position, x.side, x.name FROM gray.release_table t"
				  " LEFT JOIN gray.release_table parent ON parent.release_id = t.release_id AND parent.position = t.parent_position,"
				  " LATERAL (SELECT t.position, a FROM unnest(t.uid_attnum || t.path_attnums) AS a WHERE a IS NOT NULL"
				  " UNION ALL SELECT parent.position, a FROM unnest(t.parent_attnums) AS a) AS needed (position, attnum)"
				  " JOIN gray.release_table o ON o.position = needed.position"
				  " JOIN gray.column_pair c ON c.release_id = o.release_id AND c.position = o.position AND c.production_attnum = needed.attnum,"
				  " LATERAL (VALUES (1, o.production, c.production_attnum), (2, o.gray, c.gray_attnum)) AS x (side, name, attnum)"
				  " JOIN pg_attribute a ON a.attrelid = to_regclass(x.name) AND a.attnum = x.attnum"
				  " WHERE t.release_id = $1 AND o.release_id = $1 AND a.attisdropped"
				  " ORDER BY t.position, x.side",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 3),
					"a column that leads from a row to its user was dropped",
					"Drop the release and create it again.");
}

/*
 * Keys and values
 */

/* "user_id, id" */
static char *
gray_key_columns(const Twin *twin)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < twin->key_count; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ", twin->key_columns[i]->name[SIDE_GRAY]);
	return names.data;
}

static void
check_key(const Twin *twin, Findings *findings)
{
	const char *table = twin->table[SIDE_PRODUCTION];

	if (twin->key_count == 0)
		finding_add(findings, false, pstrdup(table),
					"no key by which a row and its gray twin know each other: whole rows are compared, and one that was changed in gray comes home as a new one",
					psprintf("ALTER TABLE %s ADD PRIMARY KEY (...): unique and not null, on columns that both sides have.",
							 table));
	else if (!check_index_unique(twin->relation[SIDE_GRAY], SIDE_GRAY, twin))
		finding_add(findings, false, pstrdup(twin->table[SIDE_GRAY]),
					psprintf("no unique index on the columns of the key of %s: two gray rows could be the twin of one",
							 table),
					psprintf("CREATE UNIQUE INDEX ON %s (%s);", twin->table[SIDE_GRAY],
							 gray_key_columns(twin)));
}

/*
 * Speed and users
 */

static void
check_index(const Twin *twin, Side side, Findings *findings)
{
	const TwinColumn *column = twin->uid_column != NULL ? twin->uid_column : twin->path_columns[0];

	if (!check_index_leads_to_owner(twin->relation[side], side, twin))
		finding_add(findings, false, psprintf("%s.%s", twin->table[side], column->name[side]),
					"no index begins with it: every move of a user reads the whole table",
					psprintf("CREATE INDEX ON %s (%s);", twin->table[side], column->name[side]));
}

static void
check_cohort(const Release *release, Findings *findings)
{
	if (release->percent_buckets == 0 &&
		query_run(psprintf("SELECT 1 FROM %s LIMIT 1", release->cohort_table), NULL) == 0)
		finding_add(findings, false, pstrdup(release->name), "nobody is in the cohort",
					psprintf("SELECT gray_add_user('42', '%s'); or gray_set_percent(1, '%s').",
							 release->name, release->name));
}

/*
 * All of it
 */

static void
check_twins(const Release *release, const TwinSet *set, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		check_key(twin, findings);
		check_kept(twin, findings);
		check_uid(release, twin, findings);
		owner_collation_check(twin, findings);
		check_columns(release, twin, findings);
		check_mappings(set, twin, findings);
		check_partitions(release, twin, findings);
		check_partition_keys(twin, findings);
		check_unique(release, twin, findings);
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			check_index(twin, side, findings);
	}
	check_cohort(release, findings);
}

static void
add_no_tables(const Release *release, Findings *findings)
{
	finding_add(findings, true, pstrdup(release->name), "the release has no tables",
				psprintf("SELECT gray_clone_tree('users', 'id', release => '%s') clones a table and all that belongs to it.",
						 release->name));
}

static void
check_release(const Release *release, Oid caller, Findings *findings)
{
	if (!OidIsValid(release->uid_type))
	{
		add_no_tables(release, findings);
		return;
	}
	check_tables_exist(release, findings);
	check_owner_columns_exist(release, findings);
	if (findings->list == NIL)
	{
		TwinSet	 *set = twin_load_all(release);
		ViewPlan *plan = view_plan(release, view_tables(set), caller);

		check_twins(release, set, findings);
		check_structure(release, set, findings);
		check_shared(release, findings);
		check_usage(release, findings);
		check_preload(findings);
		check_views(plan, findings);
		check_functions(plan, findings);
	}
}

void
check_or_raise(const Release *release, const TwinSet *set)
{
	Findings  findings = {0};
	Finding	 *first = NULL;
	int		  more = 0;
	ListCell *cell;

	if (set->count == 0)
		add_no_tables(release, &findings);
	else
		check_twins(release, set, &findings);
	check_publications(release, &findings);
	foreach(cell, findings.list)
	{
		Finding *finding = lfirst(cell);

		if (!finding->is_error)
			continue;
		if (first == NULL)
			first = finding;
		else
			more++;
	}
	if (first != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("%s: %s", first->object, first->problem),
						more == 0 ? 0
								  : errdetail_plural("There is %d more error.",
													 "There are %d more errors.", more, more),
						errhint("SELECT * FROM gray_check('%s');", release->name)));
}

Datum
gray_check(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	Findings	findings = {0};
	ListCell   *cell;

	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 0);
	role_pin_formats(&call.release->formats);
	check_release(call.release, call.before.user, &findings);
	check_publications(call.release, &findings);
	foreach(cell, findings.list)
	{
		Finding *finding = lfirst(cell);
		char	*values[] = {finding->is_error ? "error" : "warning", finding->object,
						  finding->problem, finding->hint};

		rows_put(fcinfo, values);
	}
	call_end(&call);
	return (Datum) 0;
}
