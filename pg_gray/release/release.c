/*
 * release.c: loads a gray release from the registry
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "postgres/session_cache.h"
#include "release/nested_move.h"
#include "release/registry.h"
#include "release/release.h"
#include "routing/bucket.h"

PG_FUNCTION_INFO_V1(release_place_now);

char *
release_place(void)
{
	return psprintf(UINT64_FORMAT "/%u", GetSystemIdentifier(), MyDatabaseId);
}

Datum
release_place_now(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(release_place()));
}

static void
raise_unknown(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("release \"%s\" does not exist", name),
			 errhint(
				 "SELECT * FROM gray.status lists the releases; gray_create_release(name) makes one.")));
}

static unsigned
percent_buckets(const Registry *row)
{
	bool  is_null;
	Datum percent = registry_datum(row, "percent", &is_null);
	Datum buckets = NumericGetDatum(int64_to_numeric(BUCKET_COUNT / 100));

	return DatumGetInt32(
		DirectFunctionCall1(numeric_int4, DirectFunctionCall2(numeric_mul, percent, buckets)));
}

static Oid
uid_type(const Registry *row)
{
	char *name = registry_text(row, "uid_type");

	return name == NULL ? InvalidOid
						: DatumGetObjectId(DirectFunctionCall1(regtypein, CStringGetDatum(name)));
}

static Release *
release_from(const Registry *row)
{
	Release *release = palloc0(sizeof(Release));
	char	*place = registry_text(row, "place");

	release->id = registry_int(row, "id");
	release->name = registry_text(row, "release");
	release->gray_schema = registry_text(row, "gray_schema");
	release->uid_type = uid_type(row);
	release->is_open = registry_bool(row, "is_open");
	release->percent_buckets = percent_buckets(row);
	release->stuck_side = side_of_label(registry_text(row, "stuck_side"));
	release->schema_created = registry_bool(row, "schema_created");
	release->in_cluster = strtou64(place, NULL, 10) == GetSystemIdentifier();
	release->in_place = strcmp(place, release_place()) == 0;
	release->formats =
		(RoleFormats){.time_zone = registry_text(row, "time_zone"),
					  .lc_monetary = registry_text(row, "lc_monetary"),
					  .lc_numeric = registry_text(row, "lc_numeric"),
					  .lc_time = registry_text(row, "lc_time"),
					  .text_search_config = registry_text(row, "text_search_config")};
	release->state_table = psprintf(CATALOG_SCHEMA ".state_%d", release->id);
	release->cohort_table = psprintf(CATALOG_SCHEMA ".cohort_%d", release->id);
	release->stay_table = psprintf(CATALOG_SCHEMA ".stay_%d", release->id);
	release->attempt_table = psprintf(CATALOG_SCHEMA ".attempt_%d", release->id);
	release->kept_table = psprintf(CATALOG_SCHEMA ".kept_%d", release->id);
	return release;
}

static Release *
load_named(const char *name)
{
	NameData	wanted;
	RegistryKey key = {"release", NameGetDatum(&wanted)};
	Registry	row;
	Release	   *release = NULL;

	if (strlen(name) >= NAMEDATALEN)
		raise_unknown(name);
	namestrcpy(&wanted, name);
	row = registry_begin("release", "release_release_key", &key, 1);
	if (registry_next(&row))
		release = release_from(&row);
	registry_end(&row);
	if (release == NULL)
		raise_unknown(name);
	return release;
}

static void
raise_name_needed(int count, const char *names)
{
	if (count == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("there is no release"),
						errhint("SELECT gray_create_release('v2') makes one.")));
	ereport(ERROR, (errcode(ERRCODE_AMBIGUOUS_PARAMETER), errmsg("there is more than one release"),
					errdetail("The releases are %s.", names),
					errhint("Name one in the last argument, release.")));
}

static Release *
load_only(void)
{
	Registry	   row = registry_begin("release", "release_release_key", NULL, 0);
	Release		  *release = NULL;
	StringInfoData names;
	int			   count = 0;

	initStringInfo(&names);
	while (registry_next(&row))
	{
		release = release_from(&row);
		appendStringInfo(&names, "%s\"%s\"", count++ == 0 ? "" : ", ", release->name);
	}
	registry_end(&row);
	if (count != 1)
		raise_name_needed(count, names.data);
	return release;
}

/*
 * Remembered by the session
 */

typedef struct Known
{
	SessionEntry entry; /* the only one, by 0; must be first */
	List		*releases;
	Release		*only; /* the release of the list that is the only one there is, if that is known */
} Known;

static SessionCache all_known = {.name = "pg_gray releases", .entry_size = sizeof(Known)};

static Release *
copy_release(const Release *release)
{
	Release *copy = palloc(sizeof(Release));

	*copy = *release;
	copy->name = pstrdup(release->name);
	copy->gray_schema = pstrdup(release->gray_schema);
	copy->formats = role_copy_formats(&release->formats);
	copy->state_table = pstrdup(release->state_table);
	copy->cohort_table = pstrdup(release->cohort_table);
	copy->stay_table = pstrdup(release->stay_table);
	copy->attempt_table = pstrdup(release->attempt_table);
	copy->kept_table = pstrdup(release->kept_table);
	return copy;
}

static const Release *
find_known(const Known *known, const char *name)
{
	ListCell *cell;

	if (name == NULL)
		return known->only;
	foreach(cell, known->releases)
	{
		const Release *release = lfirst(cell);

		if (strcmp(release->name, name) == 0)
			return release;
	}
	return NULL;
}

/* Unless it was changed meanwhile, or the transaction's snapshot may be older than the row is. */
static void
remember(Known *known, const Release *release, bool is_only)
{
	MemoryContext before;
	Release		 *copy;

	if (IsolationUsesXactSnapshot() || known->entry.stale)
		return;
	before = MemoryContextSwitchTo(known->entry.memory);
	copy = copy_release(release);
	known->releases = lappend(known->releases, copy);
	if (is_only)
		known->only = copy;
	MemoryContextSwitchTo(before);
}

Release *
release_load(const char *name)
{
	Known		  *known;
	const Release *found;
	Release		  *release;

	AcceptInvalidationMessages();
	known = session_cache_get(&all_known, 0, NULL);
	found = find_known(known, name);
	if (found != NULL)
		return copy_release(found);
	release = name == NULL ? load_only() : load_named(name);
	remember(known, release, name == NULL);
	return release;
}

Release *
release_load_with_tables(const char *name)
{
	Release *release = release_load(name);

	if (!OidIsValid(release->uid_type))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("release \"%s\" has no tables", release->name),
				 errhint("SELECT gray_clone_tree('users', 'id', release => '%s') clones a table and all that belongs to it.",
						 release->name)));
	return release;
}

void
release_lock(Release *release)
{
	QueryArgs args = {0};

	nested_move_refuse();
	release_refuse_old_snapshot();
	query_run("LOCK TABLE gray.release_table IN SHARE ROW EXCLUSIVE MODE", NULL);
	query_arg_int(&args, release->id);
	if (query_run("SELECT 1 FROM gray.release WHERE id = $1 FOR UPDATE", &args) == 0)
		raise_unknown(release->name);
	*release = *release_load(release->name);
}

void
release_refuse_old_snapshot(void)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg(
					 "a release can't be changed in a transaction with isolation level above READ COMMITTED"),
				 errdetail("Its snapshot may be older than the last move of a user."),
				 errhint(
					 "Call it in a transaction of its own, or BEGIN ISOLATION LEVEL READ COMMITTED.")));
}

bool
release_holds_users(const Release *release)
{
	if (!OidIsValid(release->uid_type))
		return false;
	return query_run(psprintf("SELECT 1 FROM %s WHERE state IN ('on', 'stuck') LIMIT 1",
							  release->state_table),
					 NULL) > 0;
}

List *
release_relations(const Release *release, Side side)
{
	List	 *relations = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(release->in_place));
	rows = query_run(psprintf("SELECT c.oid FROM (SELECT position, to_regclass(%1$s)::oid AS oid"
							  " FROM gray.release_table WHERE release_id = $1"
							  " UNION SELECT position, %1$s_oid FROM gray.release_table"
							  " WHERE release_id = $1 AND $2) AS t JOIN pg_class c USING (oid)"
							  " WHERE c.relkind IN ('r', 'p') ORDER BY t.position, c.oid",
							  side_name(side)),
					 &args);
	for (uint64 row = 0; row < rows; row++)
		relations = list_append_unique_oid(relations, query_oid(row, 1));
	return relations;
}
