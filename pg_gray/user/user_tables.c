/*
 * user_tables.c: creates the tables that hold the users of a release
 *
 * Each release has its own tables for its users, with the uid in its own type as key
 * (docs/concepts.md): gray.state_ID, gray.cohort_ID, gray.stay_ID, gray.attempt_ID and
 * gray.kept_ID.  They are created when the first table is cloned, since the type is not known
 * before.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "release/own_load.h"
#include "release/privilege.h"
#include "release/release.h"
#include "user/notify.h"
#include "user/uid.h"
#include "user/user_tables.h"

static void
create_user_tables(const Release *release)
{
	const char *uid_type = format_type_be_qualified(release->uid_type);
	const char *tables[] = {release->state_table, release->cohort_table, release->stay_table,
							release->attempt_table, release->kept_table};
	const char *followed[] = {release->state_table, release->cohort_table};

	query_run(psprintf("CREATE TABLE %s (uid %s PRIMARY KEY,"
					   " state gray.state NOT NULL DEFAULT 'off',"
					   " since timestamptz NOT NULL DEFAULT now(),"
					   " changed xid8 NOT NULL DEFAULT pg_current_xact_id())",
					   release->state_table, uid_type),
			  NULL);
	query_run(psprintf("CREATE TRIGGER lock_user BEFORE INSERT ON %s"
					   " FOR EACH ROW EXECUTE FUNCTION gray.lock_user('%d')",
					   release->state_table, release->id),
			  NULL);
	query_run(psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER lock_user", release->state_table),
			  NULL);
	query_run(psprintf("CREATE TABLE %s (uid %s PRIMARY KEY,"
					   " listed boolean NOT NULL DEFAULT true,"
					   " changed xid8 NOT NULL DEFAULT pg_current_xact_id())",
					   release->cohort_table, uid_type),
			  NULL);
	for (size_t i = 0; i < lengthof(followed); i++)
	{
		query_run(psprintf("CREATE INDEX ON %s (changed)", followed[i]), NULL);
		query_run(psprintf("COMMENT ON COLUMN %s.changed IS 'the transaction that wrote the row:"
						   " gray_changes finds by it what a gateway has not seen'",
						   followed[i]),
				  NULL);
	}
	query_run(psprintf("COMMENT ON COLUMN %s.listed IS 'false: taken off the list again,"
					   " which gateways have to see'",
					   release->cohort_table),
			  NULL);
	query_run(psprintf("CREATE TABLE %s (uid %s PRIMARY KEY, xid xid8, since xid8, rows bigint[],"
					   " defaults bigint[], columns bigint[], storage bigint[], relations oid[], own bigint[])",
					   release->stay_table, uid_type),
			  NULL);
	query_run(psprintf("COMMENT ON TABLE %s IS 'the stay of each user who is in gray: the transaction"
					   " that moved the rows, and the tables as they were then, for the way home'",
					   release->stay_table),
			  NULL);
	query_run(psprintf("CREATE TABLE %s (uid %s,"
					   " id bigint GENERATED ALWAYS AS IDENTITY,"
					   " kind text NOT NULL, state gray.state NOT NULL, row_count bigint,"
					   " started timestamptz NOT NULL, duration interval NOT NULL,"
					   " sqlstate text, message text, detail text, hint text,"
					   " schema_name text, table_name text, column_name text, constraint_name text, row_key text,"
					   " resolved timestamptz, PRIMARY KEY (uid, id))",
					   release->attempt_table, uid_type),
			  NULL);
	query_run(psprintf("CREATE TABLE %s (uid %s, position integer, key text[] COLLATE \"C\","
					   " column_id integer, value text COLLATE \"C\", home text COLLATE \"C\","
					   " PRIMARY KEY (uid, position, key, column_id))",
					   release->kept_table, uid_type),
			  NULL);
	query_run(psprintf("COMMENT ON TABLE %s IS 'values that only gray could hold, for the user''s"
					   " next stay there, by row and column (gray.kept_column)'",
					   release->kept_table),
			  NULL);
	query_run(psprintf("COMMENT ON COLUMN %s.home IS 'what production had beside it:"
					   " when that has changed, the value does not come back'",
					   release->kept_table),
			  NULL);
	for (size_t i = 0; i < lengthof(tables); i++)
		privilege_close_table(catalog_relation(tables[i] + strlen(CATALOG_SCHEMA ".")));
}

static void
widen_parked_tables(const Release *release)
{
	ListCell *cell;

	foreach(cell, own_parked_list(release))
		query_run(psprintf("ALTER TABLE %s ALTER parked_uid TYPE %s", (char *) lfirst(cell),
						   format_type_be_qualified(release->uid_type)),
				  NULL);
}

/* Widen the uid columns of a release's user tables from a narrower type. */
static void
widen_user_tables(const Release *release)
{
	const char *tables[] = {release->state_table, release->cohort_table, release->stay_table,
							release->attempt_table, release->kept_table};

	role_limit_lock_waits();
	for (size_t i = 0; i < lengthof(tables); i++)
		query_run(psprintf("ALTER TABLE %s ALTER uid TYPE %s", tables[i],
						   format_type_be_qualified(release->uid_type)),
				  NULL);
	widen_parked_tables(release);
}

static void
raise_other_family(const Release *release, Oid uid_type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("uids of release \"%s\" are of type %s, not %s", release->name,
					format_type_be(release->uid_type), format_type_be(uid_type)),
			 errhint("All uid columns of a release must be integers, or all texts, or all uuids.")));
}

void
user_tables_set_uid_type(Release *release, unsigned int uid_type)
{
	bool	  is_first = !OidIsValid(release->uid_type);
	Oid		  type = is_first ? uid_type : uid_wider(release->uid_type, uid_type);
	QueryArgs args = {0};

	if (!OidIsValid(type))
		raise_other_family(release, uid_type);
	if (release->uid_type == type)
		return;
	release->uid_type = type;
	query_arg_int(&args, release->id);
	query_arg_text(&args, format_type_be(type));
	query_run("UPDATE gray.release SET uid_type = $2 WHERE id = $1", &args);
	if (is_first)
		create_user_tables(release);
	else
		widen_user_tables(release);
	notify_roster(release, NEWS_RELEASE);
}
