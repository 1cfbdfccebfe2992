/*
 * unique_functions.c: shows and switches which unique indexes are unique across both sides
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/lsyscache.h"

#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/twin_load.h"
#include "unique/unique_index.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_unique);
PG_FUNCTION_INFO_V1(gray_set_unique);

/*
 * Showing
 */

static void
put_index(FunctionCallInfo fcinfo, const UniqueIndex *unique)
{
	const char *obstacle = unique->obstacle[SIDE_PRODUCTION];
	const char *values[] = {
		relation_name(unique->index[SIDE_PRODUCTION]),
		OidIsValid(unique->index[SIDE_GRAY]) ? relation_name(unique->index[SIDE_GRAY]) : NULL,
		unique_index_checks(unique, SIDE_PRODUCTION) ? "t" : "f",
		unique_index_checks(unique, SIDE_GRAY) ? "t" : "f",
		unique->wanted && obstacle != NULL ? obstacle : unique->reason,
	};

	rows_put(fcinfo, values);
}

Datum
gray_unique(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;

	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 0);
	set = twin_load_all(release_load_with_tables(call.release->name));
	for (int i = 0; i < set->count; i++)
	{
		int			 count;
		UniqueIndex *uniques = unique_index_load(call.release, &set->twins[i], &count);

		for (int j = 0; j < count; j++)
			put_index(fcinfo, &uniques[j]);
	}
	call_end(&call);
	return (Datum) 0;
}

/*
 * Switching
 */

static const UniqueIndex *
find_index(const Release *release, Oid index)
{
	TwinSet *set = twin_load_all(release);

	for (int i = 0; i < set->count; i++)
	{
		int			 count;
		UniqueIndex *uniques = unique_index_load(release, &set->twins[i], &count);

		for (int j = 0; j < count; j++)
		{
			if (uniques[j].index[SIDE_PRODUCTION] == index)
				return &uniques[j];
		}
	}
	return NULL;
}

static void
choose(const Release *release, Oid index, bool checked)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, relation_name(index));
	query_arg(&args, BOOLOID, BoolGetDatum(checked));
	query_run("INSERT INTO gray.unique_choice (release_id, production_index, is_checked)"
			  " VALUES ($1, $2, $3) ON CONFLICT (release_id, production_index)"
			  " DO UPDATE SET is_checked = EXCLUDED.is_checked",
			  &args);
}

static void
choose_nothing(const Release *release, Oid index)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, relation_name(index));
	query_run("DELETE FROM gray.unique_choice WHERE release_id = $1 AND production_index = $2",
			  &args);
}

static void
raise_unknown(const Release *release, Oid index)
{
	ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
					errmsg("%s is not a unique index of a production table of release \"%s\"",
						   get_rel_name(index) == NULL ? "it" : relation_name(index), release->name),
					errhint("SELECT * FROM gray_unique('%s') lists them.", release->name)));
}

/* Raise at once, since the switch would not have the effect that the caller wanted. */
static void
refuse_in_vain(const Release *release, Oid index)
{
	const UniqueIndex *unique = find_index(release, index);
	const char		  *reason = unique->wanted ? unique->obstacle[SIDE_GRAY] : unique->reason;

	if (unique_index_checks(unique, SIDE_GRAY))
		return;
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("index %s can't be unique across both sides", relation_name(index)),
					errdetail("The reason: %s.", reason),
					errhint("SELECT * FROM gray_unique('%s') shows what can.", release->name)));
}

Datum
gray_set_unique(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	Oid			index;

	call_refuse_null(fcinfo, 0, "production_index");
	index = PG_GETARG_OID(0);
	call_begin(&call, fcinfo, 2);
	release_lock(call.release);
	ownership_require(call.release, call.before.user, "say what is unique");
	call.release = release_load_with_tables(call.release->name);
	if (find_index(call.release, index) == NULL)
		raise_unknown(call.release, index);
	if (PG_ARGISNULL(1))
		choose_nothing(call.release, index);
	else
		choose(call.release, index, PG_GETARG_BOOL(1));
	if (!PG_ARGISNULL(1) && PG_GETARG_BOOL(1))
		refuse_in_vain(call.release, index);
	call_end(&call);
	PG_RETURN_VOID();
}
