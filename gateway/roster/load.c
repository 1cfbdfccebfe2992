/*
 * load.c: reads a whole roster, on a connection of its own
 */
#include "roster/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "database/database.h"
#include "database/rights.h"
#include "roster/reading.h"

#define TIMES_SLOWER 3 /* than a look the first row may come */

typedef enum LoadStep
{
	LOAD_CLOSED,
	LOAD_OPENING,
	LOAD_RIGHTS,
	LOAD_USERS
} LoadStep;

struct Load
{
	Loop	 *loop;
	LoadDone  done;
	void	 *context;
	Database *database;
	LoadStep  step;
	Version	  version;
	char	 *schema;
	bool	  failed;
	uint64_t  progress;
	Buffer	  complaints;	   /* complaints of this load, each with a newline */
	Buffer	  last_complaints; /* complaints of the load before */
};

static void on_ready(void *owner);
static void on_result(void *owner, const PGresult *result);
static void on_done(void *owner);
static void on_lost(void *owner, const char *problem);

static const DatabaseHandlers handlers = {
	.ready = on_ready,
	.result = on_result,
	.done = on_done,
	.lost = on_lost,
};

Load *
load_new(Loop *loop, LoadDone done, void *context)
{
	Load *load = memory_zeroed(sizeof(*load));

	load->loop = loop;
	load->done = done;
	load->context = context;
	load->database = database_new(loop->base, loop->settings->database, &handlers, load);
	database_limit(load->database, TIMES_SLOWER * loop->settings->database_timeout_ms);
	return load;
}

void
load_stop(Load *load)
{
	database_close(load->database);
	load->step = LOAD_CLOSED;
	version_clear(&load->version);
	PQfreemem(load->schema);
	load->schema = NULL;
}

void
load_free(Load *load)
{
	load_stop(load);
	buffer_free(&load->complaints);
	buffer_free(&load->last_complaints);
	database_free(load->database);
	free(load);
}

void
load_begin(Load *load)
{
	load_stop(load);
	load->failed = false;
	load->version.roster = roster_new(load->loop->settings->release);
	load->step = LOAD_OPENING;
	database_open(load->database);
}

uint64_t
load_progress(const Load *load)
{
	return load->progress;
}

static bool
said_before(Load *load, const char *line, size_t length)
{
	return buffer_length(&load->last_complaints) > 0 &&
		   memmem(buffer_first(&load->last_complaints), buffer_length(&load->last_complaints), line,
				  length) != NULL;
}

/* Said again only when there was a load without it. */
static void
complain(Load *load, LogLevel level, const char *text)
{
	size_t at = buffer_length(&load->complaints);

	buffer_format(&load->complaints, "%s\n", text);
	if (said_before(load, buffer_first(&load->complaints) + at,
					buffer_length(&load->complaints) - at))
		log_debug("database: %s", text);
	else
		log_write(level, "database: %s", text);
}

static void
complain_of_load(Load *load, LogLevel level, const char *problem)
{
	char text[1024];

	snprintf(text, sizeof(text), "cannot load release %s: %s", load->loop->settings->release,
			 problem);
	complain(load, level, text);
	load->failed = true;
}

static void
end_load(Load *load)
{
	Version version = load->version;
	char   *schema = load->schema;
	Buffer	before = load->last_complaints;

	load->last_complaints = load->complaints;
	load->complaints = before;
	buffer_clear(&load->complaints);
	load->version = (Version){0};
	load->schema = NULL;
	load_stop(load);
	if (load->failed)
		version_clear(&version);
	load->done(load->context, &version, schema);
}

static void
on_lost(void *owner, const char *problem)
{
	Load *load = owner;

	complain_of_load(load, LOG_WARNING, problem);
	end_load(load);
}

static void
on_ready(void *owner)
{
	Load *load = owner;
	char *sql = rights_sql();

	load->progress++;
	load->step = LOAD_RIGHTS;
	database_send(load->database, sql, 0, NULL, false);
	free(sql);
}

static void
tell_right(void *context, RightsWeight weight, const char *text)
{
	Load *load = context;

	complain(load, LOG_ERROR, text);
	load->failed = load->failed || weight == RIGHTS_HEAVY;
}

static void
take_rights(Load *load, const PGresult *result)
{
	Rights rights;

	if (!rights_take(result, &rights))
	{
		complain_of_load(load, LOG_ERROR, "what its role may is not understood");
		return;
	}
	rights_tell(&rights, tell_right, load);
	if (rights.schema != NULL)
		load->schema = database_quote_name(load->database, rights.schema);
}

/* Users may be in gray all the same, and a request can't be told to be of one. */
static void
check_type(Load *load, Span uid_type)
{
	char text[256];

	if (uid_type.length == 0 || uid_type_parse(uid_type, 0) != UID_UNKNOWN)
		return;
	snprintf(text, sizeof(text), "the uid type %s is not supported",
			 log_quote(uid_type.bytes, uid_type.length));
	complain_of_load(load, LOG_ERROR, text);
}

static void
take_rows(Load *load, const PGresult *result)
{
	FollowRow row;

	load->progress++;
	for (int i = 0; i < PQntuples(result); i++)
	{
		if (!reading_row(result, i, database_version(load->database), &row))
		{
			complain_of_load(load, LOG_ERROR, "a row of its roster is not understood");
			continue;
		}
		if (row.is_line)
			check_type(load, row.uid_type);
		version_take(&load->version, &row);
	}
}

static void
on_result(void *owner, const PGresult *result)
{
	Load		  *load = owner;
	ExecStatusType status = PQresultStatus(result);
	const char	  *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE)
		complain_of_load(load, LOG_ERROR, message != NULL ? message : PQresultErrorMessage(result));
	else if (load->step == LOAD_RIGHTS)
		take_rights(load, result);
	else
		take_rows(load, result);
}

static void
on_done(void *owner)
{
	Load *load = owner;

	if (load->failed || load->step == LOAD_USERS || load->schema == NULL)
	{
		end_load(load);
		return;
	}
	load->step = LOAD_USERS;
	reading_send(load->database, load->schema, load->loop->settings->release, NULL, NULL);
}
