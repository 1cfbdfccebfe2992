/*
 * clone_allowed.c: refuses production tables that can't be cloned, and callers who may not clone
 * them
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "clone/clone_allowed.h"
#include "clone/clone_partition.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/release.h"

static void
refuse_stranger(Oid relation, Oid caller)
{
	Oid owner = relation_owner(relation);

	if (!has_privs_of_role(caller, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to clone it", get_rel_name(relation)),
				 errhint("Its gray table belongs to the same role: call it as \"%s\", or as a member of that role.",
						 GetUserNameFromId(owner, false))));
}

/*
 * Kind
 */

static void
raise_wrong_kind(const char *table, const char *what, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
					errmsg("%s is %s, not an ordinary table", table, what), errhint("%s", hint)));
}

static void
refuse_kind(const char *table, char kind)
{
	switch (kind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
			break;
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
			raise_wrong_kind(table, kind == RELKIND_VIEW ? "a view" : "a materialized view",
							 "Clone the tables that it reads.");
			break;
		case RELKIND_FOREIGN_TABLE:
			raise_wrong_kind(table, "a foreign table",
							 "Its rows are in another server: make the release there.");
			break;
		default:
			raise_wrong_kind(table, "another kind of relation",
							 "SELECT gray_clone('public.users', 'id') clones a table.");
	}
}

static void
refuse_family(const char *table, Relation relation)
{
	Oid oid = RelationGetRelid(relation);

	if (relation->rd_rel->relispartition)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("table %s is a partition", table),
				 errhint("Name the partitioned table: SELECT gray_clone(%s, ...) clones its partitions too.",
						 quote_literal_cstr(relation_name(partition_root(oid))))));
	if (!partition_is_parent(oid) &&
		(has_superclass(oid) || find_inheritance_children(oid, NoLock) != NIL))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("table %s takes part in inheritance, which is not supported", table),
						errhint("ALTER TABLE ... NO INHERIT makes an ordinary table of a child.")));
	if (relation->rd_rel->relpersistence == RELPERSISTENCE_TEMP)
		raise_wrong_kind(table, "a temporary table", "Only its own session sees its rows.");
}

/*
 * Schema
 */

static bool
is_gray_schema(const char *schema)
{
	QueryArgs args = {0};

	query_arg_text(&args, schema);
	return query_run("SELECT 1 FROM gray.release WHERE gray_schema::text = $1", &args) > 0;
}

static void
refuse_place(const char *table, Relation relation)
{
	const char *schema = get_namespace_name(RelationGetNamespace(relation));

	if (RelationGetRelid(relation) < FirstNormalObjectId)
		raise_wrong_kind(table, "a system catalog", "Only tables of the application can be cloned.");
	if (strcmp(schema, CATALOG_SCHEMA) == 0)
		raise_wrong_kind(table, "a table of pg_gray itself",
						 "Only tables of the application can be cloned.");
	if (is_gray_schema(schema))
		raise_wrong_kind(table, "in a gray schema", "Name the production table.");
}

/*
 * Release
 */

static void
refuse_cloned(const char *table)
{
	QueryArgs args = {0};

	query_arg_text(&args, table);
	if (query_run("SELECT r.release, t.gray, gray.table_now(t.gray, t.gray_oid, r.place = gray.place()) IS NULL"
				  " FROM gray.release_table t"
				  " JOIN gray.release r ON r.id = t.release_id WHERE t.production = $1",
				  &args) == 0)
		return;
	if (query_bool(0, 3))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE), errmsg("table %s is cloned already", table),
				 errdetail("Its gray table %s of release \"%s\" is gone.", query_text(0, 2),
						   query_text(0, 1)),
				 errhint("CREATE TABLE %s (LIKE %s INCLUDING ALL); then SELECT gray_open('%s') takes it into the release again.",
						 query_text(0, 2), table, query_text(0, 1))));
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_TABLE), errmsg("table %s is cloned already", table),
			 errdetail("Its gray table is %s of release \"%s\".", query_text(0, 2),
					   query_text(0, 1)),
			 errhint("A production table belongs to one release: SELECT gray_drop_release('%s') sets it free.",
					 query_text(0, 1))));
}

static void
refuse_taken_name(const Release *release, Relation relation)
{
	const char *name = RelationGetRelationName(relation);
	Oid			schema = get_namespace_oid(release->gray_schema, true);

	if (!OidIsValid(schema))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA),
						errmsg("schema \"%s\" of release \"%s\" does not exist",
							   release->gray_schema, release->name),
						errhint("CREATE SCHEMA %s;", quote_identifier(release->gray_schema))));
	if (OidIsValid(get_relname_relid(name, schema)))
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_TABLE),
						errmsg("relation %s exists already",
							   quote_qualified_identifier(release->gray_schema, name)),
						errhint("Rename or drop it: the gray table needs that name.")));
}

static void
refuse_other_owner(const Release *release, const char *table, Oid owner, Oid owner_of_others)
{
	char *name;

	if (owner == owner_of_others)
		return;
	name = GetUserNameFromId(owner_of_others, false);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table %s has another owner than the other tables of release \"%s\"", table,
					release->name),
			 errdetail("It belongs to \"%s\", the others to \"%s\".",
					   GetUserNameFromId(owner, false), name),
			 errhint("Moves run as the owner, so there must be one: ALTER TABLE %s OWNER TO %s; which trusts its triggers, indexes and constraints.",
					 table, quote_identifier(name))));
}

/*
 * Refuse a table to which a foreign key on another table's uid column refers (holds_uid): it stays
 * outside the release.  Making the foreign key refer to gray would lock this table ACCESS
 * EXCLUSIVE, and everybody reads the users' table.
 */
static void
refuse_outside(const Release *release, const char *table, Oid relation)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	if (query_run("SELECT t.production, a.attname FROM gray.release_table t"
				  " JOIN pg_attribute a ON a.attrelid = to_regclass(t.production) AND a.attnum = t.uid_attnum"
				  " JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]"
				  " WHERE t.release_id = $1 AND k.confrelid = $2 ORDER BY t.position LIMIT 1",
				  &args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s can't join release \"%s\" any more", table, release->name),
				 errdetail("Column \"%s\" of table %s holds the uid and refers to it: so it stays outside.",
						   query_text(0, 2), query_text(0, 1)),
				 errhint("To have both, SELECT gray_drop_release('%s'), and clone %s first.",
						 release->name, table)));
}

/*
 * The privilege is checked before the lock is taken, so that a role without the privilege locks
 * nothing.
 */
void
clonable_check(const Release *release, unsigned int owner, unsigned int oid, unsigned int caller)
{
	Relation relation;
	char	*table;

	refuse_stranger(oid, caller);
	LockRelationOid(oid, AccessShareLock);
	refuse_stranger(oid, caller);

	table = relation_name(oid);
	refuse_kind(table, get_rel_relkind(oid));
	relation = table_open(oid, NoLock);
	refuse_family(table, relation);
	refuse_place(table, relation);
	refuse_cloned(table);
	refuse_outside(release, table, oid);
	refuse_taken_name(release, relation);
	refuse_other_owner(release, table, relation->rd_rel->relowner, owner);
	clone_partition_check(oid, release->gray_schema);
	table_close(relation, NoLock);
}
