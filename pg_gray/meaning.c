/*
 * meaning.c: columns whose values mean something else than when the rows were moved
 *
 * What nobody wrote in gray is what the migration made of production's rows, which nobody
 * could write meanwhile: only ALTER TABLE can have changed either.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "culprit.h"
#include "meaning.h"
#include "move.h"
#include "release.h"
#include "statement.h"
#include "stay.h"
#include "twin_kept.h"
#include "twin_shape.h"
#include "twin_sql.h"

/* Without a key, so many rows are looked for among all of the other side. */
#define SAMPLE_KEYLESS 100

/* Where all rows were written, so many are asked. */
#define SAMPLE_WRITTEN 1000

/* What one column is looked at for. */
typedef struct Meaning
{
	Move			 *move;
	const Twin		 *twin;
	const TwinColumn *column;
	Side			  side; /* that was altered last */
	QueryArgs		  args; /* $1: the uid, $2: the transaction id of rows that nobody wrote */
} Meaning;

/*
 * Conditions
 */

/* Under which values of the gray column are kept, as SQL array elements. */
static char *
kept_ids(const Twin *twin, const TwinColumn *column)
{
	StringInfoData ids;

	initStringInfo(&ids);
	if (column->kept_id != 0)
		appendStringInfo(&ids, "%d", column->kept_id);
	for (int i = 0; i < twin->former_count; i++)
	{
		if (twin->former[i].column == column)
			appendStringInfo(&ids, "%s%d", ids.len == 0 ? "" : ", ", twin->former[i].kept_id);
	}
	return ids.data;
}

void
meaning_append_strange(StringInfo sql, const Twin *twin, const TwinColumn *column, const char *uid)
{
	char *ids = kept_ids(twin, column);
	char *value = psprintf("g.%s", column->name[SIDE_GRAY]);

	appendStringInfoString(sql, "pg_catalog.record_image_ne(ROW(");
	twin_sql_up(sql, column);
	appendStringInfo(sql, "), ROW(%s)) AND NOT ", value);
	twin_sql_leads_back(sql, column);
	if (twin->kept_table == NULL || *ids == '\0')
		return;
	appendStringInfo(sql,
					 " AND NOT EXISTS (SELECT 1 FROM %s k WHERE k.uid = %s AND k.position = %d"
					 " AND k.column_id IN (%s) AND k.value IS NOT DISTINCT FROM %s AND k.key = ",
					 twin->kept_table, uid, twin->position, ids, twin_sql_text(value));
	twin_sql_key(sql, twin);
	appendStringInfoChar(sql, ')');
}

/* Append: FROM the user's rows g and their twins p. */
static void
append_twins(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, " FROM %s g JOIN %s p ON ", twin->table[SIDE_GRAY],
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " WHERE ");
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
}

#define NOBODY_WROTE " AND g.xmin = $2"

/*
 * Refusal
 */

static char *
column_of(const Meaning *meaning, Side side)
{
	return psprintf("%s.%s", meaning->twin->table[side], meaning->column->name[side]);
}

static void
raise(const Meaning *meaning, char *key)
{
	const Twin *twin = meaning->twin;
	char *name = get_attname(twin->relation[SIDE_GRAY], meaning->column->attnum[SIDE_GRAY], false);

	culprit_is(meaning->move, twin, SIDE_PRODUCTION, key);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("column %s was altered while the user was in gray, and its values mean something else now",
					column_of(meaning, meaning->side)),
			 key == NULL ? 0 : errdetail("That of row %s would come home with another value.", key),
			 errhint("Undo the change; or SELECT gray_map(%s, %s, up => '...', down => '...') with what each is made of.",
					 quote_literal_cstr(twin->table[SIDE_GRAY]), quote_literal_cstr(name))));
}

/* A query whose rows are keys of strange rows. */
static void
refuse_rows(const Meaning *meaning, const char *sql)
{
	QueryArgs args = meaning->args;

	if (statement_run_once(meaning->move, sql, &args) > 0)
		raise(meaning, query_text(0, 1));
}

/*
 * Rows that nobody wrote
 */

static void
refuse_untouched(const Meaning *meaning)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	culprit_append_key(&sql, meaning->twin, SIDE_GRAY, "g");
	append_twins(&sql, meaning->twin);
	appendStringInfoString(&sql, NOBODY_WROTE " AND ");
	meaning_append_strange(&sql, meaning->twin, meaning->column, "$1");
	appendStringInfoString(&sql, " LIMIT 1");
	refuse_rows(meaning, sql.data);
}

/* By another key, a row and its twin do not find each other: it would be deleted, and made anew. */
static void
refuse_lost_twins(const Meaning *meaning)
{
	const Twin	  *twin = meaning->twin;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	culprit_append_key(&sql, twin, SIDE_GRAY, "g");
	appendStringInfo(&sql, " FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	appendStringInfo(&sql, NOBODY_WROTE " AND NOT EXISTS (SELECT 1 FROM %s p WHERE ",
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&sql, twin);
	appendStringInfoString(&sql, ") LIMIT 1");
	refuse_rows(meaning, sql.data);
}

/* There must be some row in production that the value can be of. */
static void
refuse_untouched_keyless(const Meaning *meaning)
{
	const Twin	  *twin = meaning->twin;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT NULL::pg_catalog.text FROM (SELECT * FROM %s g WHERE ",
					 twin->table[SIDE_GRAY]);
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	appendStringInfo(&sql, NOBODY_WROTE " LIMIT %d) g WHERE NOT EXISTS (SELECT 1 FROM %s p WHERE ",
					 SAMPLE_KEYLESS, twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(&sql, " AND NOT (");
	meaning_append_strange(&sql, twin, meaning->column, "$1");
	appendStringInfoString(&sql, ")) LIMIT 1");
	refuse_rows(meaning, sql.data);
}

/*
 * Rows that were written
 */

/* Is there a row that nobody wrote, and that shows that all is well? */
static bool
has_witness(const Meaning *meaning)
{
	QueryArgs	   args = meaning->args;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT 1");
	append_twins(&sql, meaning->twin);
	appendStringInfo(&sql, NOBODY_WROTE " AND g.%s IS NOT NULL LIMIT 1",
					 meaning->column->name[SIDE_GRAY]);
	return statement_run_once(meaning->move, sql.data, &args) > 0;
}

static void
refuse_most(const Meaning *meaning)
{
	QueryArgs	   args = meaning->args;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT min(key) FILTER (WHERE strange),"
								 " coalesce(2 * count(*) FILTER (WHERE strange) > count(*), false)"
								 " FROM (SELECT ");
	culprit_append_key(&sql, meaning->twin, SIDE_GRAY, "g");
	appendStringInfoString(&sql, " AS key, ");
	meaning_append_strange(&sql, meaning->twin, meaning->column, "$1");
	appendStringInfoString(&sql, " AS strange");
	append_twins(&sql, meaning->twin);
	appendStringInfo(&sql, " LIMIT %d) AS sample", SAMPLE_WRITTEN);
	(void) statement_run_once(meaning->move, sql.data, &args);
	if (query_bool(0, 2))
		raise(meaning, query_text(0, 1));
}

/*
 * Columns
 */

static bool
is_altered(const Meaning *meaning, Side side)
{
	return stay_is_altered(meaning->move->stay, meaning->column, side);
}

/* Were values changed with it, as far as that can be told? */
static bool
is_rewritten(const Meaning *meaning, Side side)
{
	const Stay *stay = meaning->move->stay;
	int			place = playbook_place(meaning->move->playbook, meaning->twin);

	return is_altered(meaning, side) && stay->storage != NULL &&
		   twin_shape_storage_of(stay->storage[place], side) != meaning->twin->files[side];
}

static bool
is_key(const Twin *twin, const TwinColumn *column)
{
	for (int i = 0; i < twin->key_count; i++)
	{
		if (twin->key_columns[i] == column)
			return true;
	}
	return false;
}

static void
check(Meaning *meaning)
{
	const TwinColumn *column = meaning->column;

	meaning->side = is_altered(meaning, SIDE_PRODUCTION) ? SIDE_PRODUCTION : SIDE_GRAY;
	if (is_key(meaning->twin, column))
		refuse_lost_twins(meaning);
	else if (meaning->twin->key_count == 0)
		refuse_untouched_keyless(meaning);
	else
	{
		bool is_mapped = column->up != NULL && column->down != NULL;

		refuse_untouched(meaning);
		if ((is_rewritten(meaning, SIDE_PRODUCTION) || is_rewritten(meaning, SIDE_GRAY)) &&
			!is_mapped && !has_witness(meaning))
			refuse_most(meaning);
	}
}

static bool
is_of_interest(const Meaning *meaning)
{
	const Stay		 *stay = meaning->move->stay;
	const TwinColumn *column = meaning->column;
	Altered			  altered = {stay, playbook_place(meaning->move->playbook, meaning->twin)};

	if (!twin_sql_is_data(meaning->twin, column) ||
		(!is_altered(meaning, SIDE_PRODUCTION) && !is_altered(meaning, SIDE_GRAY)))
		return false;
	return !stay_is_new_pair(&altered, column);
}

void
meaning_refuse_changed(Move *move)
{
	const TwinSet *set = move->playbook->set;
	Meaning		   meaning = {.move = move, .args = move->args};

	if (move->stay->xid == 0 || move->stay->since_full == 0)
		return;
	query_arg(&meaning.args, XIDOID, TransactionIdGetDatum(move->stay->xid));
	for (int i = 0; i < set->count; i++)
	{
		meaning.twin = &set->twins[i];
		for (int j = 0; j < meaning.twin->column_count; j++)
		{
			meaning.column = &meaning.twin->columns[j];
			if (is_of_interest(&meaning))
				check(&meaning);
		}
	}
}
