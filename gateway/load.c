/*
 * load.c: reads a whole roster, on a connection of its own
 */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "log.h"
#include "memory.h"
#include "reading.h"

#define TIMES_SLOWER 3 /* than a look the first row may come */

typedef enum LoadStep
{
	LOAD_CLOSED,
	LOAD_OPENING,
	LOAD_SCHEMA,
	LOAD_USERS
} LoadStep;

struct Load
{
	Worker	 *worker;
	LoadDone  done;
	void	 *context;
	Database *database;
	LoadStep  step;
	Version	  version;
	char	 *schema;
	bool	  failed;
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
load_new(Worker *worker, LoadDone done, void *context)
{
	Load *load = memory_zeroed(sizeof(*load));

	load->worker = worker;
	load->done = done;
	load->context = context;
	load->database = database_new(worker->base, worker->settings->database, &handlers, load);
	database_limit(load->database, TIMES_SLOWER * worker->settings->database_timeout_ms);
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
	database_free(load->database);
	free(load);
}

void
load_begin(Load *load)
{
	load_stop(load);
	load->failed = false;
	load->version.roster = roster_new(load->worker->settings->release);
	load->step = LOAD_OPENING;
	database_open(load->database);
}

static void
end_load(Load *load)
{
	Version version = load->version;
	char   *schema = load->schema;

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

	log_warning("database: cannot load release %s: %s", load->worker->settings->release, problem);
	load->failed = true;
	end_load(load);
}

static void
on_ready(void *owner)
{
	Load			 *load = owner;
	static const char sql[] =
		"SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n"
		" ON n.oid OPERATOR(pg_catalog.=) e.extnamespace"
		" WHERE e.extname OPERATOR(pg_catalog.=) 'pg_gray'";

	load->step = LOAD_SCHEMA;
	database_send(load->database, sql, 0, NULL, false);
}

static void
take_schema(Load *load, const PGresult *result)
{
	if (PQntuples(result) == 1)
		load->schema = database_quote_name(load->database, PQgetvalue(result, 0, 0));
}

static void
say_unsupported(const Load *load, Span uid_type)
{
	if (uid_type.length > 0 && uid_type_parse(uid_type, 0) == UID_UNKNOWN)
		log_error("release %s: uid type %s is not supported: all requests go to production",
				  load->worker->settings->release, log_quote(uid_type.bytes, uid_type.length));
}

static void
take_rows(Load *load, const PGresult *result)
{
	FollowRow row;

	for (int i = 0; i < PQntuples(result); i++)
	{
		if (!reading_row(result, i, database_version(load->database), &row))
		{
			log_error("release %s: a row of its roster is not understood",
					  load->worker->settings->release);
			load->failed = true;
			continue;
		}
		if (row.is_line)
			say_unsupported(load, row.uid_type);
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
	{
		log_error("database: cannot load release %s: %s", load->worker->settings->release,
				  message != NULL ? message : PQresultErrorMessage(result));
		load->failed = true;
	}
	else if (load->step == LOAD_SCHEMA)
		take_schema(load, result);
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
	reading_send(load->database, load->schema, load->worker->settings->release, NULL, NULL);
}
