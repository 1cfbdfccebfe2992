/*
 * park_aside.c: puts aside the rows of other users that refer to rows that leave gray
 *
 *   lock      the user's rows to which own tables refer: nobody can refer to them any more
 *   first     put aside the rows that refer to the user's rows
 *   further   put aside the rows that refer to the rows put aside, until there are none
 *   check     no row of a twin refers to a row of an own table that goes
 *
 * Before rows are put aside, their users are locked as a writer locks them: none of them is moved
 * meanwhile.  The lock is waited for no longer than a moment, as all locks of a move.
 *
 * The owner of a row whose owner path leads over a row that was put aside is told by that row's
 * parked_uid.  Tables come in the order of their owner paths, and the key of the owner path first.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "move/move_step.h"
#include "move/park_aside.h"
#include "move/park_sql.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "move/reference_check.h"
#include "release/release.h"
#include "release/twin_sql.h"
#include "user/uid.h"
#include "user/user_lock.h"

/*
 * Locking
 */

static void
lock_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "SELECT 1 FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	appendStringInfoString(sql, " FOR UPDATE OF g NOWAIT");
}

/* True when an own table refers to the table with rows that may belong to another user. */
static bool
is_referred(const Move *move, const Twin *twin)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->own_count; i++)
	{
		ListCell *cell;

		foreach(cell, reference_list_own(&move->prepared->references, &set->own[i]))
		{
			const Reference *reference = lfirst(cell);

			if (reference->parent == twin && (!reference->to_owner || !set->own[i].fenced))
				return true;
		}
	}
	return false;
}

static void
lock_table(const Move *move, const Twin *twin)
{
	if (is_referred(move, twin))
		statement_stream(move, (Statement){lock_text, twin, NULL}, &move->args, None_Receiver);
}

static void
lock_referred(const Move *move)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->count; i++)
		lock_table(move, &set->twins[i]);
	for (int i = 0; i < set->own_count; i++)
		lock_table(move, &set->own[i]);
}

/*
 * Rows to put aside: rows c of an own table
 */

/* Append a condition: c refers to a row of the user. */
static void
append_refers_to_user(StringInfo sql, const Reference *reference)
{
	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s g WHERE ", reference->parent->table[SIDE_GRAY]);
	twin_sql_owned(sql, reference->parent, SIDE_GRAY, "g");
	appendStringInfoString(sql, " AND ");
	reference_sql_refers_parked(sql, reference->key, (ReferenceRow){"c", NULL},
								(ReferenceRow){"g", NULL});
	appendStringInfoChar(sql, ')');
}

/* Append a subquery: from it, of the rows put aside by this move, the row to which c refers. */
static void
append_aside(StringInfo sql, const Reference *reference, const char *column)
{
	appendStringInfo(sql, "(SELECT %s FROM %s k WHERE k.parked_late AND k.xmin = $2 AND ", column,
					 reference->parent->parked_table);
	reference_sql_refers_parked(sql, reference->key, (ReferenceRow){"c", NULL},
								(ReferenceRow){"k", reference->parent});
	appendStringInfoString(sql, " LIMIT 1)");
}

/* What a search for rows goes by. */
typedef struct Search
{
	const Reference *reference;
	bool			 further; /* the rows refer to rows put aside; else to the user's rows */
} Search;

static bool
is_by_owner_path(const Search *search)
{
	return search->further && search->reference->to_owner;
}

static void
append_condition(StringInfo sql, const Search *search)
{
	const Reference *reference = search->reference;

	if (search->further)
	{
		appendStringInfoString(sql, "EXISTS ");
		append_aside(sql, reference, "1");
	}
	else
		append_refers_to_user(sql, reference);
	if (is_by_owner_path(search))
		return;
	appendStringInfoString(sql, " AND (");
	twin_sql_owned(sql, reference->twin, SIDE_GRAY, "c");
	appendStringInfoString(sql, ") IS NOT TRUE");
}

static void
append_owner(StringInfo sql, const Search *search)
{
	if (is_by_owner_path(search))
		append_aside(sql, search->reference, "k.parked_uid");
	else
		twin_sql_owner(sql, search->reference->twin, SIDE_GRAY, "c");
}

static void
append_owners(StringInfo sql, const Search *search)
{
	appendStringInfoString(sql, "SELECT DISTINCT (");
	append_owner(sql, search);
	appendStringInfo(sql, ")::text FROM %s c WHERE ", search->reference->twin->table[SIDE_GRAY]);
	append_condition(sql, search);
}

static void
append_put_aside(StringInfo sql, const Search *search)
{
	const Twin *own = search->reference->twin;

	appendStringInfo(sql, "WITH gone AS (DELETE FROM %s c WHERE ", own->table[SIDE_GRAY]);
	append_condition(sql, search);
	appendStringInfoString(sql, " RETURNING ");
	append_owner(sql, search);
	appendStringInfoString(sql, " AS parked_uid");
	park_sql_as_parked(sql, own, "c");
	appendStringInfo(sql, ") INSERT INTO %s (parked_uid, parked_waits, parked_late",
					 own->parked_table);
	park_sql_parked_columns(sql, own, "");
	appendStringInfoString(sql, ") SELECT gone.parked_uid, true, true");
	park_sql_parked_columns(sql, own, "gone.");
	appendStringInfoString(sql, " FROM gone");
}

static void
owners_text(StringInfo sql, const Twin *own pg_attribute_unused(), const void *reference)
{
	append_owners(sql, &(Search){reference, false});
}

static void
owners_further_text(StringInfo sql, const Twin *own pg_attribute_unused(), const void *reference)
{
	append_owners(sql, &(Search){reference, true});
}

static void
put_aside_text(StringInfo sql, const Twin *own pg_attribute_unused(), const void *reference)
{
	append_put_aside(sql, &(Search){reference, false});
}

static void
put_aside_further_text(StringInfo sql, const Twin *own pg_attribute_unused(), const void *reference)
{
	append_put_aside(sql, &(Search){reference, true});
}

/*
 * Putting aside
 */

static void
refuse_nobodys(const Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;

	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\"",
					get_rel_name(key->confrelid), get_constraint_name(key->conoid),
					get_rel_name(key->conrelid)),
			 errdetail("A row that belongs to no user refers to it."),
			 errhint(
				 "Rows of nobody stay in gray: delete the row, or let it refer to no user's row."),
			 reference_sql_error(key)));
}

/* Lock the users of the rows that the last query found; return their number. */
static uint64
lock_owners(const Move *move, const Reference *reference, uint64 count)
{
	char **texts = palloc(sizeof(char *) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
		texts[i] = query_text(i, 1);
	for (uint64 i = 0; i < count; i++)
	{
		const Uid *uid;

		if (texts[i] == NULL)
			refuse_nobodys(reference);
		uid = uid_from_text(texts[i], move->release);
		user_lock_share(uid_hash(move->release->id, uid->type, uid->value));
	}
	return count;
}

static uint64
put_aside(Move *move, const Reference *reference, bool further)
{
	QueryArgs args = move->args;
	uint64	  rows;

	if (further)
		query_arg(&args, XIDOID, TransactionIdGetDatum(GetCurrentTransactionId()));
	rows = statement_run(move,
						 (Statement){further ? owners_further_text : owners_text, reference->twin,
									 reference},
						 &args);
	if (lock_owners(move, reference, rows) == 0)
		return 0;
	rows = statement_write(move,
						   (Statement){further ? put_aside_further_text : put_aside_text,
									   reference->twin, reference},
						   &args, SIDE_GRAY);
	move->row_count += rows;
	return rows;
}

static uint64
put_table_aside(Move *move, const Twin *own, bool further, bool by_owner_path)
{
	uint64	  rows = 0;
	ListCell *cell;

	foreach(cell, reference_list_own(&move->prepared->references, own))
	{
		const Reference *reference = lfirst(cell);

		/* Rows that lead to the user by their owner path are the user's own. */
		if (reference->to_owner != by_owner_path || reference->parent == NULL ||
			(further && reference->parent->parked_table == NULL))
			continue;
		rows += put_aside(move, reference, further);
	}
	return rows;
}

static uint64
put_all_aside(Move *move, bool further)
{
	const TwinSet *set = move->prepared->set;
	uint64		   rows = 0;

	for (int i = 0; i < set->own_count; i++)
	{
		move_step_begin(move, &set->own[i], "put aside");
		if (further)
			rows += put_table_aside(move, &set->own[i], true, true);
		rows += put_table_aside(move, &set->own[i], further, false);
	}
	return rows;
}

void
park_aside(Move *move)
{
	const TwinSet *set = move->prepared->set;
	uint64		   rows;

	lock_referred(move);
	rows = put_all_aside(move, false);
	while (rows > 0)
		rows = put_all_aside(move, true);
	for (int i = 0; i < set->own_count; i++)
		reference_check_referrers(move, &set->own[i], SIDE_GRAY);
}
