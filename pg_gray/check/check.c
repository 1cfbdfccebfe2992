/*
 * check.c: finds what would go wrong with a release before it goes wrong
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check/check.h"
#include "check/check_action.h"
#include "check/check_call.h"
#include "check/check_column.h"
#include "check/check_count.h"
#include "check/check_duplicate.h"
#include "check/check_fence.h"
#include "check/check_function.h"
#include "check/check_hook.h"
#include "check/check_key.h"
#include "check/check_made.h"
#include "check/check_mapping.h"
#include "check/check_meaning.h"
#include "check/check_outside.h"
#include "check/check_own.h"
#include "check/check_owner_path.h"
#include "check/check_partition.h"
#include "check/check_publication.h"
#include "check/check_reference.h"
#include "check/check_right.h"
#include "check/check_structure.h"
#include "check/check_trigger.h"
#include "check/check_value.h"
#include "check/check_view.h"
#include "check/finding.h"
#include "clone/view.h"
#include "clone/view_plan.h"
#include "move/mapping.h"
#include "postgres/query.h"
#include "postgres/subtransaction.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/twin.h"
#include "release/twin_load.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_check);

/*
 * Tables and columns without which the twins can't be loaded
 */

static void
check_tables_exist(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows =
		query_run("SELECT x.name FROM gray.release_table t,"
				  " LATERAL (VALUES (1, t.production, t.production_oid), (2, t.gray, t.gray_oid)) AS x (side, name, oid)"
				  " WHERE t.release_id = $1 AND gray.table_now(x.name, x.oid, $2) IS NULL"
				  " ORDER BY t.position, x.side",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1), "the table is gone",
					psprintf("Make it again under that name; or SELECT gray_drop_release('%s').",
							 release->name));
}

/* Add an error for each dropped column of an owner path, on either side. */
static void
check_owner_columns_exist(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows =
		query_run("SELECT DISTINCT t.position, x.side, x.name FROM gray.release_table t"
				  " LEFT JOIN gray.release_table parent ON parent.release_id = t.release_id AND parent.position = t.parent_position,"
				  " LATERAL (SELECT t.position, a FROM unnest(t.uid_attnum || t.path_attnums) AS a WHERE a IS NOT NULL"
				  " UNION ALL SELECT parent.position, a FROM unnest(t.parent_attnums) AS a) AS needed (position, attnum)"
				  " JOIN gray.release_table o ON o.position = needed.position"
				  " JOIN gray.column_pair c ON c.release_id = o.release_id AND c.position = o.position AND c.production_attnum = needed.attnum,"
				  " LATERAL (VALUES (1, o.production, o.production_oid, c.production_attnum),"
				  " (2, o.gray, o.gray_oid, c.gray_attnum)) AS x (side, name, oid, attnum)"
				  " JOIN pg_attribute a ON a.attrelid = gray.table_now(x.name, x.oid, $2) AND a.attnum = x.attnum"
				  " WHERE t.release_id = $1 AND o.release_id = $1 AND a.attisdropped"
				  " ORDER BY t.position, x.side",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 3),
					"a column that leads from a row to its user was dropped",
					"Drop the release and create it again.");
}

static void
check_cohort(const Release *release, Findings *findings)
{
	if (release->percent_buckets == 0 &&
		query_run(psprintf("SELECT 1 FROM %s WHERE listed LIMIT 1", release->cohort_table), NULL) ==
			0)
		finding_add(findings, false, pstrdup(release->name), "nobody is in the cohort",
					psprintf("SELECT gray_add_user('42', '%s'); or gray_set_percent(1, '%s').",
							 release->name, release->name));
}

/*
 * All checks
 */

/*
 * Add the findings about the tables.  With null `counting`, rows are not counted: gray_open is the
 * caller, or the catalog owner can't act as the owner of the tables.
 */
static void
check_twins(const Release *release, const TwinSet *set, Counting *counting, Findings *findings)
{
	bool opening = counting == NULL;

	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		check_key(twin, findings);
		check_kept(twin, findings);
		check_uid(release, twin, findings);
		check_columns(release, twin, counting, findings);
		check_mappings(set, twin, findings);
		check_partitions(release, twin, findings);
		check_partition_keys(twin, findings);
		check_unique(release, twin, findings);
		check_owner_indexes(twin, findings);
	}
	check_own(release, set, findings);
	check_down_calls(set, findings);
	check_hooks(release, set, findings);
	check_made(release, set, findings);
	check_types(set, findings);
	check_owner_collations(set, findings);
	check_owners(release, findings);
	check_rights(release, set, opening, findings);
	check_schema(release, set, findings);
	check_storage(release, findings);
	check_fence(release, opening, findings);
}

static void
add_no_tables(const Release *release, Findings *findings)
{
	finding_add(findings, true, pstrdup(release->name), "the release has no tables",
				psprintf("SELECT gray_clone_tree('users', 'id', release => '%s') clones a table and all that belongs to it.",
						 release->name));
}

/* Add the findings about objects around the tables: views, functions, triggers, privileges. */
static void
check_surroundings(const Release *release, const TwinSet *set, Oid caller, Findings *findings)
{
	ViewPlan *plan = view_plan_make(release, view_tables(set), caller);

	check_structure(release, set, findings);
	check_shared(release, findings);
	check_usage(release, findings);
	check_preload(findings);
	check_views(plan, findings);
	check_functions(plan, findings);
	check_hidden(plan, findings);
	check_rules(plan, findings);
	check_silent_triggers(release, set, findings);
	check_trigger_arguments(release, findings);
	check_registries(set, findings);
	check_large_objects(release, findings);
	check_set_null(release, set, findings);
}

static void
qualify(void *set)
{
	mapping_qualify_all(set);
}

/*
 * Add the findings that depend on existing rows.  The function qualifies the mappings of the set,
 * so the set can't be used for anything else afterwards.  A mapping that can't be read has a
 * finding already.
 */
static void
check_rows(const Release *release, TwinSet *set, Counting *counting, Findings *findings)
{
	if (subtransaction_read(qualify, set) != NULL)
		return;
	check_owner_paths(release, set, counting, findings);
	check_references(set, counting, findings);
	check_values(release, set, counting, findings);
	check_duplicates(set, counting, findings);
	check_meanings(release, set, counting, findings);
	check_calls(release, set, counting, findings);
}

static Counting
counting_of(const Release *release, const TwinSet *set)
{
	return (Counting){.role = twin_owner_role(set), .formats = &release->formats};
}

static void
check_release(const Release *release, Oid caller, Findings *findings)
{
	TwinSet *set;
	Counting counting;
	bool	 can_count;

	if (!OidIsValid(release->uid_type))
	{
		add_no_tables(release, findings);
		return;
	}
	check_tables_exist(release, findings);
	check_owner_columns_exist(release, findings);
	if (findings->list != NIL)
		return;
	set = twin_load_all(release);
	counting = counting_of(release, set);
	can_count = ownership_is_member(counting.role);
	check_twins(release, set, can_count ? &counting : NULL, findings);
	check_cohort(release, findings);
	check_kept_takeable(release, set, findings);
	check_surroundings(release, set, caller, findings);
	if (can_count)
		check_rows(release, set, &counting, findings);
}

/* Add those findings about rows that stop gray_open: every move would fail, or data be lost. */
static void
check_rows_to_open(const Release *release, const TwinSet *as_registered, Findings *findings)
{
	bool	 calls = check_call_is_any(release, as_registered);
	TwinSet *set;
	Counting counting;

	if (!calls && !release_holds_users(release))
		return;
	set = twin_load_all(release);
	counting = counting_of(release, set);
	if (!ownership_is_member(counting.role) || subtransaction_read(qualify, set) != NULL)
		return;
	check_meanings(release, set, &counting, findings);
	if (calls)
		check_calls(release, set, &counting, findings);
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
	{
		check_twins(release, set, NULL, &findings);
		check_rows_to_open(release, set, &findings);
	}
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
		Finding	   *finding = lfirst(cell);
		const char *values[] = {finding->is_error ? "error" : "warning", finding->object,
								finding->problem, finding->hint};

		rows_put(fcinfo, values);
	}
	call_end(&call);
	return (Datum) 0;
}
