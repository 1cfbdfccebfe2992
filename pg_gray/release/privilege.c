/*
 * privilege.c: sets the privileges on objects that the extension makes
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/ownership.h"
#include "release/privilege.h"
#include "release/release.h"

/*
 * Closing
 */

/*
 * `sql` selects the owner and the grantees of the object with oid $1, and whether all its rights
 * are the defaults.
 */
static void
close_object(const char *what, const char *sql, Oid oid)
{
	QueryArgs args = {0};
	char	 *owner;
	char	 *grantees;

	query_arg(&args, OIDOID, ObjectIdGetDatum(oid));
	query_run(sql, &args);
	if (query_bool(0, 3))
		return;
	owner = query_text(0, 1);
	grantees = query_text(0, 2);
	if (grantees != NULL)
		query_run(psprintf("REVOKE ALL ON %s FROM %s", what, grantees), NULL);
	query_run(psprintf("GRANT ALL ON %s TO %s", what, owner), NULL);
}

#define SELECT_GRANTEES(acl, owner, from) \
	"SELECT quote_ident(pg_get_userbyid(o." owner ")), (SELECT string_agg(DISTINCT CASE p.grantee" \
	" WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(p.grantee)) END, ', ')" \
	" FROM aclexplode(o." acl ") p), o." acl " IS NULL FROM " from " o WHERE o.oid = $1"

static void
close_relation(const char *kind, Oid relation)
{
	close_object(psprintf("%s %s", kind, relation_name(relation)),
				 SELECT_GRANTEES("relacl", "relowner", "pg_class"), relation);
}

void
privilege_close_table(unsigned int table)
{
	ListCell *cell;

	close_relation("TABLE", table);
	foreach(cell, getOwnedSequences(table))
		close_relation("SEQUENCE", lfirst_oid(cell));
}

void
privilege_close_sequence(unsigned int sequence)
{
	close_relation("SEQUENCE", sequence);
}

void
privilege_close_schema(unsigned int schema)
{
	close_object(psprintf("SCHEMA %s", quote_identifier(get_namespace_name(schema))),
				 SELECT_GRANTEES("nspacl", "nspowner", "pg_namespace"), schema);
}

/*
 * Sharing
 */

/* clang-format off */

/* The owner of a view of the tables does not decide who else may use the gray schema. */
#define OF_OWNER(view) \
	"EXISTS (SELECT FROM gray.release_table t JOIN pg_class p ON p.oid = to_regclass(t.production)" \
	" JOIN pg_class w ON w.oid = to_regclass(release_view." view ")" \
	" WHERE t.release_id = $1 AND pg_has_role(w.relowner, p.relowner, 'MEMBER'))"

/*
 * For every relation of release $1 and its partitions: the roles that were granted a right, and
 * every role that has that grant and USAGE of the schema in which production shows the relation.
 * With $3, also roles that were granted a right on a gray relation alone.  Roles that will have
 * USAGE through another of these roles are left out.
 */
#define SELECT_WITHOUT_USAGE \
	"WITH named (name, is_gray) AS (" \
		"SELECT production, false" \
		" FROM gray.release_table" \
		" WHERE release_id = $1" \
		" UNION ALL SELECT production, false" \
		" FROM gray.release_view" \
		" WHERE release_id = $1 AND " OF_OWNER("production") \
		" UNION ALL SELECT gray, true" \
		" FROM gray.release_table" \
		" WHERE release_id = $1 AND $3" \
		" UNION ALL SELECT gray, true" \
		" FROM gray.release_view" \
		" WHERE release_id = $1 AND $3 AND " OF_OWNER("gray") ")," \
	" relation (oid, is_gray) AS (" \
		"SELECT to_regclass(name)::oid, is_gray" \
		" FROM named" \
		" UNION SELECT t.relid, n.is_gray" \
		" FROM named n, pg_partition_tree(to_regclass(n.name)) t)," \
	" granted (grantee, is_gray, schema, relation) AS (" \
		"SELECT a.grantee, r.is_gray, c.relnamespace, min(format('%I.%I', n.nspname, c.relname))" \
		" FROM relation r" \
		" JOIN pg_class c ON c.oid = r.oid" \
		" JOIN pg_namespace n ON n.oid = c.relnamespace," \
		" LATERAL (" \
			"SELECT p.grantee" \
			" FROM aclexplode(c.relacl) p" \
			" UNION SELECT p.grantee" \
			" FROM pg_attribute t, aclexplode(t.attacl) p" \
			" WHERE t.attrelid = c.oid) a" \
		" WHERE a.grantee <> c.relowner" \
		" GROUP BY 1, 2, 3)," \
	" users (oid, name) AS (" \
		"SELECT 0::oid, 'PUBLIC'" \
		" UNION ALL SELECT oid, quote_ident(rolname)" \
		" FROM pg_roles" \
		" WHERE NOT rolsuper)," \
	" lacking (oid, name, relation) AS (" \
		"SELECT u.oid, u.name, min(g.relation)" \
		" FROM granted g" \
		" JOIN users u ON u.oid = g.grantee" \
		" OR (" \
			"NOT g.is_gray" \
			" AND u.oid <> 0" \
			" AND (g.grantee = 0 OR pg_has_role(u.oid, g.grantee, 'USAGE')))" \
		" WHERE NOT has_schema_privilege(u.oid, $2, 'USAGE')" \
		" AND CASE" \
		" WHEN g.is_gray THEN NOT EXISTS (" \
			"SELECT 1 FROM granted o WHERE o.grantee = g.grantee AND NOT o.is_gray)" \
		" ELSE has_schema_privilege(u.oid, g.schema, 'USAGE') END" \
		" GROUP BY u.oid, u.name)" \
	" SELECT name, relation" \
	" FROM lacking l" \
	" WHERE NOT EXISTS (" \
		"SELECT 1" \
		" FROM lacking o" \
		" WHERE o.oid <> l.oid" \
		" AND (o.oid = 0 OR (l.oid <> 0 AND pg_has_role(l.oid, o.oid, 'USAGE'))))" \
	" ORDER BY name"

/* clang-format on */

List *
privilege_without_usage(const Release *release, bool gray_too)
{
	Oid		  schema = get_namespace_oid(release->gray_schema, true);
	QueryArgs args = {0};
	List	 *users = NIL;
	uint64	  rows;

	if (!OidIsValid(schema))
		return NIL;
	query_arg_int(&args, release->id);
	query_arg(&args, OIDOID, ObjectIdGetDatum(schema));
	query_arg(&args, BOOLOID, BoolGetDatum(gray_too));
	rows = query_run(SELECT_WITHOUT_USAGE, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		PrivilegeUser *user = palloc(sizeof(PrivilegeUser));

		user->name = query_text(row, 1);
		user->relation = query_text(row, 2);
		users = lappend(users, user);
	}
	return users;
}

void
privilege_share_usage(const Release *release)
{
	Oid		   schema = get_namespace_oid(release->gray_schema, false);
	List	  *users = privilege_without_usage(release, false);
	RoleSwitch before;
	ListCell  *cell;

	ownership_become_schema_owner(&before, schema);
	foreach(cell, users)
		query_run(psprintf("GRANT USAGE ON SCHEMA %s TO %s", quote_identifier(release->gray_schema),
						   ((PrivilegeUser *) lfirst(cell))->name),
				  NULL);
	role_return(&before);
}
