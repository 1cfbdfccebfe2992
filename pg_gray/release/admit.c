/*
 * admit.c: grants roles the rights on schema gray that they need, and only while they need them
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"

#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "release/admit.h"
#include "release/own_load.h"
#include "release/privilege.h"
#include "release/release.h"
#include "release/schema.h"

/* The functions that owners of a release's tables need; triggers name the first two. */
#define OF_OWNERS "'gray.fence()', 'gray.fence_truncate()', 'gray.row_image(record)'"

#define OF_SHARED "'gray.shared()'"

static char *
role_name(Oid role)
{
	return pstrdup(quote_identifier(GetUserNameFromId(role, false)));
}

/*
 * Functions
 */

/*
 * Run the statements that a query of (statement, the function's owner) returns, each as that
 * owner.
 */
static void
run_statements(const char *sql, QueryArgs *args)
{
	uint64 rows = query_run(sql, args);
	char **statements = palloc(sizeof(char *) * Max(rows, 1));
	Oid	  *owners = palloc(sizeof(Oid) * Max(rows, 1));

	for (uint64 row = 0; row < rows; row++)
	{
		statements[row] = query_text(row, 1);
		owners[row] = query_oid(row, 2);
	}
	for (uint64 row = 0; row < rows; row++)
	{
		RoleSwitch before;

		role_become(&before, owners[row]);
		query_run(statements[row], NULL);
		role_return(&before);
	}
}

/* Grant the functions of schema gray that fulfil a condition, as far as the role lacks them. */
static void
grant_functions(Oid role, const char *condition)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(role));
	run_statements(psprintf("SELECT format('GRANT EXECUTE ON FUNCTION %%s TO %%I', oid::regprocedure, pg_get_userbyid($1)), proowner"
							" FROM pg_proc WHERE pronamespace = 'gray'::regnamespace AND %s"
							" AND NOT has_function_privilege($1, oid, 'EXECUTE') ORDER BY proname",
							condition),
				   &args);
}

static bool
lacks_functions(Oid role)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(role));
	return query_run("SELECT FROM unnest(ARRAY[" OF_OWNERS "]::regprocedure[]) AS f (oid)"
					 " WHERE NOT has_function_privilege($1, f.oid, 'EXECUTE')",
					 &args) > 0;
}

void
admit_shared(unsigned int owner)
{
	grant_functions(owner, "oid = " OF_SHARED "::regprocedure");
}

void
admit_catalog(void)
{
	grant_functions(catalog_owner(), "true");
}

void
admit_gateways(void)
{
	run_statements("SELECT DISTINCT 'GRANT SELECT ON gray.release TO '"
				   " || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, c.relowner"
				   " FROM pg_class c, pg_proc p, pg_depend d, pg_extension x, aclexplode(p.proacl) a"
				   " WHERE c.oid = 'gray.release'::regclass AND d.classid = 'pg_proc'::regclass AND d.objid = p.oid"
				   " AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid"
				   " AND x.extname = 'pg_gray' AND p.proname = 'gray_roster' AND a.grantee <> c.relowner"
				   " AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) o WHERE o.grantee = a.grantee AND o.privilege_type = 'SELECT')",
				   NULL);
}

void
admit_clean_up(void)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(catalog_owner()));
	run_statements("SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM %I', p.oid::regprocedure, pg_get_userbyid(a.grantee)), p.proowner"
				   " FROM pg_proc p, aclexplode(p.proacl) a"
				   " WHERE p.oid = ANY (ARRAY[" OF_OWNERS ", " OF_SHARED "]::regprocedure[])"
				   " AND a.grantee NOT IN (0, p.proowner, $1)"
				   " AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
				   " WHERE t.tgfoid = p.oid AND c.relowner = a.grantee)"
				   " AND (p.oid = " OF_SHARED
				   "::regprocedure OR NOT EXISTS (SELECT FROM gray.release_table t JOIN pg_class c"
				   " ON c.oid IN (to_regclass(t.production), to_regclass(t.gray)) WHERE c.relowner = a.grantee))"
				   " ORDER BY p.proname, a.grantee",
				   &args);
}

/*
 * A release's tables
 */

static Oid
kept_table(const Release *release)
{
	return catalog_relation(release->kept_table + strlen(CATALOG_SCHEMA "."));
}

List *
admit_outdated(const Release *release, unsigned int owner)
{
	QueryArgs args = {0};
	List	 *roles = NIL;
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg_text(&args, release->kept_table);
	query_arg_text(&args, release->state_table);
	query_arg(&args, OIDOID, ObjectIdGetDatum(owner));
	rows =
		query_run("SELECT DISTINCT a.grantee FROM pg_class c,"
				  " LATERAL (SELECT grantee FROM aclexplode(c.relacl) UNION SELECT p.grantee"
				  " FROM pg_attribute t, aclexplode(t.attacl) p WHERE t.attrelid = c.oid) AS a"
				  " WHERE c.oid IN ($2::regclass, $3::regclass) AND a.grantee NOT IN (c.relowner, $4, 0)"
				  " AND ($4 <> 0 OR NOT EXISTS (SELECT FROM gray.release_table t JOIN pg_class o"
				  " ON o.oid IN (to_regclass(t.production), to_regclass(t.gray))"
				  " WHERE t.release_id = $1 AND o.relowner = a.grantee)) ORDER BY 1",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		roles = lappend_oid(roles, query_oid(row, 1));
	return roles;
}

/* Grant the rights on the tables of parked rows that statements of moves need. */
static void
admit_to_parked(const Release *release, const char *role)
{
	const char *parked = own_parked_tables(release);

	if (parked != NULL)
		query_run(psprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s", parked, role), NULL);
}

static void
dismiss_from_parked(const Release *release, const char *role)
{
	const char *parked = own_parked_tables(release);

	if (parked != NULL)
		query_run(psprintf("REVOKE ALL ON %s FROM %s", parked, role), NULL);
}

/* Roles that were granted rights on the tables of the gray schema keep USAGE of it. */
static void
dismiss(const Release *release, const List *roles)
{
	ListCell *cell;

	foreach(cell, roles)
	{
		const char *name = role_name(lfirst_oid(cell));

		query_run(psprintf("REVOKE ALL ON %s, %s FROM %s", release->kept_table,
						   release->state_table, name),
				  NULL);
		dismiss_from_parked(release, name);
		schema_dismiss(release, lfirst_oid(cell));
	}
	if (roles == NIL)
		return;
	privilege_share_usage(release);
	admit_clean_up();
}

static bool
is_admitted(const Release *release, Oid owner)
{
	Oid schema = get_namespace_oid(release->gray_schema, true);

	return pg_class_aclcheck(kept_table(release), owner, ACL_SELECT) == ACLCHECK_OK &&
		   (!OidIsValid(schema) || pg_namespace_aclcheck(schema, owner, ACL_USAGE) == ACLCHECK_OK) &&
		   !lacks_functions(owner) && admit_outdated(release, owner) == NIL;
}

/* Two sessions that grant at the same time would fail on the rows in pg_class and pg_proc. */
static void
lock_or_raise(void)
{
	if (!ConditionalLockRelationOid(catalog_relation("release_table"), ShareRowExclusiveLock))
		ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
						errmsg("could not obtain lock on relation \"gray.release_table\"")));
}

void
admit_owner(const Release *release, unsigned int owner)
{
	const char *name;

	if (is_admitted(release, owner))
		return;
	lock_or_raise();
	dismiss(release, admit_outdated(release, owner));
	name = role_name(owner);
	query_run(psprintf("GRANT SELECT, INSERT, DELETE ON %s TO %s", release->kept_table, name), NULL);
	query_run(psprintf("GRANT SELECT (uid) ON %s TO %s", release->state_table, name), NULL);
	admit_to_parked(release, name);
	grant_functions(owner, "oid = ANY (ARRAY[" OF_OWNERS "]::regprocedure[])");
	schema_admit(release, owner);
	/* If this is rolled back, cached prepareds of moves would not know it otherwise. */
	CacheInvalidateRelcacheByRelid(catalog_relation("release"));
}

void
admit_dismiss(const Release *release)
{
	List *roles = admit_outdated(release, InvalidOid);

	if (roles != NIL &&
		ConditionalLockRelationOid(catalog_relation("release_table"), ShareRowExclusiveLock))
		dismiss(release, roles);
}
