/*
 * statement.c: the statements of moves, prepared
 *
 * Most users are small: to plan a statement takes longer than to run it, so it
 * is planned once, for any user.  A large user is worth a plan of its own: the
 * right join for a million rows is not the one for fifty.  Neither relies on statistics; what
 * the move itself has counted is known better.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/hsearch.h"

#include "cached.h"
#include "index_plan.h"
#include "move.h"
#include "partition.h"
#include "playbook.h"
#include "quiet.h"
#include "statement.h"
#include "twin_sql.h"

/* A user of more rows than this is large. */
#define LARGE_USER_ROWS 2000

typedef struct Prepared
{
	Statement  statement; /* hash key, must be first */
	char	  *sql;
	SPIPlanPtr plan; /* null: only large users so far */
} Prepared;

void
statement_prepare_cache(Playbook *playbook)
{
	HASHCTL control = {.keysize = sizeof(Statement),
					   .entrysize = sizeof(Prepared),
					   .hcxt = playbook->cached->memory};

	playbook->statements =
		hash_create("pg_gray statements", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

void
statement_forget_all(Playbook *playbook)
{
	HASH_SEQ_STATUS scan;
	Prepared	   *prepared;

	hash_seq_init(&scan, playbook->statements);
	while ((prepared = hash_seq_search(&scan)) != NULL)
	{
		if (prepared->plan != NULL)
			SPI_freeplan(prepared->plan);
	}
}

static char *
text_of(const Statement *statement)
{
	StringInfoData sql;

	initStringInfo(&sql);
	statement->text(&sql, statement->twin, statement->detail);
	return sql.data;
}

/* Of users who come home together: a case too rare to keep anything for. */
static Prepared *
make_once(const Statement *statement)
{
	Prepared *prepared = palloc0(sizeof(Prepared));

	prepared->sql = text_of(statement);
	return prepared;
}

static Prepared *
find(const Move *move, const Statement *statement)
{
	Prepared *prepared;
	bool	  found;

	if (move->together != NIL)
		return make_once(statement);
	prepared = hash_search(move->playbook->statements, statement, HASH_FIND, NULL);
	if (prepared == NULL)
	{
		char *sql = MemoryContextStrdup(move->playbook->cached->memory, text_of(statement));

		prepared = hash_search(move->playbook->statements, statement, HASH_ENTER, &found);
		prepared->sql = sql;
		prepared->plan = NULL;
	}
	return prepared;
}

/*
 * Large users
 */

/* The rows that the move has counted, as index_plan.c asks for them. */
typedef struct Counted
{
	LargeUser	large; /* must be first */
	const Move *move;
} Counted;

static double
counted_rows(const LargeUser *user, unsigned int table)
{
	const Move	   *move = ((const Counted *) user)->move;
	const Playbook *playbook = move->playbook;
	Oid				root = partition_root(table);
	const Twin	   *twin = twin_find(playbook->set, SIDE_PRODUCTION, root);

	if (twin == NULL)
		twin = twin_find(playbook->set, SIDE_GRAY, root);
	return twin == NULL ? 0 : move->rows[playbook_place(playbook, twin)];
}

static bool
is_large(const Move *move)
{
	return move->seen > LARGE_USER_ROWS;
}

/* A plan for this user.  `written` is the table that it writes, or InvalidOid. */
static SPIPlanPtr
make_plan(const Move *move, const char *sql, const QueryArgs *args, Oid written)
{
	Counted	   counted = {{counted_rows}, move};
	SPIPlanPtr plan;

	/* Other texts are made while it is planned and run, for those who are called: drop_plan. */
	twin_sql_set_together(false);
	plan = query_prepare_without_rules(sql, args, written);
	if (is_large(move))
		index_plan_make(plan, &counted.large);
	return plan;
}

/*
 * Running
 */

/* To be given back to drop_plan. */
static SPIPlanPtr
take_plan(const Move *move, Prepared *prepared, const QueryArgs *args, Oid written)
{
	if (is_large(move) || move->together != NIL)
		return make_plan(move, prepared->sql, args, written);
	if (prepared->plan == NULL)
	{
		prepared->plan = query_prepare_without_rules(prepared->sql, args, written);
		query_keep(prepared->plan);
	}
	return prepared->plan;
}

/* The statement is over; without `prepared`, its text was not kept. */
static void
drop_plan(const Move *move, const Prepared *prepared, SPIPlanPtr plan)
{
	if (prepared == NULL || plan != prepared->plan)
		SPI_freeplan(plan);
	twin_sql_set_together(move->together != NIL);
}

uint64_t
statement_run(const Move *move, Statement statement, QueryArgs *args)
{
	Prepared  *prepared = find(move, &statement);
	SPIPlanPtr plan = take_plan(move, prepared, args, InvalidOid);
	uint64	   rows = query_run_plan(plan, args);

	drop_plan(move, prepared, plan);
	return rows;
}

uint64_t
statement_write(const Move *move, Statement statement, QueryArgs *args, Side side)
{
	Prepared   *prepared = find(move, &statement);
	SPIPlanPtr	plan = take_plan(move, prepared, args, statement.twin->relation[side]);
	QuietTarget target = {move->playbook->set, statement.twin, side, InvalidOid};
	uint64		rows = quiet_run(plan, args, target);

	drop_plan(move, prepared, plan);
	return rows;
}

void
statement_stream(const Move *move, Statement statement, QueryArgs *args,
				 struct _DestReceiver *receiver)
{
	Prepared  *prepared = find(move, &statement);
	SPIPlanPtr plan = take_plan(move, prepared, args, InvalidOid);

	query_stream(plan, args, receiver);
	drop_plan(move, prepared, plan);
}

uint64_t
statement_run_once(const Move *move, const char *sql, QueryArgs *args)
{
	SPIPlanPtr plan = make_plan(move, sql, args, InvalidOid);
	uint64	   rows = query_run_plan(plan, args);

	drop_plan(move, NULL, plan);
	return rows;
}

uint64_t
statement_write_once(const Move *move, const char *sql, QueryArgs *args, QuietTarget target)
{
	SPIPlanPtr plan = make_plan(move, sql, args, quiet_table(target));
	uint64	   rows = quiet_run(plan, args, target);

	drop_plan(move, NULL, plan);
	return rows;
}

void
statement_stream_once(const Move *move, const char *sql, QueryArgs *args,
					  struct _DestReceiver *receiver)
{
	SPIPlanPtr plan = make_plan(move, sql, args, InvalidOid);

	query_stream(plan, args, receiver);
	drop_plan(move, NULL, plan);
}
