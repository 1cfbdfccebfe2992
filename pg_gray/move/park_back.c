/*
 * park_back.c: puts parked rows back into own tables, which only version 2 has
 *
 *   wait    mark the rows that refer to a row which is not in gray and does not come back either;
 *           a row that refers to a marked row is marked, too
 *   act     when the missing row is gone for good, do as the foreign key's ON DELETE says; then
 *           mark again
 *   insert  the rows that are not marked
 *   others  rows of other users in gray that waited for rows which are there now; then the user's
 *           own rows that refer to these
 *
 * A missing row is gone for good when production does not have it, and no parked table.  A row that
 * only another user can bring comes back with that user: a row that refers to it waits.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "move/copy_partition.h"
#include "move/move_step.h"
#include "move/park_back.h"
#include "move/park_sql.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "move/reference_check.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "release/release.h"
#include "release/twin_sql.h"
#include "user/uid.h"
#include "user/user_lock.h"
#include "user/user_state.h"

/* A statement about the parked rows of a table. */
typedef void (*Text)(StringInfo sql, const Twin *own, const void *detail);

static uint64
run(const Move *move, Text text, const Twin *own, const void *detail)
{
	return statement_run(move, (Statement){text, own, detail}, &move->args);
}

/*
 * Waiting
 */

static void
any_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "SELECT 1 FROM %s k WHERE k.parked_uid = $1 LIMIT 1", own->parked_table);
}

static void
unmark_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql,
					 "UPDATE %s k SET parked_waits = false, parked_late = false"
					 " WHERE k.parked_uid = $1 AND k.parked_waits",
					 own->parked_table);
}

/* Append a condition: the row to which parked row k refers is in gray. */
static void
append_is_in_gray(StringInfo sql, const Reference *reference)
{
	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s r WHERE ", reference->parent->table[SIDE_GRAY]);
	park_sql_refers(sql, reference, (ParkRow){"k", reference->twin}, (ParkRow){"r", NULL});
	appendStringInfoChar(sql, ')');
}

/* Append a condition: that row is parked; with `comes`, it comes back with the user. */
static void
append_is_parked(StringInfo sql, const Reference *reference, bool comes)
{
	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s r WHERE ", reference->parent->parked_table);
	if (comes)
		appendStringInfoString(sql, "r.parked_uid = $1 AND NOT r.parked_waits AND ");
	park_sql_refers(sql, reference, (ParkRow){"k", reference->twin},
					(ParkRow){"r", reference->parent});
	appendStringInfoChar(sql, ')');
}

static bool
leads_to_own(const Reference *reference)
{
	return reference->parent->parked_table != NULL;
}

static void
mark_text(StringInfo sql, const Twin *own, const void *detail)
{
	const Reference *reference = detail;

	appendStringInfo(sql,
					 "UPDATE %s k SET parked_waits = true WHERE k.parked_uid = $1 AND NOT k.parked_waits",
					 own->parked_table);
	park_sql_refers_at_all(sql, reference);
	appendStringInfoString(sql, " AND NOT ");
	append_is_in_gray(sql, reference);
	if (!leads_to_own(reference))
		return;
	appendStringInfoString(sql, " AND NOT ");
	append_is_parked(sql, reference, true);
}

/* Run a function for each reference of own tables to a table of the release; add the results. */
static uint64
each_reference(Move *move, uint64 (*each)(Move *move, const Reference *reference))
{
	const TwinSet *set = move->prepared->set;
	uint64		   sum = 0;

	for (int i = 0; i < set->own_count; i++)
	{
		ListCell *cell;

		foreach(cell, reference_list_own(&move->prepared->references, &set->own[i]))
		{
			if (((const Reference *) lfirst(cell))->parent != NULL)
				sum += each(move, lfirst(cell));
		}
	}
	return sum;
}

static uint64
mark(Move *move, const Reference *reference)
{
	return run(move, mark_text, reference->twin, reference);
}

/* Mark the rows that can't come back; return their number. */
static uint64
mark_all(Move *move)
{
	uint64 marked = 0;
	uint64 now;

	for (int i = 0; i < move->prepared->set->own_count; i++)
		(void) run(move, unmark_text, &move->prepared->set->own[i], NULL);
	do
	{
		now = each_reference(move, mark);
		marked += now;
	} while (now > 0);
	return marked;
}

/*
 * ON DELETE
 */

/* Append a condition: the row to which waiting row k refers is gone for good. */
static void
append_is_gone(StringInfo sql, const Reference *reference)
{
	appendStringInfoString(sql, "k.parked_uid = $1 AND k.parked_waits");
	park_sql_refers_at_all(sql, reference);
	appendStringInfoString(sql, " AND NOT ");
	append_is_in_gray(sql, reference);
	appendStringInfoString(sql, " AND NOT ");
	if (leads_to_own(reference))
		append_is_parked(sql, reference, false);
	else
		park_sql_refers_home(sql, reference);
}

static void
cascade_text(StringInfo sql, const Twin *own, const void *detail)
{
	appendStringInfo(sql, "DELETE FROM %s k WHERE ", own->parked_table);
	append_is_gone(sql, detail);
}

/* The columns that ON DELETE SET NULL (a, b) or SET DEFAULT (a, b) names, or all of them. */
static bool
is_set_on_delete(const Reference *reference, int i)
{
	HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(reference->key->conoid));
	bool	  is_null;
	Datum named = SysCacheGetAttr(CONSTROID, tuple, Anum_pg_constraint_confdelsetcols, &is_null);
	bool  is_set = is_null;

	if (!is_null)
	{
		Datum *columns;
		int	   count;

		deconstruct_array(DatumGetArrayTypePCopy(named), INT2OID, sizeof(int16), true,
						  TYPALIGN_SHORT, &columns, NULL, &count);
		for (int j = 0; j < count; j++)
			is_set |= DatumGetInt16(columns[j]) == reference->key->conkey[i];
	}
	ReleaseSysCache(tuple);
	return is_set;
}

static void
append_set(StringInfo sql, const Reference *reference, bool to_default)
{
	const Twin *own = reference->twin;
	bool		first = true;

	appendStringInfo(sql, "UPDATE %s k SET ", own->parked_table);
	for (int i = 0; i < reference->key->nkeys; i++)
	{
		const Column *column =
			twin_column(own, SIDE_GRAY,
						partition_attnum(own->relation[SIDE_GRAY], reference->key->conrelid,
										 reference->key->conkey[i]));

		if (!is_set_on_delete(reference, i))
			continue;
		appendStringInfo(sql, "%s%s = %s", first ? "" : ", ", park_sql_referring(reference, i),
						 to_default ? column_default(column, SIDE_GRAY) : "NULL");
		first = false;
	}
	appendStringInfoString(sql, " WHERE ");
	append_is_gone(sql, reference);
}

static void
set_null_text(StringInfo sql, const Twin *own pg_attribute_unused(), const void *detail)
{
	append_set(sql, detail, false);
}

static void
set_default_text(StringInfo sql, const Twin *own pg_attribute_unused(), const void *detail)
{
	append_set(sql, detail, true);
}

static char
on_delete(const Reference *reference)
{
	HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(reference->key->conoid));
	char	  action = ((Form_pg_constraint) GETSTRUCT(tuple))->confdeltype;

	ReleaseSysCache(tuple);
	return action;
}

static void
note(Move *move, const Reference *reference, uint64 rows, const char *action)
{
	if (rows == 0)
		return;
	move->note = psprintf("%s%s" UINT64_FORMAT
						  " %s of %s: %s of %s, since production has deleted the row referred to",
						  move->note == NULL ? "" : move->note, move->note == NULL ? "" : "; ",
						  rows, rows == 1 ? "row" : "rows", reference->twin->table[SIDE_GRAY],
						  action, quote_identifier(get_constraint_name(reference->key->conoid)));
}

static uint64
act(Move *move, const Reference *reference)
{
	uint64 rows = 0;

	switch (on_delete(reference))
	{
		case FKCONSTR_ACTION_CASCADE:
			rows = run(move, cascade_text, reference->twin, reference);
			note(move, reference, rows, "ON DELETE CASCADE");
			break;
		case FKCONSTR_ACTION_SETNULL:
			rows = run(move, set_null_text, reference->twin, reference);
			note(move, reference, rows, "ON DELETE SET NULL");
			break;
		case FKCONSTR_ACTION_SETDEFAULT:
			rows = run(move, set_default_text, reference->twin, reference);
			note(move, reference, rows, "ON DELETE SET DEFAULT");
			break;
		default:
			break;
	}
	return rows;
}

/* A default that is not there either would be set for ever. */
#define ROUNDS_MAX 100

static void
settle(Move *move)
{
	for (int round = 0; round < ROUNDS_MAX; round++)
	{
		if (mark_all(move) == 0 || each_reference(move, act) == 0)
			return;
	}
	(void) mark_all(move);
}

/*
 * Inserting
 */

static void
append_insert(StringInfo sql, const Twin *own)
{
	appendStringInfo(sql, "INSERT INTO %s (", own->table[SIDE_GRAY]);
	park_sql_gray_columns(sql, own);
	appendStringInfoString(sql, ") OVERRIDING SYSTEM VALUE");
}

/* Append "SELECT k.a, k.b". */
static void
append_values(StringInfo sql, const Twin *own)
{
	StringInfoData columns;

	initStringInfo(&columns);
	park_sql_parked_columns(&columns, own, "k.");
	appendStringInfo(sql, " SELECT %s", columns.len > 0 ? columns.data + strlen(", ") : "");
}

static void
insert_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	append_insert(sql, own);
	append_values(sql, own);
	appendStringInfo(sql, " FROM %s k WHERE k.parked_uid = $1 AND NOT k.parked_waits",
					 own->parked_table);
}

/* Values are named as their columns, as partition_copy_rows takes them. */
static uint64
insert_into_partitions(Move *move, const Twin *own, const char *source)
{
	StringInfoData names;
	StringInfoData values;

	initStringInfo(&names);
	initStringInfo(&values);
	park_sql_gray_columns(&names, own);
	for (int i = 0; i < own->column_count; i++)
	{
		const Column *column = &own->columns[i];

		if (column->parked != NULL)
			appendStringInfo(&values, "%sk.%s AS %s", values.len == 0 ? "" : ", ", column->parked,
							 column->name[SIDE_GRAY]);
	}
	return partition_copy_rows(move, own, SIDE_GRAY, names.data, values.data, source);
}

static uint64
insert_table(Move *move, const Twin *own)
{
	if (partition_is_parent(own->relation[SIDE_GRAY]))
		return insert_into_partitions(move, own,
									  psprintf(" FROM %s k WHERE k.parked_uid = $1 AND NOT k.parked_waits",
											   own->parked_table));
	return statement_write(move, (Statement){insert_text, own, NULL}, &move->args, SIDE_GRAY);
}

/* For ereport: the table. */
static int
errtable_of(const Twin *own)
{
	Oid relation = own->relation[SIDE_GRAY];

	err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(relation)));
	return err_generic_string(PG_DIAG_TABLE_NAME, get_rel_name(relation));
}

static void
refuse_misfit(const Twin *own, const Column *column)
{
	Oid	  parked = get_relname_relid(strchr(own->parked_table, '.') + 1,
									 get_namespace_oid(CATALOG_SCHEMA, false));
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	get_atttypetypmodcoll(parked, column->parked_attnum, &type, &typmod, &collation);
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("rows of table %s are parked with column %s as %s, it is %s now",
					own->table[SIDE_GRAY], column->name[SIDE_GRAY],
					format_type_with_typemod(type, typmod),
					format_type_with_typemod(column->type[SIDE_GRAY], column->typmod[SIDE_GRAY])),
			 errhint("ALTER TABLE %s ALTER %s TYPE %s USING ..., as the upgrade did; then gray_reset.",
					 own->parked_table, column->parked,
					 format_type_with_typemod(column->type[SIDE_GRAY], column->typmod[SIDE_GRAY])),
			 errtable_of(own)));
}

static void
refuse_misfits(const Twin *own)
{
	for (int i = 0; i < own->column_count; i++)
	{
		if (own->columns[i].parked != NULL && !own->columns[i].parked_fits)
			refuse_misfit(own, &own->columns[i]);
	}
}

/* The error of a statement does not tell that the value was parked. */
static void
explain_parked(void *arg)
{
	const Twin *own = arg;
	int			category = ERRCODE_TO_CATEGORY(geterrcode());

	if (geterrcode() != ERRCODE_DATATYPE_MISMATCH &&
		(category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION))
		errhint("The row is the user's from an earlier stay, and waits in %s: change it there, or let the table %s take it.",
				own->parked_table, own->table[SIDE_GRAY]);
}

static void
check_outside(const Move *move, const Twin *own)
{
	ListCell *cell;

	foreach(cell, reference_list_own(&move->prepared->references, own))
	{
		const Reference *reference = lfirst(cell);

		if (reference->parent == NULL)
			reference_check_home(move, reference);
	}
}

static void
insert_all(Move *move)
{
	const TwinSet		*set = move->prepared->set;
	ErrorContextCallback explain = {error_context_stack, explain_parked, NULL};

	error_context_stack = &explain;
	for (int i = 0; i < set->own_count; i++)
	{
		explain.arg = &set->own[i];
		move_step_begin(move, &set->own[i], "put back");
		move->own_rows[i] = insert_table(move, &set->own[i]);
		move->row_count += move->own_rows[i];
		move->seen += move->own_rows[i];
		if (move->own_rows[i] > 0)
			check_outside(move, &set->own[i]);
	}
	error_context_stack = explain.previous;
}

/*
 * Waiting rows: of other users, and the user's own that refer to these
 */

/* Append a condition: every row to which k refers is in gray. */
static void
append_holds(StringInfo sql, const Move *move, const Twin *own)
{
	ListCell *cell;

	foreach(cell, reference_list_own(&move->prepared->references, own))
	{
		const Reference *reference = lfirst(cell);

		if (reference->parent == NULL)
			continue;
		appendStringInfoString(sql, " AND ((true");
		park_sql_refers_at_all(sql, reference);
		appendStringInfoString(sql, ") IS NOT TRUE OR ");
		append_is_in_gray(sql, reference);
		appendStringInfoChar(sql, ')');
	}
}

static void
waiting_text(StringInfo sql, const Twin *own, const void *detail)
{
	const Move *move = detail;

	appendStringInfo(sql, "SELECT DISTINCT k.parked_uid::text FROM %s k WHERE k.parked_waits",
					 own->parked_table);
	append_holds(sql, move, own);
}

/*
 * A row that was put aside during its user's stay is no row of the last way home, and does not
 * remain parked.
 */
static void
append_back(StringInfo sql, const Move *move, const Twin *own)
{
	appendStringInfo(sql,
					 "WITH kept AS (UPDATE %s k SET parked_waits = false"
					 " WHERE k.parked_waits AND NOT k.parked_late AND k.parked_uid = $1",
					 own->parked_table);
	append_holds(sql, move, own);
	appendStringInfo(sql,
					 " RETURNING k.*), late AS (DELETE FROM %s k"
					 " WHERE k.parked_waits AND k.parked_late AND k.parked_uid = $1",
					 own->parked_table);
	append_holds(sql, move, own);
	appendStringInfoString(sql, " RETURNING k.*) ");
	append_insert(sql, own);
	append_values(sql, own);
	appendStringInfoString(sql, " FROM (TABLE kept UNION ALL TABLE late) AS k");
}

/* True when the user, whom no move changes now, is in gray. */
static bool
lock_in_gray(const Move *move, const Uid *uid)
{
	user_lock_share(uid_hash(move->release->id, uid->type, uid->value));
	return state_side(user_state_get(move->release, uid)) == SIDE_GRAY;
}

static uint64
bring_back(Move *move, const Twin *own, const Uid *uid)
{
	QueryArgs	   args = {0};
	StringInfoData sql;
	uint64		   rows;

	if (!lock_in_gray(move, uid))
		return 0;
	initStringInfo(&sql);
	append_back(&sql, move, own);
	query_arg(&args, uid->type, uid->value);
	rows = statement_write_once(move, sql.data, &args,
								(SilentTarget){move->prepared->set, own, SIDE_GRAY, InvalidOid});
	move->row_count += rows;
	if (uid_equal(uid->type, uid->value, move->uid->value))
		move->own_rows[own - move->prepared->set->own] += rows;
	return rows;
}

static uint64
bring_waiting_of(Move *move, const Twin *own)
{
	StringInfoData sql;
	uint64		   count;
	uint64		   rows = 0;
	const Uid	 **users;

	initStringInfo(&sql);
	waiting_text(&sql, own, move);
	count = statement_run_once(move, sql.data, &move->args);
	users = palloc(sizeof(Uid *) * Max(count, 1));
	for (uint64 i = 0; i < count; i++)
		users[i] = uid_from_text(query_text(i, 1), move->release);
	for (uint64 i = 0; i < count; i++)
		rows += bring_back(move, own, users[i]);
	return rows;
}

static void
any_waits_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "SELECT 1 FROM %s k WHERE k.parked_waits LIMIT 1", own->parked_table);
}

/* A row that came back may be the one for which another waited. */
static void
bring_waiting(Move *move)
{
	const TwinSet *set = move->prepared->set;
	uint64		   rows;

	do
	{
		rows = 0;
		for (int i = 0; i < set->own_count; i++)
		{
			if (run(move, any_waits_text, &set->own[i], NULL) > 0)
				rows += bring_waiting_of(move, &set->own[i]);
		}
	} while (rows > 0);
}

void
park_back(Move *move)
{
	const TwinSet *set = move->prepared->set;
	bool		   any = false;

	for (int i = 0; i < set->own_count; i++)
	{
		if (run(move, any_text, &set->own[i], NULL) == 0)
			continue;
		any = true;
		refuse_misfits(&set->own[i]);
	}
	if (any)
	{
		settle(move);
		insert_all(move);
	}
	bring_waiting(move);
}
