/*
 * prepared.c: keeps what a session needs for the moves of a release: its tables, their foreign
 * keys, and the statements of moves
 *
 * A prepared holds the tables and their foreign keys as they are now, and the statements of moves.
 *
 * Most users are small: to plan a statement takes longer than to run it, so it is planned once,
 * for any user.  A large user is worth a plan of its own: the right join for a million rows is not
 * the one for fifty.  Neither plan relies on statistics; the move's own counts are better.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "fence/fence_row.h"
#include "move/mapping.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "move/silent_write.h"
#include "own/made_load.h"
#include "own/own_register.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/session_cache.h"
#include "postgres/small_user_plan.h"
#include "release/admit.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/twin_load.h"
#include "release/twin_remember.h"
#include "release/twin_sql.h"

/* A user of more rows than this is large. */
#define LARGE_USER_ROWS 2000

typedef struct PreparedStatement
{
	Statement  statement; /* hash key, must be first */
	char	  *sql;
	SPIPlanPtr plan; /* null: the statement ran for large users only so far */
} PreparedStatement;

/*
 * Loading
 */

static TwinSet *
load_twins(const Release *release, bool may_miss)
{
	return may_miss ? twin_load_whole(release) : twin_load_uncut(release);
}

static void
made_of_tables(SessionEntry *entry, const TwinSet *set)
{
	ListCell *cell;

	for (int i = 0; i < set->count; i++)
	{
		session_cache_made_of(entry, set->twins[i].relation[SIDE_PRODUCTION]);
		session_cache_made_of(entry, set->twins[i].relation[SIDE_GRAY]);
	}
	for (int i = 0; i < set->own_count; i++)
	{
		session_cache_made_of(entry, set->own[i].relation[SIDE_GRAY]);
		session_cache_made_of(entry, catalog_relation(set->own[i].parked_table +
													  strlen(CATALOG_SCHEMA ".")));
	}
	foreach(cell, set->gone)
	{
		Oid frozen = ((const GoneTwin *) lfirst(cell))->relation[SIDE_PRODUCTION];

		if (OidIsValid(frozen))
			session_cache_made_of(entry, frozen);
	}
}

static bool
is_fenced(Oid relation)
{
	Relation table = table_open(relation, AccessShareLock);
	bool	 fenced = fence_row_trigger(table->trigdesc) != NULL;

	table_close(table, NoLock);
	return fenced;
}

/* The rows of a table that version 2 has dropped are frozen by the fence of production. */
static char *
find_unfenced(const TwinSet *set)
{
	ListCell *cell;

	for (int i = 0; i < set->count; i++)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			if (!is_fenced(set->twins[i].relation[side]))
				return set->twins[i].table[side];
		}
	}
	foreach(cell, set->gone)
	{
		const GoneTwin *gone = lfirst(cell);

		if (OidIsValid(gone->relation[SIDE_PRODUCTION]) &&
			!is_fenced(gone->relation[SIDE_PRODUCTION]))
			return gone->table[SIDE_PRODUCTION];
	}
	return NULL;
}

/* Own tables need no fence while nobody else's row can refer to theirs (park_aside.c). */
static void
find_own_fences(TwinSet *set)
{
	for (int i = 0; i < set->own_count; i++)
	{
		Relation table = table_open(set->own[i].relation[SIDE_GRAY], AccessShareLock);

		set->own[i].fenced = fence_row_trigger(table->trigdesc) != NULL;
		table_close(table, NoLock);
	}
}

/* Runs in the memory context of the prepared's entry. */
static void
make_statements(Prepared *prepared)
{
	HASHCTL control = {.keysize = sizeof(Statement),
					   .entrysize = sizeof(PreparedStatement),
					   .hcxt = prepared->entry.memory};

	prepared->statements =
		hash_create("pg_gray statements", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

typedef struct Source
{
	const Release *release;
	bool		   may_miss;
} Source;

static void
load(void *entry, const void *argument)
{
	Prepared	 *prepared = entry;
	const Source *source = argument;
	MemoryContext procedure = MemoryContextSwitchTo(prepared->entry.memory);

	prepared->set = load_twins(source->release, source->may_miss);
	made_of_tables(&prepared->entry, prepared->set);
	prepared->unfenced = find_unfenced(prepared->set);
	find_own_fences(prepared->set);
	mapping_qualify_all(prepared->set);
	prepared->owner_role =
		prepared->set->count == 0 ? catalog_owner() : twin_owner_role(prepared->set);
	if (prepared->set->count > 0)
		ownership_require_member(prepared->owner_role, "the tables of the release");
	admit_owner(source->release, prepared->owner_role);
	prepared->references = reference_load_all(prepared->set);
	hook_load(source->release, prepared->hooks);
	prepared->made = made_load(source->release, prepared->set);
	make_statements(prepared);
	MemoryContextSwitchTo(procedure);
}

static SessionCache all = {.name = "pg_gray prepared", .entry_size = sizeof(Prepared), .load = load};

/* A change of the registry during the load would make the new entry stale. */
Prepared *
prepared_open(const Release *release, bool may_miss)
{
	Prepared *prepared;
	TwinSet	 *set;

	AcceptInvalidationMessages();
	prepared = session_cache_find(&all, release->id);
	if (prepared != NULL && (may_miss || !prepared->set->partial) &&
		!twin_load_is_back(release, prepared->set))
		return prepared;
	set = load_twins(release, may_miss);
	twin_remember(release, set);
	if (own_refresh(release, set))
		CommandCounterIncrement();
	return session_cache_load(&all, release->id, &(Source){release, may_miss});
}

bool
prepared_lost_table(const Prepared *prepared)
{
	AcceptInvalidationMessages();
	for (int i = 0; prepared != NULL && i < prepared->set->count; i++)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			Oid relation = prepared->set->twins[i].relation[side];

			if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation)))
				return true;
		}
	}
	return false;
}

void
prepared_forget(Prepared *prepared)
{
	prepared->entry.stale = true;
}

int
prepared_place(const Prepared *prepared, const Twin *twin)
{
	return twin - prepared->set->twins;
}

/*
 * Statements
 */

static char *
text_of(const Statement *statement)
{
	StringInfoData sql;

	initStringInfo(&sql);
	statement->text(&sql, statement->twin, statement->detail);
	return sql.data;
}

/* Make a statement that is not kept, for users who come home together: that case is too rare. */
static PreparedStatement *
make_once(const Statement *statement)
{
	PreparedStatement *stored = palloc0(sizeof(PreparedStatement));

	stored->sql = text_of(statement);
	return stored;
}

static PreparedStatement *
find(const Move *move, const Statement *statement)
{
	PreparedStatement *stored;
	bool			   found;

	if (move->together != NIL)
		return make_once(statement);
	stored = hash_search(move->prepared->statements, statement, HASH_FIND, NULL);
	if (stored == NULL)
	{
		char *sql = MemoryContextStrdup(move->prepared->entry.memory, text_of(statement));

		stored = hash_search(move->prepared->statements, statement, HASH_ENTER, &found);
		stored->sql = sql;
		stored->plan = NULL;
	}
	return stored;
}

/*
 * Large users
 */

/* The move's own counts of rows, as small_user_plan.c asks for them. */
typedef struct Counted
{
	LargeUser	large; /* must be first */
	const Move *move;
} Counted;

static double
counted_rows(const LargeUser *user, unsigned int table)
{
	const Move	   *move = ((const Counted *) user)->move;
	const Prepared *prepared = move->prepared;
	Oid				root = partition_root(table);
	const Twin	   *twin = twin_find(prepared->set, SIDE_PRODUCTION, root);

	if (twin == NULL)
		twin = twin_find(prepared->set, SIDE_GRAY, root);
	if (twin != NULL)
		return move->rows[prepared_place(prepared, twin)];
	twin = twin_find_own(prepared->set, root);
	return twin == NULL ? 0 : move->own_rows[twin - prepared->set->own];
}

static bool
is_large(const Move *move)
{
	return move->seen > LARGE_USER_ROWS;
}

/* Make a plan for this user.  `written` is the table that the statement writes, or InvalidOid. */
static SPIPlanPtr
make_plan(const Move *move, const char *sql, const QueryArgs *args, Oid written)
{
	Counted	   counted = {{counted_rows}, move};
	SPIPlanPtr plan;

	/*
	 * Functions that are called while the statement is planned and run may make other texts, so
	 * the setting is off meanwhile: drop_plan restores it.
	 */
	twin_sql_set_together(false);
	plan = query_prepare_without_rules(sql, args, written);
	if (is_large(move))
		small_user_plan_make(plan, &counted.large);
	return plan;
}

/*
 * Running
 */

/* Return a plan, to be given back to drop_plan. */
static SPIPlanPtr
take_plan(const Move *move, PreparedStatement *stored, const QueryArgs *args, Oid written)
{
	if (is_large(move) || move->together != NIL)
		return make_plan(move, stored->sql, args, written);
	if (stored->plan == NULL)
	{
		stored->plan = query_prepare_without_rules(stored->sql, args, written);
		query_keep(stored->plan);
		session_cache_own_plan(&move->prepared->entry, stored->plan);
	}
	return stored->plan;
}

/* Give a plan back when its statement is over; without `stored`, its text was not kept. */
static void
drop_plan(const Move *move, const PreparedStatement *stored, SPIPlanPtr plan)
{
	if (stored == NULL || plan != stored->plan)
		SPI_freeplan(plan);
	twin_sql_set_together(move->together != NIL);
}

uint64_t
statement_run(const Move *move, Statement statement, const QueryArgs *args)
{
	PreparedStatement *stored = find(move, &statement);
	SPIPlanPtr		   plan = take_plan(move, stored, args, InvalidOid);
	uint64			   rows = query_run_plan(plan, args);

	drop_plan(move, stored, plan);
	return rows;
}

uint64_t
statement_write(const Move *move, Statement statement, const QueryArgs *args, Side side)
{
	PreparedStatement *stored = find(move, &statement);
	SPIPlanPtr		   plan = take_plan(move, stored, args, statement.twin->relation[side]);
	SilentTarget	   target = {move->prepared->set, statement.twin, side, InvalidOid};
	uint64			   rows = silent_write_run(plan, args, target);

	drop_plan(move, stored, plan);
	return rows;
}

void
statement_stream(const Move *move, Statement statement, const QueryArgs *args,
				 struct _DestReceiver *receiver)
{
	PreparedStatement *stored = find(move, &statement);
	SPIPlanPtr		   plan = take_plan(move, stored, args, InvalidOid);

	query_stream(plan, args, receiver);
	drop_plan(move, stored, plan);
}

uint64_t
statement_run_once(const Move *move, const char *sql, const QueryArgs *args)
{
	SPIPlanPtr plan = make_plan(move, sql, args, InvalidOid);
	uint64	   rows = query_run_plan(plan, args);

	drop_plan(move, NULL, plan);
	return rows;
}

uint64_t
statement_write_once(const Move *move, const char *sql, const QueryArgs *args, SilentTarget target)
{
	SPIPlanPtr plan = make_plan(move, sql, args, silent_write_table(target));
	uint64	   rows = silent_write_run(plan, args, target);

	drop_plan(move, NULL, plan);
	return rows;
}

void
statement_stream_once(const Move *move, const char *sql, const QueryArgs *args,
					  struct _DestReceiver *receiver)
{
	SPIPlanPtr plan = make_plan(move, sql, args, InvalidOid);

	query_stream(plan, args, receiver);
	drop_plan(move, NULL, plan);
}
