/*
 * check_fence.c: checks whether the fence is up, and who writes past it
 *
 * A write past the fence on the wrong side is lost on the way home, and nobody is told.
 */
#include "postgres.h"

#include "commands/trigger.h"

#include "check/check_fence.h"
#include "check/check_relations.h"
#include "fence/fence.h"
#include "postgres/query.h"
#include "release/release.h"

/* clang-format off */

/*
 * Triggers of the fence that are missing, are not ours or don't fire for all sessions.  A role with
 * the privilege TRIGGER can replace our trigger with another (CREATE OR REPLACE).  tgtype 29 is
 * AFTER INSERT, DELETE, UPDATE of each row, and 34 is BEFORE TRUNCATE.
 *
 * The sixth column tells whether gray_open creates the trigger again; gray_open does not look for
 * missing triggers in partitions.  The last column is the present name of the production table that
 * was registered under this table's name; null: the table is the registered one.
 */
#define SELECT_FENCES \
	CHECK_RELATIONS \
	" SELECT r.oid::regclass::text, t.oid IS NULL, f.ours, t.tgenabled, quote_ident(n.name)," \
		" (" \
			"r.oid = r.root" \
			" OR n.name <> '" FENCE_TRIGGER "'" \
			" OR NOT EXISTS (" \
				"SELECT 1" \
				" FROM pg_trigger w" \
				" WHERE w.tgrelid = r.root AND w.tgname = n.name AND w.tgenabled IN ('O', 'A')))," \
		" (" \
			"SELECT o.oid::regclass::text" \
			" FROM gray.release_table b" \
			" JOIN pg_class o ON o.oid = b.production_oid" \
			" WHERE b.release_id = $1" \
			" AND b.position = r.position" \
			" AND r.side = 'production'" \
			" AND o.oid <> r.root)" \
	" FROM relation r" \
	" CROSS JOIN (VALUES ('" FENCE_TRIGGER "'), ('" FENCE_TRIGGER "_truncate')) AS n (name)" \
	" LEFT JOIN pg_trigger t ON t.tgrelid = r.oid AND t.tgname = n.name" \
	" LEFT JOIN pg_proc p ON p.oid = t.tgfoid," \
	" LATERAL (" \
		"SELECT p.oid = CASE n.name WHEN '" FENCE_TRIGGER "' THEN 'gray.fence()'" \
		" ELSE 'gray.fence_truncate()' END::regprocedure" \
		" AND t.tgqual IS NULL" \
		" AND t.tgattr = ''" \
		" AND t.tgtype = CASE n.name WHEN '" FENCE_TRIGGER "' THEN 29 ELSE 34 END" \
		" AND encode(t.tgargs, 'escape') = $2 || r.side || '\\000') AS f (ours)" \
	" WHERE CASE" \
	" WHEN t.oid IS NULL THEN n.name = '" FENCE_TRIGGER "'" \
	" OR (" \
		"r.oid = r.root" \
		" AND EXISTS (" \
			"SELECT 1" \
			" FROM pg_trigger w" \
			" WHERE w.tgrelid = r.oid AND w.tgname = '" FENCE_TRIGGER "'))" \
	" ELSE NOT f.ours OR t.tgenabled <> 'A' END" \
	CHECK_RELATIONS_ORDER ", n.name"

/* clang-format on */

/* What is wrong with a trigger of the fence. */
typedef enum Trouble
{
	TROUBLE_MISSING,
	TROUBLE_ANOTHER, /* another trigger has its name */
	TROUBLE_REPLICA, /* it fires for session_replication_role = replica alone */
	TROUBLE_ORIGIN,	 /* it does not fire for session_replication_role = replica */
	TROUBLE_DISABLED
} Trouble;

/* The trouble in a row of SELECT_FENCES. */
static Trouble
trouble_of(uint64 row)
{
	if (query_bool(row, 2))
		return TROUBLE_MISSING;
	if (!query_bool(row, 3))
		return TROUBLE_ANOTHER;
	switch (*query_text(row, 4))
	{
		case TRIGGER_FIRES_ON_REPLICA:
			return TROUBLE_REPLICA;
		case TRIGGER_FIRES_ON_ORIGIN:
			return TROUBLE_ORIGIN;
		default:
			return TROUBLE_DISABLED;
	}
}

/* True when gray_open mends the trouble in the tables that it looks at. */
static bool
is_mended(Trouble trouble)
{
	return trouble != TROUBLE_ANOTHER && trouble != TROUBLE_REPLICA;
}

/* The first argument of the fence's triggers, as tgargs has it. */
static char *
arguments(const Release *release)
{
	return psprintf("%s\\000", release->name);
}

#define LOST "writes on the side where the user's data is not are lost"

static void
add_missing(const Release *release, char *table, const char *trigger, const char *fenced,
			Findings *findings)
{
	char *problem = psprintf("the fence (trigger %s) is missing: " LOST, trigger);

	if (release->in_place && fenced != NULL)
		problem =
			psprintf("another table than the one that was fenced, which is called %s now; here the fence is missing: " LOST,
					 fenced);
	finding_add(findings, true, table, problem,
				psprintf("SELECT gray_open('%s'); puts it up.", release->name));
}

static void
add_another(const Release *release, char *table, const char *trigger, Findings *findings)
{
	finding_add(findings, true, table,
				psprintf("trigger %s is not the fence of this release: " LOST, trigger),
				psprintf("DROP TRIGGER %s ON %s; then SELECT gray_open('%s');", trigger, table,
						 release->name));
}

static void
add_down(char *table, const char *trigger, const char *state, Findings *findings)
{
	finding_add(findings, true, table, psprintf("the fence (trigger %s) %s: " LOST, trigger, state),
				psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s;", table, trigger));
}

static void
check_triggers(const Release *release, bool opening, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg_text(&args, arguments(release));
	rows = query_run(SELECT_FENCES, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		char   *table = query_text(row, 1);
		char   *trigger = query_text(row, 5);
		Trouble trouble = trouble_of(row);

		if (opening && query_bool(row, 6) && is_mended(trouble))
			continue;
		switch (trouble)
		{
			case TROUBLE_MISSING:
				add_missing(release, table, trigger, query_text(row, 7), findings);
				break;
			case TROUBLE_ANOTHER:
				add_another(release, table, trigger, findings);
				break;
			case TROUBLE_REPLICA:
				add_down(table, trigger, "fires for replicas only", findings);
				break;
			case TROUBLE_ORIGIN:
				add_down(table, trigger, "does not fire with session_replication_role = replica",
						 findings);
				break;
			case TROUBLE_DISABLED:
				add_down(table, trigger, "is disabled", findings);
				break;
		}
	}
}

/* The fence fires for subscriptions, too, and a subscription retries a refused row for ever. */
static void
check_subscriptions(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows = query_run(CHECK_RELATIONS
					 " SELECT r.oid::regclass::text, quote_ident(s.subname)"
					 " FROM relation r JOIN pg_subscription_rel w ON w.srrelid = r.oid"
					 " JOIN pg_subscription s ON s.oid = w.srsubid" CHECK_RELATIONS_ORDER ", 2",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1),
					psprintf("subscription %s writes it: what arrives for a user in gray is refused, and the subscription stops there",
							 query_text(row, 2)),
					psprintf("Take the table out of the publication, then ALTER SUBSCRIPTION %1$s REFRESH PUBLICATION; or DROP SUBSCRIPTION %1$s;",
							 query_text(row, 2)));
}

/*
 * Add a warning for each role or database with session_replication_role = replica: only triggers
 * that are ENABLE ALWAYS fire for its writes.
 */
static void
check_replica_roles(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT concat_ws(' ', CASE WHEN s.setrole <> 0 THEN 'ROLE ' || s.setrole::regrole END,"
				  " CASE WHEN s.setdatabase <> 0 THEN concat(CASE WHEN s.setrole <> 0 THEN 'IN ' END, 'DATABASE ',"
				  " quote_ident(current_database())) END) FROM pg_db_role_setting s"
				  " WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))"
				  " AND 'session_replication_role=replica' = ANY (s.setconfig) AND NOT EXISTS (SELECT 1 FROM relation r"
				  " JOIN pg_trigger t ON t.tgrelid = r.oid AND t.tgname = '" FENCE_TRIGGER
				  "' AND t.tgenabled = 'A') ORDER BY 1",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, pstrdup(release->name),
					psprintf("%s has session_replication_role = replica: what it writes passes the fence, and is lost on the way home if the user is in gray",
							 query_text(row, 1)),
					psprintf("ALTER %s RESET session_replication_role; while the release is open.",
							 query_text(row, 1)));
}

void
check_fence(const Release *release, bool opening, Findings *findings)
{
	if (opening || release->is_open || release_holds_users(release))
		check_triggers(release, opening, findings);
	check_subscriptions(release, findings);
	check_replica_roles(release, findings);
}
