/*
 * grant.c: gray_grant and gray_revoke, which give a role all rights that its kind of role needs
 *
 * A function or table is granted as its owner.  The owner of the catalog need not own the
 * functions, which are in C and stay the superuser's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "postgres/query.h"
#include "postgres/role.h"
#include "release/ownership.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_grant);
PG_FUNCTION_INFO_V1(gray_revoke);

/*
 * A kind of role, with the names of its functions and relations.  A function's name stands for the
 * functions of all argument types in either schema.  A relation's name stands for a table or view
 * of schema gray.
 */
typedef struct Kind
{
	const char *name;
	const char *functions; /* the text of a name[], as the two below */
	const char *relations;
	const char *includes; /* this kind, and the kinds whose rights it has, too */
} Kind;

/* clang-format off */
static const Kind kinds[] = {
	{"gateway", "{gray_route,gray_roster,gray_changes,gray_renew,gray_leave,"
	 "gray_announced,gray_announce,gray_withdraw,gray_route_announced}", "{release}", "{gateway}"},
	{"monitor", "{}", "{status,incidents,history,progress,gateways,own_tables}", "{monitor}"},
	{"operator", "{operate,gray_open,gray_close,gray_check,gray_diff,gray_unique,gray_set_percent,gray_set_stuck_side,"
	 "gray_add_user,gray_remove_user,gray_state,gray_migrate,gray_migrate_back,gray_verify,gray_discard,gray_reset}", "{kept}", "{operator,gateway,monitor}"},
	{"application", "{gray_enter,gray_set_fence}", "{}", "{application}"},
};
/* clang-format on */

/*
 * Arguments
 */

static const Kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown kind of role \"%s\"", name),
			 errhint("Say 'gateway', 'operator', 'monitor' or 'application'.")));
}

static Oid
find_role(const char *name)
{
	Oid role = get_role_oid(name, true);

	if (!OidIsValid(role))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("role \"%s\" does not exist", name),
				 errhint("CREATE ROLE %s LOGIN; makes one.", quote_identifier(name))));
	return role;
}

/*
 * Granting
 */

/* clang-format off */

/* The objects of pg_gray that kinds have: the object's name for GRANT, its owner, and its ACL. */
#define OBJECTS \
	"kind (name, functions, relations, includes) AS (" \
		"SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]))," \
	" object (kind, what, owner, acl) AS (" \
		"SELECT k.name, 'EXECUTE ON FUNCTION ' || p.oid::regprocedure, p.proowner, p.proacl" \
		" FROM kind k, pg_proc p" \
		" JOIN pg_depend d ON d.classid = 'pg_proc'::regclass" \
		" AND d.objid = p.oid" \
		" AND d.deptype = 'e'" \
		" JOIN pg_extension x ON d.refclassid = 'pg_extension'::regclass" \
		" AND d.refobjid = x.oid" \
		" AND x.extname = 'pg_gray'" \
		" WHERE p.proname = ANY (k.functions::name[])" \
		" UNION ALL SELECT k.name, format('SELECT ON gray.%I', c.relname), c.relowner, c.relacl" \
		" FROM kind k, pg_class c" \
		" WHERE c.relnamespace = 'gray'::regnamespace AND c.relname = ANY (k.relations::name[]))," \
	" held (what) AS (SELECT o.what FROM object o, aclexplode(o.acl) a WHERE a.grantee = $1)"

/* The objects of kind $6, and of the kinds that it includes. */
#define OF_KIND "o.kind = ANY ((SELECT includes FROM kind WHERE name = $6)::name[])"

/*
 * The objects of all kinds that the role holds in full, without the kinds that the revoked kind
 * includes.
 */
#define STAYING \
	" staying (what) AS (" \
		"SELECT o.what" \
		" FROM kind k" \
		" JOIN object o ON o.kind = ANY (k.includes::name[])" \
		" WHERE k.name <> ALL ((SELECT includes FROM kind WHERE name = $6)::name[])" \
		" AND NOT EXISTS (" \
			"SELECT" \
			" FROM object n" \
			" WHERE n.kind = ANY (k.includes::name[]) AND n.what NOT IN (SELECT what FROM held)))"

/* clang-format on */

static void
add_kinds(QueryArgs *args)
{
	StringInfoData arrays[4];

	for (size_t i = 0; i < lengthof(arrays); i++)
		initStringInfo(&arrays[i]);
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		const char *texts[] = {kinds[i].name, kinds[i].functions, kinds[i].relations,
							   kinds[i].includes};

		for (size_t j = 0; j < lengthof(arrays); j++)
			appendStringInfo(&arrays[j], "%s\"%s\"", i == 0 ? "{" : ",", texts[j]);
	}
	for (size_t i = 0; i < lengthof(arrays); i++)
	{
		appendStringInfoChar(&arrays[i], '}');
		query_arg_text(args, arrays[i].data);
	}
}

/*
 * Run a GRANT or REVOKE for each object that a query selects, as the owner of the object.  `format`
 * takes the object and the role.
 */
static void
run_as_owners(const char *sql, QueryArgs *args, const char *format, Oid role)
{
	uint64 rows = query_run(sql, args);
	char **what = palloc(sizeof(char *) * Max(rows, 1));
	Oid	  *owners = palloc(sizeof(Oid) * Max(rows, 1));

	for (uint64 row = 0; row < rows; row++)
	{
		what[row] = query_text(row, 1);
		owners[row] = query_oid(row, 2);
	}
	for (uint64 row = 0; row < rows; row++)
	{
		RoleSwitch before;

		role_become(&before, owners[row]);
		query_run(psprintf(format, what[row], quote_identifier(GetUserNameFromId(role, false))),
				  NULL);
		role_return(&before);
	}
}

/*
 * The schema of the functions
 */

/*
 * Let a role use the schema of the functions.  Warns if the catalog owner is no member of the
 * schema's owner.
 */
static void
share_schema(Oid role)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(role));
	if (query_run("SELECT format('USAGE ON SCHEMA %I', n.nspname), n.nspowner FROM pg_extension x"
				  " JOIN pg_namespace n ON n.oid = x.extnamespace WHERE x.extname = 'pg_gray'"
				  " AND NOT has_schema_privilege($1, n.oid, 'USAGE')",
				  &args) == 0)
		return;
	if (is_member_of_role(GetUserId(), query_oid(0, 2)))
		run_as_owners("SELECT format('USAGE ON SCHEMA %I', n.nspname), n.nspowner FROM pg_extension x"
					  " JOIN pg_namespace n ON n.oid = x.extnamespace WHERE x.extname = 'pg_gray'",
					  NULL, "GRANT %s TO %s", role);
	else
		ereport(WARNING,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" does not see the schema that pg_gray's functions are in",
						GetUserNameFromId(role, false)),
				 errhint("Have its owner run: GRANT %s TO %s;", query_text(0, 1),
						 quote_identifier(GetUserNameFromId(role, false)))));
}

/* Take the schema of the functions from a role that has no function there any more. */
static void
unshare_schema(Oid role)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(role));
	run_as_owners("SELECT format('USAGE ON SCHEMA %I', n.nspname), n.nspowner FROM pg_extension x"
				  " JOIN pg_namespace n ON n.oid = x.extnamespace, aclexplode(n.nspacl) a"
				  " WHERE x.extname = 'pg_gray' AND a.grantee = $1 AND a.grantor = n.nspowner AND a.privilege_type = 'USAGE'"
				  " AND pg_has_role(current_user, n.nspowner, 'MEMBER')"
				  " AND NOT EXISTS (SELECT FROM pg_proc p, aclexplode(p.proacl) f"
				  " WHERE p.pronamespace = n.oid AND f.grantee = $1)",
				  &args, "REVOKE %s FROM %s", role);
}

/*
 * gray_grant and gray_revoke
 */

static Oid
begin(FunctionCallInfo fcinfo, QueryArgs *args, RoleSwitch *before)
{
	Oid caller = GetUserId();
	Oid role;

	call_refuse_null(fcinfo, 0, "role");
	call_refuse_null(fcinfo, 1, "kind");
	role = find_role(call_name(fcinfo, 0));
	query_arg(args, OIDOID, ObjectIdGetDatum(role));
	add_kinds(args);
	query_arg_text(args, find_kind(text_to_cstring(PG_GETARG_TEXT_PP(1)))->name);
	SPI_connect();
	role_become_catalog_owner(before);
	ownership_require_catalog(caller, "say who may use them");
	return role;
}

Datum
gray_grant(PG_FUNCTION_ARGS)
{
	QueryArgs  args = {0};
	RoleSwitch before;
	Oid		   role = begin(fcinfo, &args, &before);

	run_as_owners("WITH " OBJECTS " SELECT DISTINCT o.what, o.owner FROM object o WHERE " OF_KIND
				  " AND o.owner <> $1 AND o.what NOT IN (SELECT what FROM held) ORDER BY 1",
				  &args, "GRANT %s TO %s", role);
	share_schema(role);
	role_return(&before);
	SPI_finish();
	PG_RETURN_VOID();
}

Datum
gray_revoke(PG_FUNCTION_ARGS)
{
	QueryArgs  args = {0};
	RoleSwitch before;
	Oid		   role = begin(fcinfo, &args, &before);

	run_as_owners("WITH " OBJECTS "," STAYING
				  " SELECT DISTINCT o.what, o.owner FROM object o WHERE " OF_KIND
				  " AND o.owner <> $1 AND o.what IN (SELECT what FROM held)"
				  " AND o.what NOT IN (SELECT what FROM staying) ORDER BY 1",
				  &args, "REVOKE %s FROM %s", role);
	unshare_schema(role);
	role_return(&before);
	SPI_finish();
	PG_RETURN_VOID();
}
