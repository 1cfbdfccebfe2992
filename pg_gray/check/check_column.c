/*
 * check_column.c: checks whether the values of each column can go to its twin
 *
 * A cast does not know the meaning of a value: 100 may be euros in one type and cents in another.
 * So twin columns of different types are a finding even where a cast exists.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "parser/parse_coerce.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "check/check_column.h"
#include "check/check_count.h"
#include "move/failed_row.h"
#include "owner/owner_sql.h"
#include "postgres/query.h"
#include "postgres/sql_text.h"
#include "release/release.h"
#include "release/twin_sql.h"

static Side
other(Side side)
{
	return side == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
}

static char *
column_name(const Twin *twin, Side side, const Column *column)
{
	return psprintf("%s.%s", twin->table[side], column->name[side]);
}

/* True for a domain that is NOT NULL, and for a domain over such a domain. */
static bool
type_refuses_null(Oid type)
{
	for (;;)
	{
		HeapTuple	 tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
		Form_pg_type form;
		bool		 is_domain;
		bool		 not_null;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for type %u", type);
		form = (Form_pg_type) GETSTRUCT(tuple);
		is_domain = form->typtype == TYPTYPE_DOMAIN;
		not_null = form->typnotnull;
		type = form->typbasetype;
		ReleaseSysCache(tuple);
		if (!is_domain || not_null)
			return is_domain;
	}
}

bool
check_column_not_null(unsigned int relation, int attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	Form_pg_attribute attribute;
	bool			  not_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u", attnum, relation);
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	not_null = attribute->attnotnull || type_refuses_null(attribute->atttypid);
	ReleaseSysCache(tuple);
	return not_null;
}

static bool
is_not_null(const Twin *twin, Side side, AttrNumber attnum)
{
	return check_column_not_null(twin->relation[side], attnum);
}

/* For production, the statements read the rows before they lock the table for SET NOT NULL. */
char *
check_column_set_not_null(const Twin *twin, Side side, const Column *column)
{
	const char *table = twin->table[side];
	const char *name = column->name[side];

	if (side == SIDE_GRAY)
		return psprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;", table, name);
	return psprintf("ALTER TABLE %1$s ADD CHECK (%2$s IS NOT NULL) NOT VALID; then VALIDATE it, and ALTER COLUMN %2$s SET NOT NULL.",
					table, name);
}

/*
 * Columns without a twin
 */

/* True when the column, or its domain, has a default. */
static bool
has_default(const Column *column, Side side)
{
	Relation table = table_open(column->relation[side], AccessShareLock);
	Node	*expression = build_column_default(table, column->attnum[side]);

	table_close(table, NoLock);
	return expression != NULL;
}

/* "SELECT gray_map('v2.users', 'name', up => '...')" */
static char *
map_call(const Twin *twin, const char *name, Side to)
{
	return psprintf("SELECT gray_map(%s, %s, %s => '...')",
					quote_literal_cstr(twin->table[SIDE_GRAY]), quote_literal_cstr(name),
					to == SIDE_GRAY ? "up" : "down");
}

/* Add a finding for a column that must have a value, but has neither a twin nor a default. */
static void
add_required(const Twin *twin, Side side, const Column *column, const char *name, Findings *findings)
{
	finding_add(findings, true, column_name(twin, side, column),
				psprintf("not null, without a default, and %s has no twin of it: no value on the way %s",
						 twin->table[other(side)], side == SIDE_PRODUCTION ? "home" : "to gray"),
				psprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT ..., DROP NOT NULL, or %s;",
						 twin->table[side], column->name[side], map_call(twin, name, side)));
}

static bool
twin_was_dropped(const Release *release, const Twin *twin, Side side, const Column *column)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, twin->position);
	query_arg_int(&args, column->attnum[side]);
	return query_run(psprintf("SELECT 1 FROM gray.column_pair WHERE release_id = $1"
							  " AND position = $2 AND %s_attnum = $3",
							  side_name(side)),
					 &args) > 0;
}

/* Gray-only columns are normal, since the upgrade adds columns. */
static void
check_lone_column(const Release *release, const Twin *twin, Side side, const Column *column,
				  Findings *findings)
{
	const char *name = get_attname(twin->relation[side], column->attnum[side], false);

	if (column->generated[side] || column->map[side] != NULL)
		return;
	if (is_not_null(twin, side, column->attnum[side]) && !has_default(column, side))
		add_required(twin, side, column, name, findings);
	else if (side == SIDE_PRODUCTION || twin_was_dropped(release, twin, side, column))
		finding_add(findings, false, column_name(twin, side, column),
					psprintf("no twin in %s: rows made there come here with its default",
							 twin->table[other(side)]),
					psprintf("Give it a default that suits such rows, or %s;",
							 map_call(twin, name, side)));
}

/*
 * Nulls
 */

/* "; now 3 rows of 2 users, such as (id)=(7)", or an empty text when rows are not counted. */
static char *
nulls_now(const Twin *twin, const Column *column, Side side, Counting *counting)
{
	CountQuery	   query = {.relation = twin->relation[side], .alias = "t"};
	StringInfoData rest;
	StringInfoData key;
	RowCount	   count;
	char		  *text;

	if (counting == NULL)
		return "";
	initStringInfo(&rest);
	initStringInfo(&key);
	query.users = owner_sql_join(&rest, twin, side, "t", "LEFT JOIN");
	appendStringInfo(&rest, " WHERE t.%s IS NULL AND ", column->name[side]);
	owner_sql_leads(&rest, twin, side, "t");
	failed_row_append_key(&key, twin, side, "t");
	query.rest = rest.data;
	query.example = key.data;
	count = check_count(counting, &query);
	text = psprintf("; now %s", check_count_rows(&count));
	if (!check_count_any(&count))
		return text;
	return psprintf("%s of %s%s%s", text, check_count_users(&count),
					count.example == NULL ? "" : ", such as ",
					count.example == NULL ? "" : count.example);
}

/* Add a finding for a pair of columns of which only one is NOT NULL. */
static void
check_null(const Twin *twin, const Column *column, Side from, Counting *counting, Findings *findings)
{
	Side to = other(from);

	/* check_mapping.c checks the values of mappings. */
	if (!column->generated[to] && column->map[to] == NULL &&
		!is_not_null(twin, from, column->attnum[from]) && is_not_null(twin, to, column->attnum[to]))
		finding_add(findings, false, column_name(twin, from, column),
					psprintf("may be null, but its twin in %s may not: a null would be refused on the way %s%s",
							 twin->table[to], from == SIDE_PRODUCTION ? "to gray" : "home",
							 nulls_now(twin, column, from, counting)),
					check_column_set_not_null(twin, from, column));
}

static void
check_nulls(const Twin *twin, Counting *counting, Findings *findings)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (!column_is_pair(&twin->columns[i]))
			continue;
		check_null(twin, &twin->columns[i], SIDE_PRODUCTION, counting, findings);
		check_null(twin, &twin->columns[i], SIDE_GRAY, counting, findings);
	}
}

void
check_columns(const Release *release, const Twin *twin, Counting *counting, Findings *findings)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		for (int i = 0; i < twin->column_count; i++)
		{
			if (column_is_lone(&twin->columns[i], side))
				check_lone_column(release, twin, side, &twin->columns[i], findings);
		}
	}
	check_nulls(twin, counting, findings);
}

static bool
can_cast(const Column *column, Side from, CoercionContext context)
{
	Oid source = column->type[from];
	Oid target = column->type[from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY];

	return can_coerce_type(1, &source, &target, context);
}

static char *
type_name(const Column *column, Side side)
{
	return format_type_with_typemod(column->type[side], column->typmod[side]);
}

/* The Column's names are quoted for SQL, but gray_map takes names without quotes. */
static char *
both_ways_call(const Twin *twin, const Column *column, const char *up, const char *down)
{
	return psprintf("SELECT gray_map(%s, %s, up => %s, down => %s);",
					quote_literal_cstr(twin->table[SIDE_GRAY]),
					quote_literal_cstr(
						get_attname(twin->relation[SIDE_GRAY], column->attnum[SIDE_GRAY], false)),
					quote_literal_cstr(up), quote_literal_cstr(down));
}

/*
 * Casts
 */

static void
add_no_cast(const Twin *twin, const Column *column, Side from, Findings *findings)
{
	Side to = from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;

	finding_add(findings, true, psprintf("%s.%s", twin->table[from], column->name[from]),
				psprintf("no cast from %s to %s: no value on the way %s",
						 format_type_be(column->type[from]), format_type_be(column->type[to]),
						 from == SIDE_PRODUCTION ? "to gray" : "home"),
				psprintf("SELECT gray_map(%s, %s, %s => '...'), or give both columns one type.",
						 quote_literal_cstr(twin->table[SIDE_GRAY]),
						 quote_literal_cstr(get_attname(twin->relation[SIDE_GRAY],
														column->attnum[SIDE_GRAY], false)),
						 to == SIDE_GRAY ? "up" : "down"));
}

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static bool
is_text(Oid type)
{
	return sql_text_category(type) == TYPCATEGORY_STRING;
}

/*
 * True when a cast between the types keeps the value the same: a longer integer, another kind of
 * text, a domain, or arrays of these.
 */
static bool
is_same_kind(Oid one, Oid other)
{
	Oid a = getBaseType(one);
	Oid b = getBaseType(other);

	if (OidIsValid(get_element_type(a)) && OidIsValid(get_element_type(b)))
		return is_same_kind(get_element_type(a), get_element_type(b));
	return a == b || (is_integer(a) && is_integer(b)) || (is_text(a) && is_text(b));
}

/*
 * Add the finding that shows how values are cast, with the call of gray_map that would confirm it.
 * A column that is mapped in one direction only is checked by check_mapping.c.
 */
static void
ask(const Twin *twin, const Column *column, const char *since, Findings *findings)
{
	char *production = type_name(column, SIDE_PRODUCTION);
	char *gray = type_name(column, SIDE_GRAY);
	bool  always = can_cast(column, SIDE_PRODUCTION, COERCION_ASSIGNMENT) &&
				  can_cast(column, SIDE_GRAY, COERCION_ASSIGNMENT);

	finding_add(findings, false, psprintf("%s.%s", twin->table[SIDE_GRAY], column->name[SIDE_GRAY]),
				psprintf("%s in production, %s in gray%s: a value is cast on both ways%s; what else it may mean, such as another unit, is not seen",
						 production, gray, since, always ? "" : ", where it can be"),
				psprintf("%s if that is meant; else with what each is made of.",
						 both_ways_call(twin, column,
										psprintf("%s::%s", column->name[SIDE_PRODUCTION], gray),
										psprintf("%s::%s", column->name[SIDE_GRAY], production))));
}

static bool
is_asked(const Column *column)
{
	return column->type[SIDE_PRODUCTION] != column->type[SIDE_GRAY] &&
		   column->map[SIDE_GRAY] == NULL && column->map[SIDE_PRODUCTION] == NULL &&
		   !column->generated[SIDE_PRODUCTION] && !column->generated[SIDE_GRAY];
}

static bool
has_casts(const Twin *twin, const Column *column, Findings *findings)
{
	bool has = true;

	for (Side from = SIDE_PRODUCTION; from <= SIDE_GRAY; from++)
	{
		Side to = from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;

		if (column->generated[to] || column->map[to] != NULL ||
			can_cast(column, from, COERCION_EXPLICIT))
			continue;
		has = false;
		add_no_cast(twin, column, from, findings);
	}
	return has;
}

void
check_types(const TwinSet *set, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		for (int j = 0; j < twin->column_count; j++)
		{
			const Column *column = &twin->columns[j];

			if (column_is_pair(column) &&
				column->type[SIDE_PRODUCTION] != column->type[SIDE_GRAY] &&
				has_casts(twin, column, findings) && is_asked(column) &&
				!is_same_kind(column->type[SIDE_PRODUCTION], column->type[SIDE_GRAY]))
				ask(twin, column, "", findings);
		}
	}
}

/* Numbers have a unit that may change; a text carries its meaning in itself. */
static bool
is_number(const Column *column)
{
	return sql_text_category(column->type[SIDE_PRODUCTION]) == TYPCATEGORY_NUMERIC;
}

void
check_type_altered(const Twin *twin, const Column *column, Findings *findings)
{
	if (is_asked(column) && is_number(column) &&
		is_same_kind(column->type[SIDE_PRODUCTION], column->type[SIDE_GRAY]))
		ask(twin, column, ", altered while users are in gray", findings);
}
