/*
 * check_type.c: what becomes of values whose types differ
 *
 * ALTER COLUMN ... TYPE ... USING can give values another meaning (euros become cents), and a
 * cast does not know of it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check_count.h"
#include "check_type.h"
#include "culprit.h"
#include "meaning.h"
#include "query.h"
#include "release.h"
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
	char category;
	bool preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING;
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

/*
 * Stays
 */

/* The last move of each user who is in gray. */
#define STAYS \
	"FROM %1$s s CROSS JOIN LATERAL (SELECT t.moved_xid, t.moved_since, t.moved_columns FROM %2$s t" \
	" WHERE t.uid = s.uid AND t.kind = 'migrate' AND t.state = 'on' ORDER BY t.id DESC LIMIT 1) m" \
	" WHERE s.state IN ('on', 'stuck') AND m.moved_xid IS NOT NULL"

/* Since when the oldest of them is there, as TwinColumn.altered has it; 0: there is none. */
static uint64
oldest_stay(const Release *release)
{
	if (!release->in_cluster)
		return 0;
	query_run(psprintf("SELECT min(m.moved_since::text::numeric)::text " STAYS,
					   release->state_table, release->attempt_table),
			  NULL);
	return query_is_null(0, 1) ? 0 : strtou64(query_text(0, 1), NULL, 10);
}

/* What one column is looked at for. */
typedef struct Meaning
{
	const Release	 *release;
	const TwinSet	 *set;
	const Twin		 *twin;
	const TwinColumn *column;
	Side			  side;	 /* that was altered last */
	char			 *moves; /* transactions that moved rows before that: "{1234,1240}" */
	Counting		 *counting;
} Meaning;

/* Null: nobody's stay is older than the change, and yet younger than the pair. */
static char *
moves_before(const Meaning *meaning)
{
	const TwinColumn *column = meaning->column;
	QueryArgs		  args = {0};

	query_arg_int(&args, meaning->twin - meaning->set->twins + 1);
	query_arg_int(&args, column->attnum[SIDE_PRODUCTION]);
	query_arg_int(&args, column->attnum[SIDE_GRAY]);
	query_arg(&args, XID8OID, UInt64GetDatum(column->altered[meaning->side]));
	query_run(psprintf("SELECT array_agg(moves.xid)::text FROM (SELECT m.moved_xid::xid AS xid " STAYS
					   " AND m.moved_since <= $4 AND (m.moved_columns[$1] >> 16) & 65535 >= $2"
					   " AND m.moved_columns[$1] & 65535 >= $3 LIMIT 1000) AS moves",
					   meaning->release->state_table, meaning->release->attempt_table),
			  &args);
	return query_text(0, 1);
}

/*
 * Meanings
 */

/*
 * Rows of users in gray that nobody wrote since they came; all of them, or those that are
 * strange.
 */
static RowCount
count_untouched(const Meaning *meaning, bool strange)
{
	const Twin	  *twin = meaning->twin;
	StringInfoData rest;
	StringInfoData example;
	CountQuery	   query = {.relation = twin->relation[SIDE_GRAY], .alias = "g"};

	initStringInfo(&rest);
	appendStringInfo(&rest, "JOIN %s p ON ", twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&rest, twin);
	appendStringInfo(&rest, " WHERE g.xmin = ANY (%s::pg_catalog.xid[])",
					 quote_literal_cstr(meaning->moves));
	if (strange)
	{
		appendStringInfoString(&rest, " AND ");
		meaning_append_strange(&rest, twin, meaning->column, "k.uid");
	}
	query.rest = rest.data;
	initStringInfo(&example);
	culprit_append_key(&example, twin, SIDE_GRAY, "g");
	query.example = example.data;
	return check_count(meaning->counting, &query);
}

/* Numbers have a unit; a text says itself what it means. */
static bool
is_number(const TwinColumn *column)
{
	char category;
	bool preferred;

	get_type_category_preferred(getBaseType(column->type[SIDE_PRODUCTION]), &category, &preferred);
	return category == TYPCATEGORY_NUMERIC;
}

/* Without an untouched row, nothing tells; types of another kind are asked about anyway. */
static void
check_meaning(const Meaning *meaning, Findings *findings)
{
	const Twin		 *twin = meaning->twin;
	const TwinColumn *column = meaning->column;
	RowCount		  strange = count_untouched(meaning, true);
	RowCount		  untouched;

	if (check_count_any(&strange))
	{
		finding_add(findings, true,
					psprintf("%s.%s", twin->table[meaning->side], column->name[meaning->side]),
					psprintf("altered while users are in gray, and its values mean something else now: %s that nobody wrote in gray, such as %s,"
							 " would come home with another value",
							 check_count_rows(&strange), strange.example),
					psprintf("Undo the change (ALTER TABLE ... TYPE ... USING ...); or %s with what each is made of.",
							 map_call(twin, column, "...", "...")));
		return;
	}
	untouched = count_untouched(meaning, false);
	if (!check_count_any(&untouched) && is_asked(column) && is_number(column) &&
		is_same_kind(column->type[SIDE_PRODUCTION], column->type[SIDE_GRAY]))
		ask(twin, column, ", altered while users are in gray", findings);
}

void
check_meanings(const Release *release, const TwinSet *set, Counting *counting, Findings *findings)
{
	uint64	since = oldest_stay(release);
	Meaning meaning = {.release = release, .set = set, .counting = counting};

	for (int i = 0; since != 0 && i < set->count; i++)
	{
		meaning.twin = &set->twins[i];
		for (int j = 0; meaning.twin->key_count > 0 && j < meaning.twin->column_count; j++)
		{
			const TwinColumn *column = &meaning.twin->columns[j];

			meaning.column = column;
			meaning.side = column->altered[SIDE_GRAY] > column->altered[SIDE_PRODUCTION]
							   ? SIDE_GRAY
							   : SIDE_PRODUCTION;
			if (column->altered[meaning.side] < since || !twin_sql_is_data(meaning.twin, column))
				continue;
			meaning.moves = moves_before(&meaning);
			if (meaning.moves != NULL)
				check_meaning(&meaning, findings);
		}
	}
}
