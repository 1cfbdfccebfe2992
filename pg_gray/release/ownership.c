/*
 * ownership.c: checks who may change a release
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/catalog.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/ownership.h"
#include "release/release.h"

/* Return the owners (Oid) of the release's tables and schema. */
static List *
owners(const Release *release)
{
	Oid		  schema = get_namespace_oid(release->gray_schema, true);
	List	 *roles = NIL;
	ListCell *cell;

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		foreach(cell, release_relations(release, side))
			roles = list_append_unique_oid(roles, relation_owner(lfirst_oid(cell)));
	}
	if (roles == NIL)
		roles =
			list_make1_oid(OidIsValid(schema) ? relation_schema_owner(schema) : catalog_owner());
	return roles;
}

/* Return an owner as which the caller can't act; or 0. */
static Oid
stranger_to(const Release *release, Oid caller)
{
	ListCell *cell;

	if (has_privs_of_role(caller, catalog_owner()))
		return InvalidOid;
	foreach(cell, owners(release))
	{
		if (!has_privs_of_role(caller, lfirst_oid(cell)))
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

static void
refuse(const Release *release, Oid owner, const char *what, const char *other_way)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("must be owner of the tables of release \"%s\" to %s", release->name, what),
			 errhint("Call it as \"%s\", or as a member of that role%s.",
					 GetUserNameFromId(owner, false), other_way)));
}

void
ownership_require(const Release *release, unsigned int caller, const char *what)
{
	Oid		  owner = stranger_to(release, caller);
	ListCell *cell;

	if (OidIsValid(owner))
		refuse(release, owner, what, "");
	foreach(cell, owners(release))
		ownership_require_member(lfirst_oid(cell), "tables of the release");
}

/*
 * An operator has EXECUTE on a function that does nothing: that right follows the role when the
 * role is renamed or dropped.
 */
static bool
is_operator(Oid role)
{
	Oid function = LookupFuncName(list_make2(makeString(CATALOG_SCHEMA), makeString("operate")), 0,
								  NULL, false);

	return pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
}

void
ownership_require_operator(const Release *release, unsigned int caller, const char *what)
{
	Oid owner = is_operator(caller) ? InvalidOid : stranger_to(release, caller);

	if (OidIsValid(owner))
		refuse(release, owner, what,
			   psprintf("; or as an operator: SELECT gray_grant(%s, 'operator')",
						quote_literal_cstr(GetUserNameFromId(caller, false))));
}

void
ownership_require_catalog(unsigned int caller, const char *what)
{
	Oid owner = catalog_owner();

	if (!has_privs_of_role(caller, owner))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("must be owner of pg_gray's tables to %s", what),
						errhint("Call it as \"%s\", or as a member of that role.",
								GetUserNameFromId(owner, false))));
}

bool
ownership_is_member(unsigned int owner)
{
	return is_member_of_role(catalog_owner(), owner);
}

void
ownership_require_member(unsigned int owner, const char *what)
{
	const char *catalog;
	const char *name;

	if (ownership_is_member(owner))
		return;
	catalog = GetUserNameFromId(catalog_owner(), false);
	name = GetUserNameFromId(owner, false);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\", which owns pg_gray's tables, can't act as \"%s\"", catalog, name),
			 errdetail("That role owns %s.", what),
			 errhint("GRANT %s TO %s;", quote_identifier(name), quote_identifier(catalog))));
}

void
ownership_become_schema_owner(RoleSwitch *before, unsigned int schema)
{
	Oid owner = relation_schema_owner(schema);

	ownership_require_member(owner,
							 psprintf("schema %s", quote_identifier(get_namespace_name(schema))));
	role_become(before, owner);
}
