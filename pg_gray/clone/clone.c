/*
 * clone.c: makes and registers the gray tables of a release
 *
 * All tables are created first, then all foreign keys.  So foreign keys may form a cycle, and
 * foreign keys between tables cloned in one call never lock the production tables.  Tables are
 * created as their owner.  The registry is written as the catalog owner.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "clone/bookkeeping.h"
#include "clone/clone.h"
#include "clone/clone_allowed.h"
#include "clone/clone_foreign_key.h"
#include "clone/clone_partition.h"
#include "clone/clone_view.h"
#include "clone/view_code.h"
#include "owner/owner_choice.h"
#include "owner/owner_outside.h"
#include "owner/owner_path.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/admit.h"
#include "release/ownership.h"
#include "release/privilege.h"
#include "release/release.h"
#include "release/schema.h"
#include "release/search_path.h"
#include "release/twin_load.h"
#include "release/twin_remember.h"
#include "structure/structure.h"
#include "user/call.h"
#include "user/user_tables.h"

PG_FUNCTION_INFO_V1(gray_clone);

/* The owner path by the column in argument 1.  Without this argument, the only path there is. */
static OwnerPath *
wanted_path(FunctionCallInfo fcinfo, Oid production, const TwinSet *set, const Release *release)
{
	List	  *known = owner_path_registered(set);
	OwnerRule  rule = {.release = release->name,
					   .uid_type = release->uid_type,
					   .holds_uid = PG_NARGS() == 4 && !PG_ARGISNULL(2) && PG_GETARG_BOOL(2)};
	OwnerPath *path;

	if (PG_ARGISNULL(1) && !rule.holds_uid)
		return owner_choice_only(production, known, release->name);
	call_refuse_null(fcinfo, 1, "uid_column");
	path = owner_choice_by_column(production, call_name(fcinfo, 1), known, &rule);
	if (rule.holds_uid && path->uid_attnum == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" of table %s does not hold the uid", call_name(fcinfo, 1),
						relation_name(production)),
				 errdetail("It refers to table %s of the release.", relation_name(path->parent)),
				 errhint(
					 "Leave holds_uid out: a row then belongs to the user whom the other row belongs to.")));
	return path;
}

Datum
gray_clone(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;
	Oid			production;
	Oid			gray;

	call_refuse_null(fcinfo, 0, "production");
	production = PG_GETARG_OID(0);
	call_begin(&call, fcinfo, PG_NARGS() - 1);
	set = clone_begin(call.release);
	clonable_check(call.release, clone_owner(set, production), production, call.before.user);
	clone_tables(call.release, list_make1(wanted_path(fcinfo, production, set, call.release)));
	(void) view_clone_all(call.release, call.before.user);
	privilege_share_usage(call.release);
	gray = get_relname_relid(get_rel_name(production),
							 get_namespace_oid(call.release->gray_schema, false));
	call_end(&call);
	PG_RETURN_OID(gray);
}

/*
 * The registry
 */

TwinSet *
clone_begin(Release *release)
{
	TwinSet *set;

	release_lock(release);
	role_limit_lock_waits();
	if (release->is_open)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE), errmsg("release \"%s\" is open", release->name),
				 errdetail("Tables can be added while it is closed and nobody's data is in gray."),
				 errhint("SELECT gray_close('%s'); then bring each user home with gray_migrate_back.",
						 release->name)));
	if (release_holds_users(release))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("release \"%s\" has users whose data is in gray", release->name),
				 errdetail("Tables can be added while it is closed and nobody's data is in gray."),
				 errhint("Bring each user home: SELECT gray_migrate_back(uid, '%s').",
						 release->name)));
	set = twin_load_all(release);
	twin_remember(release, set);
	return set;
}

unsigned int
clone_owner(const TwinSet *set, unsigned int table)
{
	return set->count > 0 ? twin_owner_role(set) : relation_owner(table);
}

/* The attribute numbers as an array, such as "{1,2}". */
static char *
attnum_array(const int16_t *attnums, int count)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%c%d", i == 0 ? '{' : ',', attnums[i]);
	appendStringInfoChar(&text, '}');
	return text.data;
}

/*
 * Raise if the path leads to a column that production got after the parent was cloned: the column
 * has no twin.
 */
static void
refuse_unpaired_parent(const Release *release, const OwnerPath *path)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, relation_name(path->parent));
	query_arg_text(&args, attnum_array(path->parent_attnums, path->count));
	if (query_run("SELECT t.gray FROM gray.release_table t, unnest($3::smallint[]) AS a (attnum)"
				  " WHERE t.release_id = $1 AND t.production = $2 AND NOT EXISTS"
				  " (SELECT 1 FROM gray.column_pair c WHERE c.release_id = t.release_id"
				  " AND c.position = t.position AND c.production_attnum = a.attnum)",
				  &args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("owner path %s of table %s leads to a column that was added after that table was cloned",
						owner_path_text(path), relation_name(path->table)),
				 errhint("Drop the release, and clone all its tables again.")));
}

static void
register_table(const Release *release, int position, const OwnerPath *path, Oid gray)
{
	bool	  by_column = path->uid_attnum != 0;
	QueryArgs args = {0};

	if (!by_column)
		refuse_unpaired_parent(release, path);
	query_arg_int(&args, release->id);
	query_arg_int(&args, position);
	query_arg_text(&args, relation_name(path->table));
	query_arg_text(&args, relation_name(gray));
	query_arg_int(&args, path->uid_attnum);
	query_arg_text(&args, by_column ? NULL : relation_name(path->parent));
	query_arg_text(&args, by_column ? NULL : attnum_array(path->attnums, path->count));
	query_arg_text(&args, by_column ? NULL : attnum_array(path->parent_attnums, path->count));
	query_run("INSERT INTO gray.release_table (release_id, position, production, gray,"
			  " production_oid, gray_oid, uid_attnum, parent_position, path_attnums, parent_attnums)"
			  " SELECT $1, $2, $3, $4, $3::regclass, $4::regclass, nullif($5, 0),"
			  " (SELECT position FROM gray.release_table"
			  " WHERE release_id = $1 AND production = $6), $7::smallint[], $8::smallint[]",
			  &args);
}

/*
 * Pair the columns by name: the gray table was just created with production's column names.  The
 * pairs are kept by attribute number, since a column can be renamed later.
 */
static void
register_columns(const Release *release, int position, Oid production, Oid gray)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, position);
	query_arg(&args, OIDOID, ObjectIdGetDatum(production));
	query_arg(&args, OIDOID, ObjectIdGetDatum(gray));
	query_run("INSERT INTO gray.column_pair (release_id, position, production_attnum, gray_attnum,"
			  " production_name, gray_name)"
			  " SELECT $1, $2, p.attnum, g.attnum, p.attname, g.attname FROM pg_attribute p"
			  " JOIN pg_attribute g ON g.attrelid = $4 AND g.attname = p.attname"
			  " WHERE p.attrelid = $3 AND p.attnum > 0 AND NOT p.attisdropped"
			  " AND g.attnum > 0 AND NOT g.attisdropped",
			  &args);
}

/*
 * Sequential scans are off.  If the registry was empty when it was last vacuumed, a foreign key's
 * check would otherwise read all of the registry for each column.
 */
static void
register_twin(const Release *release, int position, const OwnerPath *path, Oid gray)
{
	int guc_level = NewGUCNestLevel();

	role_pin_setting("enable_seqscan", "off");
	register_table(release, position, path, gray);
	register_columns(release, position, path->table, gray);
	AtEOXact_GUC(false, guc_level);
}

static int
next_position(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_run("SELECT coalesce(max(position), 0) + 1 FROM"
			  " (SELECT position FROM gray.release_table WHERE release_id = $1"
			  " UNION ALL SELECT position FROM gray.own_table WHERE release_id = $1) AS taken",
			  &args);
	return query_int(0, 1);
}

/*
 * The tables
 */

static void
clone_table(Release *release, int position, const OwnerPath *path, Oid owner)
{
	RoleSwitch before;
	Oid		   gray;

	role_become(&before, owner);
	gray = partition_is_parent(path->table)
			   ? clone_partition_create(path->table, release->gray_schema)
			   : structure_create(path->table, release->gray_schema);
	role_return(&before);
	register_twin(release, position, path, gray);
	if (path->uid_attnum != 0)
		user_tables_set_uid_type(release, owner_path_uid_type(path));
}

/*
 * Give the new tables all their pieces besides columns.  All tables are created before, since a
 * piece may refer to any of them.
 */
static void
furnish_tables(const Release *release, const TwinSet *set, int first)
{
	List *production = NIL;
	List *gray = NIL;

	for (int i = 0; i < set->count; i++)
	{
		const Oid *relation = set->twins[i].relation;

		if (set->twins[i].position < first)
			continue;
		production = lappend_oid(production, relation[SIDE_PRODUCTION]);
		gray = lappend_oid(gray, relation[SIDE_GRAY]);
		clone_partition_list(relation[SIDE_PRODUCTION], relation[SIDE_GRAY], &production, &gray);
	}
	structure_furnish(production, gray, search_path_of(release, set, SIDE_PRODUCTION),
					  search_path_of(release, set, SIDE_GRAY));
	view_code_refuse(gray, view_code_list(production));
}

static void
attach_partitions(const TwinSet *set, int first)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].position >= first)
			clone_partition_attach(set->twins[i].relation[SIDE_PRODUCTION],
								   set->twins[i].relation[SIDE_GRAY]);
	}
}

void
clone_tables(Release *release, List *paths)
{
	int		   first = next_position(release);
	int		   position = first;
	Oid		   owner;
	List	  *bookkeeping = NIL;
	SchemaLoan loan;
	RoleSwitch before;
	TwinSet	  *set;
	ListCell  *cell;

	if (paths == NIL)
		return;
	if (first == 1)
		bookkeeping = bookkeeping_find(release, paths);
	foreach(cell, paths)
		owner_collation_refuse(lfirst(cell));
	owner = relation_owner(((OwnerPath *) linitial(paths))->table);
	schema_refuse(release, owner);
	ownership_require_member(owner, "the tables");
	schema_admit(release, owner);
	loan = schema_lend(get_namespace_oid(release->gray_schema, false), owner, "CREATE");
	foreach(cell, paths)
		clone_table(release, position++, lfirst(cell), owner);
	admit_owner(release, owner);

	set = twin_load_all(release);
	role_become(&before, owner);
	furnish_tables(release, set, first);
	attach_partitions(set, first);
	clone_foreign_key_all(set, first);
	role_return(&before);
	bookkeeping_copy(release, set, bookkeeping);
	schema_take_back(&loan);
}
