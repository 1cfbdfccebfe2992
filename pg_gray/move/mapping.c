/*
 * mapping.c: decides which columns gray_map may map, and checks the expressions
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "move/mapping.h"
#include "postgres/catalog.h"
#include "postgres/expression.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/twin_load.h"
#include "release/twin_remember.h"
#include "release/twin_shape.h"
#include "release/twin_sql.h"
#include "user/call.h"
#include "user/user_lock.h"

PG_FUNCTION_INFO_V1(gray_map);

/* The target of a call: a pair of columns, or a column that only one side has. */
typedef struct Target
{
	const Twin *twin;
	AttrNumber	attnum[2];	   /* by Side; 0: that side has none */
	const char *expression[2]; /* by Side: down, up */
} Target;

/*
 * Columns
 */

static bool
is_among(const Column *column, Column **columns, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (columns[i] == column)
			return true;
	}
	return false;
}

/* True also for a column of a table to which other tables' owner paths lead. */
static bool
leads_to_owner(const TwinSet *set, const Column *column)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		if (is_among(column, twin->path_columns, twin->path_count) ||
			is_among(column, twin->parent_columns, twin->path_count))
			return true;
	}
	return false;
}

static bool
is_generated(const Twin *twin, Side side, AttrNumber attnum)
{
	return get_attgenerated(twin->relation[side], attnum) != '\0';
}

static bool
is_identity(const Twin *twin, Side side, AttrNumber attnum)
{
	HeapTuple tuple =
		SearchSysCache2(ATTNUM, ObjectIdGetDatum(twin->relation[side]), Int16GetDatum(attnum));
	bool identity;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of table %s", attnum, twin->table[side]);
	identity = ((Form_pg_attribute) GETSTRUCT(tuple))->attidentity != '\0';
	ReleaseSysCache(tuple);
	return identity;
}

static const char *
pair_obstacle(const TwinSet *set, const Twin *twin, const Column *pair)
{
	if (pair == twin->uid_column)
		return "it holds the uid";
	if (leads_to_owner(set, pair))
		return "it leads to the uid";
	if (twin_is_key(twin, pair))
		return "rows and their twins know each other by it";
	if (is_identity(twin, SIDE_PRODUCTION, pair->attnum[SIDE_PRODUCTION]) ||
		is_identity(twin, SIDE_GRAY, pair->attnum[SIDE_GRAY]))
		return "it is an identity, which keeps its value";
	return NULL;
}

/* A gray-only identity column may be mapped: its values for old rows may come from elsewhere. */
const char *
mapping_obstacle(const TwinSet *set, const Twin *twin, Side side, int attnum)
{
	const Column *pair = twin_pair(twin, side, attnum);

	if (is_generated(twin, side, attnum))
		return "it is generated";
	if (pair != NULL)
		return pair_obstacle(set, twin, pair);
	if (side == SIDE_PRODUCTION && is_identity(twin, side, attnum))
		return "it is an identity, which keeps its value";
	return NULL;
}

static void
refuse_obstacle(const TwinSet *set, const Target *target, Side side)
{
	AttrNumber	attnum = target->attnum[side];
	const char *obstacle = mapping_obstacle(set, target->twin, side, attnum);

	if (obstacle != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("column \"%s\" of table %s can't be mapped: %s",
						get_attname(target->twin->relation[side], attnum, false),
						target->twin->table[side], obstacle),
				 errhint(
					 "Map another column; the value of this one is the same on both sides, or computed.")));
}

/* Raise: an expression was given for a side that has no such column. */
static void
refuse_missing_side(const Target *target, const char *column)
{
	const char *gray = target->twin->table[SIDE_GRAY];
	const char *production = target->twin->table[SIDE_PRODUCTION];

	if (target->expression[SIDE_GRAY] != NULL && target->attnum[SIDE_GRAY] == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" is only in %s: nothing is made of it on the way to gray",
						column, production),
				 errhint("Give it a down, and up to the columns of %s that take its place.", gray)));
	if (target->expression[SIDE_PRODUCTION] != NULL && target->attnum[SIDE_PRODUCTION] == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column \"%s\" is only in %s: nothing is made of it on the way home",
							   column, gray),
						errhint("Give it an up, and down to the columns of %s that take its place.",
								production)));
}

static void
refuse_unknown(const Twin *twin, const char *name)
{
	AttrNumber	  production = get_attnum(twin->relation[SIDE_PRODUCTION], name);
	const Column *pair = twin_pair(twin, SIDE_PRODUCTION, production);

	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("column \"%s\" of table %s does not exist", name, twin->table[SIDE_GRAY]),
					pair == NULL ? errhint("Name a column of that table, or one that only %s has.",
										   twin->table[SIDE_PRODUCTION])
								 : errhint("The twin of %s in %s is now called %s.", name,
										   twin->table[SIDE_PRODUCTION], pair->name[SIDE_GRAY])));
}

static void
find_columns(Target *target, const char *name)
{
	const Twin *twin = target->twin;
	AttrNumber	gray = get_attnum(twin->relation[SIDE_GRAY], name);
	AttrNumber	production = get_attnum(twin->relation[SIDE_PRODUCTION], name);

	if (gray > 0)
	{
		target->attnum[SIDE_GRAY] = gray;
		target->attnum[SIDE_PRODUCTION] =
			twin_column(twin, SIDE_GRAY, gray)->attnum[SIDE_PRODUCTION];
	}
	else if (production > 0 && twin_pair(twin, SIDE_PRODUCTION, production) == NULL)
		target->attnum[SIDE_PRODUCTION] = production;
	else
		refuse_unknown(twin, name);
}

/*
 * Expressions
 */

/* The context of an error in an expression. */
typedef struct Reading
{
	const Twin	  *twin;
	const Mapping *mapping;
} Reading;

static Side
other(Side side)
{
	return side == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
}

static void
advise(const char *table)
{
	switch (geterrcode())
	{
		case ERRCODE_SYNTAX_ERROR:
			errhint("Write what could stand between SELECT and FROM, for one value without a name.");
			break;
		case ERRCODE_UNDEFINED_COLUMN:
			errhint("It reads a row of %s: write that table's columns.", table);
			break;
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
			errhint(
				"Write the schema of what is not in pg_catalog, and cast arguments of another type.");
			break;
		case ERRCODE_FEATURE_NOT_SUPPORTED:
		case ERRCODE_GROUPING_ERROR:
		case ERRCODE_WINDOWING_ERROR:
			errhint("It can only read one row of %s.", table);
			break;
	}
}

static void
explain_error(void *arg)
{
	const Reading *reading = arg;
	const Twin	  *twin = reading->twin;
	Side		   side = reading->mapping->side;
	int			   position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(reading->mapping->expression);
	}
	advise(twin->table[other(side)]);
	errcontext("%s of column %s.%s", side == SIDE_GRAY ? "up" : "down", twin->table[side],
			   quote_identifier(get_attname(twin->relation[side], reading->mapping->attnum, false)));
}

void
mapping_check(const TwinSet *set, const Twin *twin, const Mapping *mapping)
{
	Reading				 reading = {twin, mapping};
	ErrorContextCallback explain = {error_context_stack, explain_error, &reading};
	Oid					 type;
	int32				 typmod;
	Oid					 collation;
	RoleSwitch			 before;

	get_atttypetypmodcoll(twin->relation[mapping->side], mapping->attnum, &type, &typmod,
						  &collation);
	ownership_require_member(twin_owner_role(set), "the tables of the release");
	role_become(&before, twin_owner_role(set));
	error_context_stack = &explain;
	expression_check(mapping->expression, twin->relation[other(mapping->side)], type, typmod);
	error_context_stack = explain.previous;
	role_return(&before);
}

static char *
qualified(const Twin *twin, Side side, AttrNumber attnum, const char *expression)
{
	Mapping				 mapping = {side, attnum, expression};
	Reading				 reading = {twin, &mapping};
	ErrorContextCallback explain = {error_context_stack, explain_error, &reading};
	char				*text;

	if (expression == NULL)
		return NULL;
	error_context_stack = &explain;
	text =
		expression_qualified(expression, twin->relation[other(side)], twin_sql_alias(other(side)));
	error_context_stack = explain.previous;
	return text;
}

static void
qualify(Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		Column *column = &twin->columns[i];

		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			column->map[side] = qualified(twin, side, column->attnum[side], column->map[side]);
	}
}

void
mapping_qualify_all(TwinSet *set)
{
	RoleSwitch before;

	if (set->count == 0)
		return;
	ownership_require_member(twin_owner_role(set), "the tables of the release");
	role_become(&before, twin_owner_role(set));
	for (int i = 0; i < set->count; i++)
		qualify(&set->twins[i]);
	role_return(&before);
}

/*
 * gray_map
 */

/* The expressions of a mapping run as the owner of the tables, so only that role may map. */
static void
refuse_stranger(const TwinSet *set, const Twin *twin, Oid caller)
{
	Oid owner = twin_owner_role(set);

	if (!has_privs_of_role(caller, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to map its columns", twin->table[SIDE_GRAY]),
				 errhint("Moves run as the owner: call it as \"%s\", or as a member of that role.",
						 GetUserNameFromId(owner, false))));
}

static const Twin *
find_twin(const Release *release, const TwinSet *set, Oid table)
{
	const Twin *twin = twin_find(set, SIDE_GRAY, table);
	const Twin *production = twin_find(set, SIDE_PRODUCTION, table);

	if (twin == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s is no gray table of release \"%s\"",
						quote_identifier(get_rel_name(table)), release->name),
				 production == NULL
					 ? errhint("Name the gray table: SELECT gray_map('%s.users', 'name', ...);",
							   release->gray_schema)
					 : errhint("Its gray table is %s.", production->table[SIDE_GRAY])));
	return twin;
}

/* Nobody is moved until the end of the transaction. */
static TwinSet *
begin_change(Release *release)
{
	TwinSet *set;

	release_lock(release);
	(void) release_load_with_tables(release->name);
	user_lock_all(release->id);
	set = twin_load_all(release);
	twin_remember(release, set);
	return set;
}

/*
 * True when the column was altered after all users in gray had come.  To bring these users home,
 * the present meaning of its values must be known.
 */
static bool
is_altered_since(const Release *release, const Twin *twin, const Column *pair)
{
	QueryArgs args = {0};

	query_arg_int(&args, twin->place + 1);
	query_arg(&args, INT8OID, Int64GetDatum((int64) twin_shape_columns(twin) >> 32));
	query_arg(&args, INT8OID, Int64GetDatum(twin_shape_storage(twin)));
	query_arg(&args, XID8OID,
			  UInt64GetDatum(Max(pair->altered[SIDE_PRODUCTION], pair->altered[SIDE_GRAY])));
	return query_run(psprintf("SELECT 1 FROM %s s LEFT JOIN %s m USING (uid)"
							  " WHERE s.state IN ('on', 'stuck') AND (m.since <= $4 AND (m.columns[$1] >> 32 <> $2"
							  " OR m.storage[$1] <> $3)) IS NOT TRUE LIMIT 1",
							  release->state_table, release->stay_table),
					 &args) == 0;
}

static void
refuse_in_use(const Release *release, const Target *target)
{
	const Column *pair = twin_pair(target->twin, SIDE_GRAY, target->attnum[SIDE_GRAY]);

	if (!release_holds_users(release))
		return;
	if (pair != NULL && release->in_cluster && is_altered_since(release, target->twin, pair))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_IN_USE),
			 errmsg("release \"%s\" has users whose data is in gray", release->name),
			 errdetail("Their data was moved by the mapping that there is now."),
			 errhint("Bring each user home: SELECT gray_migrate_back(uid, '%s').", release->name)));
}

static void
set_expression(const Release *release, const TwinSet *set, const Target *target, Side side)
{
	Mapping mapping = {side, target->attnum[side], target->expression[side]};

	if (mapping.attnum == 0)
		return;
	if (mapping.expression != NULL)
	{
		refuse_obstacle(set, target, side);
		mapping_check(set, target->twin, &mapping);
	}
	twin_mapping_put(release, target->twin, side, mapping.attnum, mapping.expression);
}

static char *
expression_argument(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return NULL;
	return expression_closed(text_to_cstring(PG_GETARG_TEXT_PP(argument)));
}

Datum
gray_map(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;
	Target		target = {0};

	call_refuse_null(fcinfo, 0, "gray_table");
	call_refuse_null(fcinfo, 1, "gray_column");
	call_begin(&call, fcinfo, 4);
	set = begin_change(call.release);
	role_pin_formats(&call.release->formats);
	target.twin = find_twin(call.release, set, PG_GETARG_OID(0));
	refuse_stranger(set, target.twin, call.before.user);
	target.expression[SIDE_GRAY] = expression_argument(fcinfo, 2);
	target.expression[SIDE_PRODUCTION] = expression_argument(fcinfo, 3);
	find_columns(&target, call_name(fcinfo, 1));
	refuse_missing_side(&target, call_name(fcinfo, 1));
	refuse_in_use(call.release, &target);
	set_expression(call.release, set, &target, SIDE_GRAY);
	set_expression(call.release, set, &target, SIDE_PRODUCTION);
	call_end(&call);
	PG_RETURN_VOID();
}
