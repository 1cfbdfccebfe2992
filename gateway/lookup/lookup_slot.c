/*
 * lookup_slot.c: a connection on which uid_query is run
 */
#include "lookup/lookup_slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/lookup_query.h"
#include "database/database.h"
#include "user/redact.h"

#define OPEN_MOST_MS 10000 /* libpq itself sets no limit to connecting */
#define GRACE_MS 1000	   /* beyond uid_query_timeout_ms, for the database to answer */
#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS 2000
#define PROBLEM_BYTES 512

typedef enum SlotPhase
{
	SLOT_CLOSED,
	SLOT_OPENING,
	SLOT_SETTING,
	SLOT_PREPARING,
	SLOT_DESCRIBING,
	SLOT_EXPLAINING,
	SLOT_READY,
	SLOT_ASKING
} SlotPhase;

struct LookupSlot
{
	Loop					 *loop;
	const LookupSlotHandlers *handlers;
	void					 *owner;
	Database				 *database;
	SlotPhase				  phase;
	bool					  outdated; /* to be closed when the present value is answered */
	uint64_t				  since_ms;
	uint64_t				  not_before_ms;
	unsigned				  retry_ms;
	const char				 *value;   /* the value that is being asked; borrowed */
	void					 *context; /* of the value */
	unsigned				  rows;
	Uid						  uid; /* of the first row; empty: NULL */
	bool					  failed;
	char					  code[LOOKUP_CODE_BYTES];
	char					  problem[PROBLEM_BYTES];
};

static void on_ready(void *owner);
static void on_result(void *owner, const PGresult *result);
static void on_done(void *owner);
static void on_warned(void *owner, const char *message);
static void on_lost(void *owner, const char *problem);

static const DatabaseHandlers handlers = {
	.ready = on_ready,
	.result = on_result,
	.done = on_done,
	.warned = on_warned,
	.lost = on_lost,
};

LookupSlot *
lookup_slot_new(Loop *loop, const LookupSlotHandlers *slot_handlers, void *owner)
{
	LookupSlot *slot = memory_zeroed(sizeof(*slot));

	slot->loop = loop;
	slot->handlers = slot_handlers;
	slot->owner = owner;
	slot->retry_ms = RETRY_FIRST_MS;
	slot->database = database_new(loop->base, loop->settings->database, &handlers, slot);
	return slot;
}

void *
lookup_slot_free(LookupSlot *slot)
{
	void *context = slot->context;

	database_free(slot->database);
	free(slot);
	return context;
}

bool
lookup_slot_ready(const LookupSlot *slot)
{
	return slot->phase == SLOT_READY;
}

/*
 * Making it ready
 */

static void
go_to(LookupSlot *slot, SlotPhase phase)
{
	slot->phase = phase;
	slot->failed = false;
}

void
lookup_slot_open(LookupSlot *slot)
{
	if (slot->phase != SLOT_CLOSED || clock_now_ms() < slot->not_before_ms)
		return;
	slot->outdated = false;
	slot->since_ms = clock_now_ms();
	go_to(slot, SLOT_OPENING);
	database_open(slot->database);
}

static void
close_slot(LookupSlot *slot)
{
	database_close(slot->database);
	slot->phase = SLOT_CLOSED;
}

/* Let the next attempt wait, longer after each failure. */
static void
wait_to_open(LookupSlot *slot)
{
	slot->not_before_ms = clock_now_ms() + slot->retry_ms;
	slot->retry_ms = slot->retry_ms * 2 < RETRY_MOST_MS ? slot->retry_ms * 2 : RETRY_MOST_MS;
}

/* May another connection, or preparing the query anew, do better? */
static bool
is_of_connection(const char *code)
{
	return strncmp(code, "08", 2) == 0 || strncmp(code, "40", 2) == 0 ||
		   strncmp(code, "53", 2) == 0 || strncmp(code, "57P", 3) == 0 ||
		   strcmp(code, "26000") == 0 || strcmp(code, "0A000") == 0;
}

static void
give_up(LookupSlot *slot)
{
	/* A locked table makes even preparing the query wait, so 57014 does not last. */
	bool lasting = !is_of_connection(slot->code) && strcmp(slot->code, "57014") != 0;

	close_slot(slot);
	wait_to_open(slot);
	slot->handlers->broken(slot->owner, lasting, slot->code, slot->problem);
}

static void
on_ready(void *owner)
{
	LookupSlot		 *slot = owner;
	char			  value[16];
	const char *const parameters[] = {value};

	snprintf(value, sizeof(value), "%u", slot->loop->settings->uid_query_timeout_ms);
	go_to(slot, SLOT_SETTING);
	database_send(slot->database, LOOKUP_SETTINGS, 1, parameters, false);
}

/*
 * Results
 */

static void
note(LookupSlot *slot, const char *code, const char *problem)
{
	slot->failed = true;
	snprintf(slot->code, sizeof(slot->code), "%s", code);
	snprintf(slot->problem, sizeof(slot->problem), "%s", problem);
}

/* Note an error. The value is covered, since the database's text may have it. */
static void
note_error(LookupSlot *slot, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	Buffer		covered = {0};
	Buffer		problem = {0};

	sqlstate = sqlstate != NULL ? sqlstate : "";
	message = message != NULL ? message : "no answer";
	redact_text(&covered, span_of(message), span_of(slot->value != NULL ? slot->value : ""));
	buffer_append(&covered, "", 1);
	lookup_query_explain(&problem, sqlstate, buffer_first(&covered), database_user(slot->database));
	buffer_append(&problem, "", 1);
	note(slot, sqlstate, buffer_first(&problem));
	buffer_free(&covered);
	buffer_free(&problem);
}

static void
take_shape(LookupSlot *slot, const PGresult *result)
{
	Buffer problem = {0};

	lookup_query_shape(&problem, PQnparams(result), PQnfields(result));
	if (buffer_length(&problem) > 0)
	{
		buffer_append(&problem, "", 1);
		note(slot, "shape", buffer_first(&problem));
	}
	buffer_free(&problem);
}

static void
take_rows(LookupSlot *slot, const PGresult *result)
{
	for (int i = 0; i < PQntuples(result); i++)
	{
		size_t length = (size_t) PQgetlength(result, i, 0);

		if (slot->rows++ > 0)
			note(slot, "rows", "it gives more than one row: a value is to find one user");
		else if (length > UID_MAX_BYTES)
			note(slot, "long", "it gives what is longer than any uid");
		else if (!PQgetisnull(result, i, 0))
		{
			slot->uid.length = length;
			memcpy(slot->uid.bytes, PQgetvalue(result, i, 0), length + 1);
		}
	}
}

static void
on_result(void *owner, const PGresult *result)
{
	LookupSlot	  *slot = owner;
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE && status != PGRES_COMMAND_OK)
		note_error(slot, result);
	else if (slot->phase == SLOT_DESCRIBING)
		take_shape(slot, result);
	else if (slot->phase == SLOT_ASKING)
		take_rows(slot, result);
}

static void
on_warned(void *owner, const char *message)
{
	const LookupSlot *slot = owner;
	Buffer			  covered = {0};

	redact_text(&covered, span_of(message), span_of(slot->value != NULL ? slot->value : ""));
	log_debug("uid_query: database: warning: %.*s", (int) buffer_length(&covered),
			  buffer_first(&covered));
	buffer_free(&covered);
}

/* Could the value not be read as the type that it is compared with? Then it is nobody's. */
static bool
is_of_value(const char *code)
{
	return strcmp(code, "22P02") == 0 || strcmp(code, "22003") == 0 || strcmp(code, "22007") == 0 ||
		   strcmp(code, "22008") == 0 || strcmp(code, "22P05") == 0;
}

static void
answer(LookupSlot *slot, const LookupResult *result)
{
	void *context = slot->context;

	slot->context = NULL;
	slot->value = NULL;
	slot->handlers->answer(slot->owner, context, result);
}

static void
end_asking(LookupSlot *slot)
{
	LookupResult result = {.code = slot->code, .problem = slot->problem};

	result.lost = slot->failed && is_of_connection(slot->code);
	result.known = !slot->failed || is_of_value(slot->code);
	result.found = !slot->failed && slot->uid.length > 0;
	if (result.found)
		result.uid = slot->uid;
	slot->phase = SLOT_READY;
	if (slot->outdated || result.lost)
		close_slot(slot);
	answer(slot, &result);
}

static void
on_done(void *owner)
{
	LookupSlot *slot = owner;

	if (slot->phase == SLOT_ASKING)
		end_asking(slot);
	else if (slot->failed)
	{
		give_up(slot);
		return;
	}
	else if (slot->phase == SLOT_SETTING)
	{
		go_to(slot, SLOT_PREPARING);
		database_prepare(slot->database, LOOKUP_STATEMENT, slot->loop->settings->uid_query);
		return;
	}
	else if (slot->phase == SLOT_PREPARING)
	{
		go_to(slot, SLOT_DESCRIBING);
		database_describe(slot->database, LOOKUP_STATEMENT);
		return;
	}
	else if (slot->phase == SLOT_DESCRIBING)
	{
		go_to(slot, SLOT_EXPLAINING);
		database_send(slot->database, LOOKUP_EXPLAIN, 0, NULL, false);
		return;
	}
	else
	{
		slot->retry_ms = RETRY_FIRST_MS;
		slot->phase = SLOT_READY;
	}
	slot->handlers->idle(slot->owner);
}

static void
lose(LookupSlot *slot, const char *problem)
{
	LookupResult result = {.lost = true, .code = "lost", .problem = slot->problem};

	note(slot, "lost", problem);
	slot->phase = SLOT_CLOSED;
	wait_to_open(slot);
	if (slot->context != NULL)
		answer(slot, &result);
	slot->handlers->broken(slot->owner, false, "lost", slot->problem);
}

static void
on_lost(void *owner, const char *problem)
{
	lose(owner, problem);
}

/*
 * Asking
 */

void
lookup_slot_ask(LookupSlot *slot, const char *value, void *context)
{
	const char *const parameters[] = {value};

	slot->value = value;
	slot->context = context;
	slot->rows = 0;
	slot->uid.length = 0;
	slot->since_ms = clock_now_ms();
	go_to(slot, SLOT_ASKING);
	database_execute(slot->database, LOOKUP_STATEMENT, 1, parameters);
}

void
lookup_slot_renew(LookupSlot *slot)
{
	slot->not_before_ms = 0;
	slot->retry_ms = RETRY_FIRST_MS;
	if (slot->phase == SLOT_ASKING)
		slot->outdated = true;
	else
		close_slot(slot);
}

void
lookup_slot_sweep(LookupSlot *slot, uint64_t now_ms)
{
	uint64_t most_ms = slot->phase == SLOT_ASKING
						   ? slot->loop->settings->uid_query_timeout_ms + GRACE_MS
						   : OPEN_MOST_MS;

	if (slot->phase == SLOT_CLOSED || slot->phase == SLOT_READY ||
		now_ms <= slot->since_ms + most_ms)
		return;
	database_close(slot->database);
	lose(slot, "the database did not answer in time");
}
