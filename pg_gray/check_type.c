/*
 * check_type.c: what becomes of values whose types differ
 *
 * A value may mean something else in another type (euros or cents), and a cast does not know of it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check_type.h"
#include "twin_sql.h"

static bool
can_cast(const TwinColumn *column, Side from, CoercionContext context)
{
	Oid source = column->type[from];
	Oid target = column->type[from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY];

	return can_coerce_type(1, &source, &target, context);
}

static char *
type_name(const TwinColumn *column, Side side)
{
	return format_type_with_typemod(column->type[side], column->typmod[side]);
}

/* Names of columns in SQL are quoted already; gray_map takes them bare. */
static char *
map_call(const Twin *twin, const TwinColumn *column, const char *up, const char *down)
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
add_no_cast(const Twin *twin, const TwinColumn *column, Side from, Findings *findings)
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
	return twin_sql_category(type) == TYPCATEGORY_STRING;
}

/*
 * A value that is cast so is the same value: a longer integer, another kind of text, a domain,
 * arrays of them.
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
 * What values become, and the call that says so: one that is mapped one way only is a matter of
 * check_mapping.c.
 */
static void
ask(const Twin *twin, const TwinColumn *column, const char *since, Findings *findings)
{
	char *production = type_name(column, SIDE_PRODUCTION);
	char *gray = type_name(column, SIDE_GRAY);
	bool  always = can_cast(column, SIDE_PRODUCTION, COERCION_ASSIGNMENT) &&
				  can_cast(column, SIDE_GRAY, COERCION_ASSIGNMENT);

	finding_add(findings, false, psprintf("%s.%s", twin->table[SIDE_GRAY], column->name[SIDE_GRAY]),
				psprintf("%s in production, %s in gray%s: a value is cast on both ways%s; what else it may mean, such as another unit, is not seen",
						 production, gray, since, always ? "" : ", where it can be"),
				psprintf("%s if that is meant; else with what each is made of.",
						 map_call(twin, column,
								  psprintf("%s::%s", column->name[SIDE_PRODUCTION], gray),
								  psprintf("%s::%s", column->name[SIDE_GRAY], production))));
}

static bool
is_asked(const TwinColumn *column)
{
	return column->type[SIDE_PRODUCTION] != column->type[SIDE_GRAY] && column->up == NULL &&
		   column->down == NULL && !column->generated[SIDE_PRODUCTION] &&
		   !column->generated[SIDE_GRAY];
}

static bool
has_casts(const Twin *twin, const TwinColumn *column, Findings *findings)
{
	bool has = true;

	for (Side from = SIDE_PRODUCTION; from <= SIDE_GRAY; from++)
	{
		Side to = from == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;

		if (column->generated[to] || (to == SIDE_GRAY ? column->up : column->down) != NULL ||
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
			const TwinColumn *column = &twin->columns[j];

			if (column->type[SIDE_PRODUCTION] != column->type[SIDE_GRAY] &&
				has_casts(twin, column, findings) && is_asked(column) &&
				!is_same_kind(column->type[SIDE_PRODUCTION], column->type[SIDE_GRAY]))
				ask(twin, column, "", findings);
		}
	}
}

/* Numbers have a unit; a text says itself what it means. */
static bool
is_number(const TwinColumn *column)
{
	return twin_sql_category(column->type[SIDE_PRODUCTION]) == TYPCATEGORY_NUMERIC;
}

void
check_type_altered(const Twin *twin, const TwinColumn *column, Findings *findings)
{
	if (is_asked(column) && is_number(column) &&
		is_same_kind(column->type[SIDE_PRODUCTION], column->type[SIDE_GRAY]))
		ask(twin, column, ", altered while users are in gray", findings);
}
