/*
 * check_right.c: checks whether roles have the privileges they need, and whether others interfere
 *
 *   owner     the owner of the tables has the privileges that moves need
 *   usage     roles that may use the tables may use the gray schema, too
 *   schema    strangers may not create objects in the gray schema or in the functions' schema
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "check/check_relations.h"
#include "check/check_right.h"
#include "fence/fence.h"
#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/admit.h"
#include "release/ownership.h"
#include "release/privilege.h"
#include "release/release.h"
#include "release/schema.h"

static char *
role_name(Oid role)
{
	return pstrdup(quote_identifier(GetUserNameFromId(role, false)));
}

/*
 * Owners
 */

/*
 * The role that owns most of the registered tables; of two roles with as many tables, the role with
 * more tables of production.
 */
static char *
common_owner(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_run(CHECK_RELATIONS
			  " SELECT c.relowner::regrole::text FROM relation r JOIN pg_class c ON c.oid = r.oid"
			  " WHERE r.oid = r.root GROUP BY 1 ORDER BY count(*) DESC, count(*) FILTER (WHERE r.side = 'production') DESC LIMIT 1",
			  &args);
	return query_text(0, 1);
}

/* Only registered tables are compared; check_partition.c compares partitions with their tables. */
void
check_owners(const Release *release, Findings *findings)
{
	char	 *owner = common_owner(release);
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg_text(&args, owner);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass::text, c.relowner::regrole::text"
				  " FROM relation r JOIN pg_class c ON c.oid = r.oid"
				  " WHERE r.oid = r.root AND c.relowner::regrole::text <> $2" CHECK_RELATIONS_ORDER,
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1),
					psprintf("belongs to role %s, while other tables of the release belong to %s: moves run as one owner",
							 query_text(row, 2), owner),
					psprintf("ALTER TABLE %s OWNER TO %s;", query_text(row, 1), owner));
}

/*
 * Tables
 */

/* The privilege TRIGGER is needed only for tables on which gray_open has yet to put the fence. */
static void
check_tables(const Release *release, Oid owner, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg(&args, OIDOID, ObjectIdGetDatum(owner));
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass::text, string_agg(p.name, ', ' ORDER BY p.place)"
				  " FROM relation r JOIN pg_class c ON c.oid = r.oid,"
				  " unnest('{SELECT,INSERT,UPDATE,DELETE,TRIGGER}'::text[]) WITH ORDINALITY AS p (name, place)"
				  " WHERE c.relowner = $2 AND NOT has_table_privilege($2, r.oid, p.name)"
				  " AND (p.name <> 'TRIGGER' OR NOT EXISTS (SELECT 1 FROM pg_trigger t"
				  " WHERE t.tgrelid = r.oid AND t.tgname = '" FENCE_TRIGGER "'))"
				  " GROUP BY r.position, r.side, r.oid, r.root" CHECK_RELATIONS_ORDER,
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1),
					psprintf("its owner %s lacks the privilege %s, and moves run as the owner",
							 role_name(owner), query_text(row, 2)),
					psprintf("GRANT %s ON %s TO %s;", query_text(row, 2), query_text(row, 1),
							 role_name(owner)));
}

/* Check sequences from which the columns of one side alone draw their defaults. */
static void
check_sequences(const Twin *twin, Side side, Oid owner, Findings *findings)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];
		QueryArgs	  args = {0};
		uint64		  rows;

		if (!column_is_lone(column, side) || !column->varies || column->map[side] != NULL)
			continue;
		query_arg(&args, OIDOID, ObjectIdGetDatum(twin->relation[side]));
		query_arg_int(&args, column->attnum[side]);
		query_arg(&args, OIDOID, ObjectIdGetDatum(owner));
		rows =
			query_run("SELECT s.oid::regclass::text FROM pg_attrdef a JOIN pg_depend d"
					  " ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid"
					  " AND d.refclassid = 'pg_class'::regclass JOIN pg_class s ON s.oid = d.refobjid"
					  " WHERE a.adrelid = $1 AND a.adnum = $2"
					  " AND CASE s.relkind WHEN 'S' THEN NOT has_sequence_privilege($3, s.oid, 'USAGE, UPDATE') END",
					  &args);
		for (uint64 row = 0; row < rows; row++)
			finding_add(findings, true, psprintf("%s.%s", twin->table[side], column->name[side]),
						psprintf("its default draws from sequence %s, which role %s may not use",
								 query_text(row, 1), role_name(owner)),
						psprintf("GRANT USAGE ON SEQUENCE %s TO %s;", query_text(row, 1),
								 role_name(owner)));
	}
}

/*
 * Schemas
 */

static List *
add_type(List *schemas, Oid type)
{
	HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Oid		  schema;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	schema = ((Form_pg_type) GETSTRUCT(tuple))->typnamespace;
	ReleaseSysCache(tuple);
	return schema == PG_CATALOG_NAMESPACE ? schemas : list_append_unique_oid(schemas, schema);
}

/*
 * The schemas that statements of moves name: schemas of the tables, and of the types that values
 * are cast to or compared as.
 */
static List *
schemas_of(const TwinSet *set)
{
	List *schemas = NIL;

	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			schemas = list_append_unique_oid(schemas, get_rel_namespace(twin->relation[side]));
			for (int j = 0; j < twin->column_count; j++)
			{
				const Column *column = &twin->columns[j];

				if (column_on(column, side) && !column_is_verbatim(column))
					schemas = add_type(schemas, column->type[side]);
			}
			for (int j = 0; j < twin->key_count; j++)
				schemas = add_type(schemas, twin->key_columns[j]->type[side]);
		}
	}
	return schemas;
}

static void
check_schemas(const TwinSet *set, Oid owner, Findings *findings)
{
	ListCell *cell;

	foreach(cell, schemas_of(set))
	{
		char *name = pstrdup(quote_identifier(get_namespace_name(lfirst_oid(cell))));

		if (pg_namespace_aclcheck(lfirst_oid(cell), owner, ACL_USAGE) != ACLCHECK_OK)
			finding_add(findings, true, name,
						psprintf("role %s, which owns the tables, may not use this schema",
								 role_name(owner)),
						psprintf("GRANT USAGE ON SCHEMA %s TO %s;", name, role_name(owner)));
	}
}

/*
 * The release's own tables
 */

/* Add an error if the tables changed their owner since gray_open, and the owner lacks rights. */
static void
check_admitted(const Release *release, Oid owner, Findings *findings)
{
	Oid kept = catalog_relation(release->kept_table + strlen(CATALOG_SCHEMA "."));

	if (pg_class_aclcheck(kept, owner, ACL_SELECT) != ACLCHECK_OK)
		finding_add(findings, true, pstrdup(release->kept_table),
					psprintf("role %s, which owns the tables now, may not use it", role_name(owner)),
					psprintf("SELECT gray_open('%s'); grants it.", release->name));
}

/* Add a warning for each former owner of the tables that still has rights. */
static void
check_outdated(const Release *release, Oid owner, Findings *findings)
{
	ListCell *cell;

	foreach(cell, admit_outdated(release, owner))
		finding_add(findings, false, pstrdup(release->kept_table),
					psprintf("role %s may use it still, though role %s owns the tables now",
							 role_name(lfirst_oid(cell)), role_name(owner)),
					psprintf("SELECT gray_open('%s'); takes it away, and so does the next move.",
							 release->name));
}

/*
 * The catalog owner must be a member of the owner's role: who can write the catalog decides which
 * statements run as the owner of the tables.
 */
static void
check_member(Oid owner, Findings *findings)
{
	if (!ownership_is_member(owner))
		finding_add(findings, true, role_name(owner),
					psprintf("owns the tables, and role %s, which owns pg_gray's, can't act as that role",
							 role_name(catalog_owner())),
					psprintf("GRANT %s TO %s;", role_name(owner), role_name(catalog_owner())));
}

void
check_rights(const Release *release, const TwinSet *set, bool opening, Findings *findings)
{
	Oid owner = twin_owner_role(set);

	check_tables(release, owner, findings);
	for (int i = 0; i < set->count; i++)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			check_sequences(&set->twins[i], side, owner, findings);
	}
	check_schemas(set, owner, findings);
	check_member(owner, findings);
	if (!opening)
		check_outdated(release, owner, findings);
	if (!opening && (release->is_open || release_holds_users(release)))
		check_admitted(release, owner, findings);
}

void
check_usage(const Release *release, Findings *findings)
{
	const char *schema = quote_identifier(release->gray_schema);
	ListCell   *cell;

	foreach(cell, privilege_without_usage(release, true))
	{
		const PrivilegeUser *user = lfirst(cell);

		finding_add(findings, false, psprintf("%s for %s", schema, user->name),
					psprintf("may use %s, but not the gray schema: search_path passes over it, and version 2 works on production's tables",
							 user->relation),
					psprintf("GRANT USAGE ON SCHEMA %s TO %s;", schema, user->name));
	}
}

/*
 * A role that may create functions in the schema of gray_open(name) can create a gray_open(text).
 * The owners of this schema and of the catalog are trusted.
 */
static void
check_functions_schema(Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(catalog_owner()));
	rows =
		query_run("SELECT DISTINCT quote_ident(n.nspname), coalesce('role ' || quote_ident(r.rolname), 'everybody'),"
				  " coalesce(quote_ident(r.rolname), 'PUBLIC') FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace,"
				  " aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee"
				  " WHERE x.extname = 'pg_gray' AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner"
				  " AND NOT coalesce(pg_has_role(r.oid, n.nspowner, 'MEMBER') OR pg_has_role(r.oid, $1, 'MEMBER'), false)"
				  " ORDER BY 2",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					psprintf("%s may create in it, where pg_gray's functions are: one of theirs may be taken for one of pg_gray's",
							 query_text(row, 2)),
					psprintf("REVOKE CREATE ON SCHEMA %s FROM %s;", query_text(row, 1),
							 query_text(row, 3)));
}

void
check_schema(const Release *release, const TwinSet *set, Findings *findings)
{
	ListCell *cell;

	foreach(cell, schema_faults(release, twin_owner_role(set)))
	{
		const SchemaFault *fault = lfirst(cell);

		finding_add(findings, true, pstrdup(quote_identifier(release->gray_schema)),
					psprintf("%s: what is there is called as the owner of the tables",
							 fault->problem),
					fault->hint);
	}
	check_functions_schema(findings);
}
