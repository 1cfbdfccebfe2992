/*
 * release_functions.c: the SQL functions that create, open and close a release
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check.h"
#include "check/check_publication.h"
#include "clone/view.h"
#include "fence/fence.h"
#include "fence/shared_trigger.h"
#include "own/own_register.h"
#include "functions/gateway_lease.h"
#include "functions/release_functions.h"
#include "postgres/catalog.h"
#include "postgres/query.h"
#include "release/admit.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/schema.h"
#include "release/twin_load.h"
#include "release/twin_remember.h"
#include "routing/release_name.h"
#include "user/call.h"
#include "user/notify.h"
#include "user/uid.h"
#include "user/user_lock.h"
#include "user/user_tables.h"

PG_FUNCTION_INFO_V1(gray_create_release);
PG_FUNCTION_INFO_V1(gray_open);
PG_FUNCTION_INFO_V1(gray_close);
PG_FUNCTION_INFO_V1(gray_set_stuck_side);

void
release_set_open(const Release *release, bool open)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg(&args, BOOLOID, BoolGetDatum(open));
	query_run("UPDATE gray.release SET is_open = $2 WHERE id = $1", &args);
	notify_roster(release, NEWS_RELEASE);
}

/*
 * Create
 */

static void
check_name(const char *name)
{
	if (!release_name_is_valid(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME), errmsg("invalid release name \"%s\"", name),
				 errhint(
					 "Use letters, digits, _ and -: the name goes into HTTP headers and metrics.")));
}

static void
check_schema(const char *schema)
{
	if (strcmp(schema, CATALOG_SCHEMA) == 0 || strcmp(schema, "information_schema") == 0 ||
		strncmp(schema, "pg_", 3) == 0)
		ereport(ERROR, (errcode(ERRCODE_RESERVED_NAME),
						errmsg("schema \"%s\" can't be a gray schema", schema),
						errhint("Name another schema in the argument gray_schema.")));
}

static void
refuse_duplicate(const char *column, const char *name, const char *message, const char *hint)
{
	QueryArgs args = {0};

	query_arg_text(&args, name);
	if (query_run(psprintf("SELECT release FROM gray.release WHERE %s::text = $1", column), &args) >
		0)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT), errmsg(message, name),
						errhint(hint, query_text(0, 1))));
}

static void
insert_release(const char *name, const char *schema, bool created)
{
	QueryArgs args = {0};

	query_run("LOCK TABLE gray.release IN SHARE ROW EXCLUSIVE MODE", NULL);
	refuse_duplicate("release", name, "release \"%s\" exists already",
					 "SELECT gray_drop_release('%s') drops it.");
	refuse_duplicate("gray_schema", schema, "schema \"%s\" is the gray schema of another release",
					 "It belongs to release \"%s\": name another schema in the argument gray_schema.");
	query_arg_text(&args, name);
	query_arg_text(&args, schema);
	query_arg_text(&args, created ? "true" : "false");
	query_arg_text(&args, release_place());
	query_run("INSERT INTO gray.release (id, release, gray_schema, schema_created, place, time_zone,"
			  " lc_monetary, lc_numeric, lc_time, text_search_config)"
			  " SELECT coalesce(max(id), 0) + 1, $1::name, $2::name, $3::boolean, $4,"
			  " current_setting('TimeZone'), current_setting('lc_monetary'), current_setting('lc_numeric'),"
			  " current_setting('lc_time'), current_setting('default_text_search_config') FROM gray.release",
			  &args);
}

Datum
gray_create_release(PG_FUNCTION_ARGS)
{
	char	  *name;
	char	  *schema;
	bool	   created;
	RoleSwitch before;

	call_refuse_null(fcinfo, 0, "release");
	name = call_name(fcinfo, 0);
	schema = PG_ARGISNULL(1) ? name : call_name(fcinfo, 1);
	check_name(name);
	check_schema(schema);

	SPI_connect();
	role_become_catalog_owner(&before);
	publication_refuse(schema);
	role_return(&before);
	created = schema_make(schema);
	role_become_catalog_owner(&before);
	insert_release(name, schema, created);
	admit_catalog();
	admit_gateways();
	role_return(&before);
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * Open and close
 */

/*
 * Widen the release's uid type if production's uid columns have become wider since they were
 * cloned.
 */
static void
adopt_uid_types(Release *release, const TwinSet *set)
{
	for (int i = 0; i < set->count; i++)
	{
		const Column *column = set->twins[i].uid_column;
		Oid type = column == NULL ? release->uid_type : getBaseType(column->type[SIDE_PRODUCTION]);

		if (OidIsValid(uid_wider(release->uid_type, type)))
			user_tables_set_uid_type(release, type);
	}
}

Datum
gray_open(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;

	call_begin(&call, fcinfo, 0);
	release_lock(call.release);
	ownership_require_operator(call.release, call.before.user, "open it");
	if (!OidIsValid(call.release->uid_type))
		call.release = release_load_with_tables(call.release->name);
	role_pin_formats(&call.release->formats);
	set = twin_load_all(call.release);
	if (set->count > 0)
		schema_admit(call.release, twin_owner_role(set));
	adopt_uid_types(call.release, set);
	check_or_raise(call.release, set);
	twin_remember(call.release, set);
	if (own_refresh(call.release, set))
		set = twin_load_all(call.release);
	/* With all users locked, no move waits for a table's lock while a writer waits for the move. */
	user_lock_all(call.release->id);
	admit_catalog();
	admit_gateways();
	admit_clean_up();
	admit_owner(call.release, twin_owner_role(set));
	fence_up(call.release, set);
	shared_trigger_up(call.release);
	gateway_warn_of_lost(call.release);
	release_set_open(call.release, true);
	call_end(&call);
	PG_RETURN_VOID();
}

/*
 * The function waits for moves in flight, and no new move begins before it sees the switch closed.
 * So if nobody's data is in gray then, nobody's will be later.  Changes of the gray tables do not
 * matter.
 */
Datum
gray_close(PG_FUNCTION_ARGS)
{
	ReleaseCall call;

	call_begin(&call, fcinfo, 0);
	release_lock(call.release);
	ownership_require_operator(call.release, call.before.user, "close it");
	user_lock_all(call.release->id);
	release_set_open(call.release, false);
	if (OidIsValid(call.release->uid_type) && !release_holds_users(call.release))
	{
		twin_remember(call.release, twin_load_whole(call.release));
		fence_down(release_relations(call.release, SIDE_PRODUCTION));
		shared_trigger_down(call.release);
	}
	call_end(&call);
	PG_RETURN_VOID();
}

Datum
gray_set_stuck_side(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	QueryArgs	args = {0};

	call_refuse_null(fcinfo, 0, "side");
	call_begin(&call, fcinfo, 1);
	query_arg_int(&args, call.release->id);
	query_arg(&args, OIDOID, PG_GETARG_DATUM(0));
	query_run("UPDATE gray.release SET stuck_side = (SELECT enumlabel::text::gray.side"
			  " FROM pg_enum WHERE oid = $2) WHERE id = $1",
			  &args);
	notify_roster(call.release, NEWS_RELEASE);
	call_end(&call);
	PG_RETURN_VOID();
}
