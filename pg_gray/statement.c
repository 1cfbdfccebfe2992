/*
 * statement.c: the statements of moves, prepared
 *
 * Most users are small: to plan a statement takes longer than to run it, so it
 * is planned once, for any user.  A large user is worth a plan of its own: the
 * right join for a million rows is not the one for fifty.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/hsearch.h"

#include "cached.h"
#include "move.h"
#include "playbook.h"
#include "quiet.h"
#include "statement.h"

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
text_of(const Playbook *playbook, const Statement *statement)
{
	StringInfoData sql;

	initStringInfo(&sql);
	statement->text(&sql, statement->twin, statement->detail);
	return MemoryContextStrdup(playbook->cached->memory, sql.data);
}

static Prepared *
find(const Move *move, const Statement *statement)
{
	Prepared *prepared;
	bool	  found;

	prepared = hash_search(move->playbook->statements, statement, HASH_FIND, NULL);
	if (prepared == NULL)
	{
		char *sql = text_of(move->playbook, statement);

		prepared = hash_search(move->playbook->statements, statement, HASH_ENTER, &found);
		prepared->sql = sql;
		prepared->plan = NULL;
	}
	return prepared;
}

/* The plan to run it by; null: one for just these values.  `written` is the table that it writes, if any. */
static SPIPlanPtr
plan_of(const Move *move, Prepared *prepared, const QueryArgs *args, Oid written)
{
	if (move->seen > LARGE_USER_ROWS)
		return NULL;
	if (prepared->plan == NULL)
		prepared->plan = query_prepare_without_rules(prepared->sql, args, written);
	return prepared->plan;
}

uint64_t
statement_run(const Move *move, Statement statement, QueryArgs *args)
{
	Prepared  *prepared = find(move, &statement);
	SPIPlanPtr plan = plan_of(move, prepared, args, InvalidOid);

	return plan != NULL ? query_run_plan(plan, args) : query_run(prepared->sql, args);
}

uint64_t
statement_write(const Move *move, Statement statement, QueryArgs *args, Side side)
{
	Prepared   *prepared = find(move, &statement);
	QuietTarget target = {move->playbook->set, statement.twin, side, InvalidOid};
	SPIPlanPtr	plan = plan_of(move, prepared, args, statement.twin->relation[side]);

	return quiet_run(prepared->sql, plan, args, target);
}

void
statement_stream(const Move *move, Statement statement, QueryArgs *args,
				 struct _DestReceiver *receiver)
{
	Prepared *prepared = find(move, &statement);

	query_stream(prepared->sql, plan_of(move, prepared, args, InvalidOid), args, receiver);
}
