/*
 * schema.c: makes the gray schema of a release, and checks who may create in it
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/ownership.h"
#include "release/privilege.h"
#include "release/release.h"
#include "release/schema.h"

/*
 * Faults
 */

/* clang-format off */

/* Condition: role x can't act as any of the roles $2. */
#define IS_STRANGER(x) "NOT EXISTS (SELECT FROM unnest($2) AS t (role) WHERE pg_has_role(" x ", t.role, 'MEMBER'))"

/*
 * The objects of schema $1 that are called, or looked up by name; tables and views, with their row
 * types, are not.
 */
#define CALLABLE \
	"SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc WHERE pronamespace = $1" \
	" UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner FROM pg_operator WHERE oprnamespace = $1" \
	" UNION ALL SELECT 'pg_opclass'::regclass, oid, opcowner FROM pg_opclass WHERE opcnamespace = $1" \
	" UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfowner FROM pg_opfamily WHERE opfnamespace = $1" \
	" UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation WHERE collnamespace = $1" \
	" UNION ALL SELECT 'pg_conversion'::regclass, oid, conowner FROM pg_conversion WHERE connamespace = $1" \
	" UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config WHERE cfgnamespace = $1" \
	" UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner FROM pg_ts_dict WHERE dictnamespace = $1" \
	" UNION ALL SELECT 'pg_type'::regclass, t.oid, typowner FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid" \
	" WHERE typnamespace = $1 AND NOT (typtype = 'b' AND typcategory = 'A') AND coalesce(c.relkind = 'c', true)"

/* The faults, in the order in which they are to be mended. */
#define SELECT_FAULTS \
	"WITH schema AS (SELECT quote_ident(nspname) AS name, nspowner AS owner, nspacl AS acl," \
	" (SELECT quote_ident(rolname) FROM pg_roles WHERE oid = $2[1]) AS ours" \
	" FROM pg_namespace WHERE oid = $1)," \
	" role AS (SELECT oid, 'role ' || quote_ident(rolname) AS told, quote_ident(rolname) AS name FROM pg_roles" \
	" UNION ALL SELECT 0, 'everybody', 'PUBLIC')," \
	" fault (place, problem, hint) AS (" \
	"SELECT 1, 'it belongs to ' || r.told, format('ALTER SCHEMA %s OWNER TO %s;', s.name, s.ours)" \
	" FROM schema s JOIN role r ON r.oid = s.owner WHERE " IS_STRANGER("s.owner") \
	" UNION ALL SELECT DISTINCT 2, r.told || ' may create in it', format('REVOKE CREATE ON SCHEMA %s FROM %s;', s.name, r.name)" \
	" FROM schema s, aclexplode(s.acl) a JOIN role r ON r.oid = a.grantee WHERE a.privilege_type = 'CREATE'" \
	" AND a.grantee <> s.owner AND CASE a.grantee WHEN 0 THEN true ELSE " IS_STRANGER("a.grantee") " END" \
	" UNION ALL SELECT 3, format('it has %s, which belongs to %s', pg_describe_object(o.class, o.oid, 0), r.told)," \
	" format('Drop it; or ALTER %s OWNER TO %s;', pg_describe_object(o.class, o.oid, 0), s.ours)" \
	" FROM schema s, (" CALLABLE ") AS o (class, oid, owner) JOIN role r ON r.oid = o.owner" \
	" WHERE o.owner <> s.owner AND " IS_STRANGER("o.owner") ")" \
	" SELECT problem, hint FROM fault ORDER BY place, problem COLLATE \"C\""

/* clang-format on */

static List *
faults_of(Oid schema, const List *trusted)
{
	QueryArgs args = {0};
	List	 *faults = NIL;
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(schema));
	query_arg_oids(&args, trusted);
	rows = query_run(SELECT_FAULTS, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		SchemaFault *fault = palloc(sizeof(SchemaFault));

		fault->problem = query_text(row, 1);
		fault->hint = query_text(row, 2);
		faults = lappend(faults, fault);
	}
	return faults;
}

List *
schema_faults(const Release *release, unsigned int owner)
{
	Oid schema = get_namespace_oid(release->gray_schema, true);

	return OidIsValid(schema) ? faults_of(schema, list_make2_oid(owner, catalog_owner())) : NIL;
}

static void
raise_first(const char *schema, const List *faults, const char *other_way)
{
	const SchemaFault *fault = faults == NIL ? NULL : linitial(faults);

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("schema \"%s\" can't be the gray schema: %s", schema, fault->problem),
				 errdetail(
					 "What is cloned, and version 2, look for functions, operators and types there first:"
					 " who puts some there has them called as the owner of the tables."),
				 errhint("%s%s", fault->hint, other_way)));
}

void
schema_refuse(const Release *release, unsigned int owner)
{
	raise_first(release->gray_schema, schema_faults(release, owner), "");
}

/*
 * Making
 */

/*
 * A superuser creates the schema for the owner of the catalog, when that owner could not act as a
 * superuser.
 */
static void
create(const char *name)
{
	Oid		   caller = GetUserId();
	Oid		   owner = caller;
	RoleSwitch before;

	if (!is_member_of_role(catalog_owner(), caller) && superuser())
		owner = catalog_owner();
	ownership_require_member(owner, "the gray schema");
	query_run(psprintf("CREATE SCHEMA %s AUTHORIZATION %s", quote_identifier(name),
					   quote_identifier(GetUserNameFromId(owner, false))),
			  NULL);
	role_become(&before, owner);
	privilege_close_schema(get_namespace_oid(name, false));
	role_return(&before);
}

/*
 * The owner of the tables that will be cloned is not known yet.  The roles of the caller are
 * trusted, but for a superuser not all roles.
 */
static void
refuse_strange(const char *name, Oid schema)
{
	Oid		   caller = GetUserId();
	Oid		   owner = relation_schema_owner(schema);
	List	  *trusted = list_make2_oid(caller, catalog_owner());
	RoleSwitch before;

	if (is_member_of_role_nosuper(caller, owner))
		trusted = lappend_oid(trusted, owner);
	ownership_require_member(owner, "the gray schema");
	role_become_catalog_owner(&before);
	raise_first(name, faults_of(schema, trusted),
				" or name another schema in the argument gray_schema.");
	role_return(&before);
}

bool
schema_make(const char *name)
{
	Oid schema = get_namespace_oid(name, true);

	if (!OidIsValid(schema))
	{
		create(name);
		return true;
	}
	if (!pg_namespace_ownercheck(schema, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_SCHEMA, name);
	refuse_strange(name, schema);
	return false;
}

/*
 * Rights
 */

static void
run_as_owner(Oid schema, const char *statement, const char *rights, Oid role)
{
	RoleSwitch before;

	ownership_become_schema_owner(&before, schema);
	query_run(psprintf(statement, rights, quote_identifier(get_namespace_name(schema)),
					   quote_identifier(GetUserNameFromId(role, false))),
			  NULL);
	role_return(&before);
}

static bool
has(Oid schema, Oid role, AclMode right)
{
	return pg_namespace_aclcheck(schema, role, right) == ACLCHECK_OK;
}

void
schema_admit(const Release *release, unsigned int owner)
{
	Oid schema = get_namespace_oid(release->gray_schema, true);

	if (OidIsValid(schema) && !has(schema, owner, ACL_USAGE))
		run_as_owner(schema, "GRANT %s ON SCHEMA %s TO %s", "USAGE", owner);
}

void
schema_dismiss(const Release *release, unsigned int role)
{
	Oid schema = get_namespace_oid(release->gray_schema, true);

	if (OidIsValid(schema) && relation_schema_owner(schema) != role)
		run_as_owner(schema, "REVOKE %s ON SCHEMA %s FROM %s", "USAGE", role);
}

SchemaLoan
schema_lend(unsigned int schema, unsigned int role, const char *rights)
{
	bool	   usage = strstr(rights, "USAGE") != NULL && !has(schema, role, ACL_USAGE);
	bool	   create = strstr(rights, "CREATE") != NULL && !has(schema, role, ACL_CREATE);
	SchemaLoan loan = {.schema = schema, .role = role};

	if (!usage && !create)
		return loan;
	loan.rights = !usage ? "CREATE" : !create ? "USAGE" : "USAGE, CREATE";
	run_as_owner(schema, "GRANT %s ON SCHEMA %s TO %s", loan.rights, role);
	return loan;
}

void
schema_take_back(const SchemaLoan *loan)
{
	if (loan->rights != NULL)
		run_as_owner(loan->schema, "REVOKE %s ON SCHEMA %s FROM %s", loan->rights, loan->role);
}
