/*
 * shared_view.c: views that pass through to production's tables without a twin
 *
 * The views belong to the owner of the gray schema.  They check the rights of who uses them
 * (security_invoker), on the tables as on the views, and so everybody may use them who may use the
 * schema: that is who may use the gray schema.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/shared_view.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/ownership.h"
#include "release/privilege.h"
#include "release/release.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_shared_views);

typedef struct SharedView
{
	char *production; /* qualified and quoted */
	char *name;		  /* of the view, likewise */
} SharedView;

static char *
schema_name(const Release *release)
{
	char *name = psprintf("%s_shared", release->gray_schema);

	if (strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG), errmsg("schema name \"%s\" is too long", name),
				 errhint("The name of the gray schema may have up to %d bytes for that.",
						 (int) (NAMEDATALEN - 1 - strlen("_shared")))));
	return name;
}

/*
 * Dropping
 */

/* The existing views of a release, as "v2_shared.a, v2_shared.b"; or null. */
static char *
registered(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_run("SELECT string_agg(s.view, ', ' ORDER BY s.view) FROM gray.shared_view s"
			  " JOIN pg_class c ON c.oid = to_regclass(s.view)"
			  " WHERE s.release_id = $1 AND c.relkind = 'v'",
			  &args);
	return query_text(0, 1);
}

char *
shared_view_schema(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	if (query_run("SELECT n.nspname FROM gray.shared_view s"
				  " JOIN pg_class c ON c.oid = to_regclass(s.view)"
				  " JOIN pg_namespace n ON n.oid = c.relnamespace"
				  " WHERE s.release_id = $1 AND c.relkind = 'v' LIMIT 1",
				  &args) == 0)
		return NULL;
	return query_text(0, 1);
}

static void
advise_dependents(void *arg pg_attribute_unused())
{
	if (geterrcode() == ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST)
		errhint(
			"Make them anew with the table's name and schema in place of the view's, or drop them.");
}

static void
drop_views(const char *views)
{
	ErrorContextCallback advice = {.previous = error_context_stack, .callback = advise_dependents};

	error_context_stack = &advice;
	query_run(psprintf("DROP VIEW %s", views), NULL);
	error_context_stack = advice.previous;
}

/* Drop the schema; keep it, with a notice, when others have put something there. */
static void
drop_schema(const char *name)
{
	QueryArgs args = {0};

	query_arg_text(&args, name);
	if (query_run("SELECT 1 FROM pg_depend d JOIN pg_namespace n ON n.oid = d.refobjid"
				  " WHERE d.refclassid = 'pg_namespace'::regclass AND n.nspname = $1 LIMIT 1",
				  &args) > 0)
		ereport(NOTICE, (errmsg("schema \"%s\" is kept: it holds other objects", name)));
	else
		query_run(psprintf("DROP SCHEMA %s", quote_identifier(name)), NULL);
}

void
shared_view_drop(const Release *release)
{
	char	  *schema = shared_view_schema(release);
	char	  *views = registered(release);
	QueryArgs  args = {0};
	RoleSwitch before;

	if (schema != NULL)
	{
		ownership_become_schema_owner(&before, get_namespace_oid(schema, false));
		drop_views(views);
		drop_schema(schema);
		role_return(&before);
	}
	query_arg_int(&args, release->id);
	query_run("DELETE FROM gray.shared_view WHERE release_id = $1", &args);
}

/*
 * Making
 */

/* clang-format off */

/*
 * The relations of schemas that release $1 has tables in, of which gray schema $2 has none of the
 * same name.  Where two have one name, that of the schema whose table was cloned first.  Left out
 * are partitions, which applications reach through their parent, what extensions have made, and
 * the views $4, which read tables of the release.
 */
#define SELECT_SHARED \
	"WITH place (schema, position) AS (" \
		"SELECT c.relnamespace, min(t.position)" \
		" FROM gray.release_table t" \
		" JOIN pg_class c ON c.oid = to_regclass(t.production)" \
		" WHERE t.release_id = $1" \
		" GROUP BY 1)" \
	" SELECT DISTINCT ON (c.relname) format('%I.%I', n.nspname, c.relname), format('%I.%I', $3, c.relname)" \
	" FROM place p" \
	" JOIN pg_namespace n ON n.oid = p.schema" \
	" JOIN pg_class c ON c.relnamespace = n.oid" \
	" WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')" \
	" AND NOT c.relispartition" \
	" AND c.oid <> ALL ($4)" \
	" AND to_regclass(format('%I.%I', $2, c.relname)) IS NULL" \
	" AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)" \
	" AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')" \
	" ORDER BY c.relname, p.position"

/* clang-format on */

static List *
find_shared(const Release *release, const char *schema)
{
	List	 *tables = release_relations(release, SIDE_PRODUCTION);
	List	 *readers = reader_find(reader_with_partitions(tables));
	QueryArgs args = {0};
	List	 *views = NIL;
	uint64	  rows;

	query_arg_int(&args, release->id);
	query_arg_text(&args, release->gray_schema);
	query_arg_text(&args, schema);
	query_arg_oids(&args, reader_relations(readers));
	rows = query_run(SELECT_SHARED, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		SharedView *view = palloc(sizeof(SharedView));

		view->production = query_text(row, 1);
		view->name = query_text(row, 2);
		views = lappend(views, view);
	}
	return views;
}

static void
refuse_schema(const char *schema)
{
	if (OidIsValid(get_namespace_oid(schema, true)))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_SCHEMA), errmsg("schema \"%s\" exists already", schema),
				 errdetail("gray_shared_views makes it, and did not make this one."),
				 errhint("Rename or drop it.")));
}

/* The roles that may use the gray schema besides its owner, as GRANT takes them; or null. */
static char *
users_of(const char *gray_schema)
{
	QueryArgs args = {0};

	query_arg_text(&args, gray_schema);
	query_run("SELECT string_agg(DISTINCT CASE p.grantee WHEN 0 THEN 'PUBLIC'"
			  " ELSE quote_ident(pg_get_userbyid(p.grantee)) END, ', ')"
			  " FROM pg_namespace n, aclexplode(n.nspacl) p"
			  " WHERE n.nspname = $1 AND p.privilege_type = 'USAGE' AND p.grantee <> n.nspowner",
			  &args);
	return query_text(0, 1);
}

static void
make_schema(const char *schema, const char *users)
{
	query_run(psprintf("CREATE SCHEMA %s", quote_identifier(schema)), NULL);
	privilege_close_schema(get_namespace_oid(schema, false));
	if (users != NULL)
		query_run(psprintf("GRANT USAGE ON SCHEMA %s TO %s", quote_identifier(schema), users), NULL);
}

static void
make_view(const SharedView *view)
{
	query_run(psprintf("CREATE VIEW %s WITH (security_invoker = true) AS SELECT * FROM %s",
					   view->name, view->production),
			  NULL);
	query_run(psprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO PUBLIC", view->name), NULL);
}

static void
register_view(const Release *release, const SharedView *view)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, view->production);
	query_arg_text(&args, view->name);
	query_run("INSERT INTO gray.shared_view (release_id, production, view) VALUES ($1, $2, $3)",
			  &args);
}

/* Return how many views there are now. */
static int
make_views(const Release *release)
{
	char	  *schema = schema_name(release);
	Oid		   gray = get_namespace_oid(release->gray_schema, false);
	List	  *views = find_shared(release, schema);
	char	  *users = users_of(release->gray_schema);
	RoleSwitch before;
	ListCell  *cell;

	refuse_schema(schema);
	if (views == NIL)
		return 0;
	ownership_become_schema_owner(&before, gray);
	make_schema(schema, users);
	foreach(cell, views)
		make_view(lfirst(cell));
	role_return(&before);
	foreach(cell, views)
		register_view(release, lfirst(cell));
	return list_length(views);
}

Datum
gray_shared_views(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	int64		count = 0;

	call_refuse_null(fcinfo, 0, "present");
	call_begin(&call, fcinfo, 1);
	release_lock(call.release);
	ownership_require(call.release, call.before.user, "make or drop its shared views");
	shared_view_drop(call.release);
	if (PG_GETARG_BOOL(0))
		count = make_views(call.release);
	call_end(&call);
	PG_RETURN_INT64(count);
}
