/*
 * presence.c: tells whether a user has any row in production
 *
 * A row of a table with an owner path implies a row of a table with a uid column.  A row whose uid
 * column refers to another table's uid column implies a row of that table.  So of a user table and
 * all tables that lead to it, only the user table is read, by one statement that the session keeps
 * prepared.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/inval.h"

#include "move/presence.h"
#include "owner/owner_route.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/session_cache.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/release_table.h"
#include "user/uid.h"

/* The statement for one release; exists once the session has looked for a user of the release. */
typedef struct Register
{
	SessionEntry	  entry; /* by the release's number; must be first */
	Oid				  uid_type;
	Oid				  owner_role;
	struct _SPI_plan *plan; /* null: there is no table to read */
} Register;

/*
 * Loading
 */

/* True when the uid column refers to the uid column of one of these steps (OwnerStep). */
static bool
is_covered(const OwnerStep *step, const List *others)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(step->relation));
	query_arg_int(&args, step->columns[0].attnum);
	rows = query_run("SELECT confrelid, confkey[1] FROM pg_catalog.pg_constraint"
					 " WHERE contype = 'f' AND convalidated AND conrelid = $1"
					 " AND conkey = ARRAY[$2]::int2[]",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		ListCell *cell;

		foreach(cell, others)
		{
			const OwnerStep *other = lfirst(cell);

			if (other->relation == query_oid(row, 1) &&
				other->columns[0].attnum == query_int(row, 2))
				return true;
		}
	}
	return false;
}

/*
 * Return the tables to read (OwnerStep), without tables whose rows' owners can't be told any more.
 */
static List *
find_steps(Register *found, const Release *release)
{
	List	 *with_uid = NIL;
	List	 *steps = NIL;
	ListCell *cell;

	foreach(cell, release_table_list(release))
	{
		const ReleaseTable *table = lfirst(cell);
		const OwnerRoute   *route = owner_route_load_at(release, SIDE_PRODUCTION, table->position);

		if (route == NULL || route->broken != NULL)
			continue;
		session_cache_made_of(&found->entry, route->steps[0].relation);
		if (route->count > 1)
			continue;
		if (!is_covered(&route->steps[0], with_uid))
			steps = lappend(steps, &route->steps[0]);
		with_uid = lappend(with_uid, &route->steps[0]);
	}
	return steps;
}

static char *
statement_text(const List *steps)
{
	StringInfoData sql;
	ListCell	  *cell;

	initStringInfo(&sql);
	foreach(cell, steps)
	{
		const OwnerStep *step = lfirst(cell);

		appendStringInfo(&sql, "%s EXISTS (SELECT 1 FROM %s p WHERE p.%s = $1)",
						 sql.len == 0 ? "SELECT 1 WHERE" : " OR", step->table,
						 step->columns[0].name);
	}
	return sql.data;
}

/* Runs as the owner of the tables: planning may call functions of the tables' indexes. */
static void
prepare(Register *found, const List *steps, const QueryArgs *args)
{
	const OwnerStep *first = linitial(steps);
	RoleSwitch		 before;

	found->owner_role = relation_owner(first->relation);
	role_become(&before, found->owner_role);
	found->plan = query_prepare(statement_text(steps), args);
	query_keep(found->plan);
	session_cache_own_plan(&found->entry, found->plan);
	role_return(&before);
}

typedef struct Source
{
	const Release	*release;
	const QueryArgs *args;
} Source;

static void
load(void *entry, const void *argument)
{
	Register	 *found = entry;
	const Source *source = argument;
	List		 *steps;

	role_yield_soon();
	found->uid_type = source->release->uid_type;
	steps = find_steps(found, source->release);
	if (steps != NIL)
		prepare(found, steps, source->args);
}

static SessionCache registers = {.name = "pg_gray presence",
								 .entry_size = sizeof(Register),
								 .load = load};

/*
 * Looking
 */

typedef struct Look
{
	const Release *release;
	const Uid	  *uid;
	bool		   found;
} Look;

/*
 * Look for a row.  Waits for no lock longer than a moment.  The subtransaction must be rolled
 * back, which releases the locks on the tables.
 */
static bool
look(void *argument)
{
	Look	  *wanted = argument;
	Register  *found;
	QueryArgs  args = {0};
	RoleSwitch before;

	query_arg(&args, wanted->uid->type, wanted->uid->value);
	AcceptInvalidationMessages();
	found = session_cache_find(&registers, wanted->release->id);
	if (found == NULL || found->uid_type != wanted->uid->type)
		found =
			session_cache_load(&registers, wanted->release->id, &(Source){wanted->release, &args});
	if (found->plan != NULL)
	{
		role_become(&before, found->owner_role);
		role_yield_soon();
		wanted->found = query_run_plan(found->plan, &args) > 0;
		role_return(&before);
	}
	return false;
}

static bool
is_of_locks(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		   error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED;
}

bool
presence_has_rows(const Release *release, const Uid *uid)
{
	Look	   wanted = {.release = release, .uid = uid};
	ErrorData *error = subtransaction_run(look, &wanted);

	if (error == NULL)
		return wanted.found;
	if (subtransaction_time_cures(error) && !is_of_locks(error))
		ReThrowError(error);
	return true;
}
