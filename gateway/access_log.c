/*
 * access_log.c: the file with a line for each request
 */
#include "access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "exchange.h"
#include "journey.h"
#include "log.h"
#include "memory.h"
#include "redact.h"
#include "worker.h"

#define FULL_BYTES 32768

static int			file = -1;
static char		   *file_path; /* owned */
static AccessFormat file_format;
static Buffer		lines;

static int
open_path(const char *path)
{
	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

bool
access_log_open(const Settings *settings)
{
	const char *path = settings->access_log;
	int			opened = *path != '\0' ? open_path(path) : -1;

	if (*path != '\0' && opened < 0)
		return false;
	access_log_close();
	if (opened < 0)
		return true;
	file = opened;
	file_path = memory_text(path, strlen(path));
	file_format = settings->access_log_format;
	return true;
}

/* A full disk must not stop requests: lines are lost, and that is said. */
void
access_log_flush(void)
{
	size_t	length = buffer_length(&lines);
	ssize_t written;

	if (file < 0 || length == 0)
		return;
	written = write(file, buffer_first(&lines), length);
	if (written != (ssize_t) length)
		log_error("access log %s: %zd of %zu bytes could be written: %s", file_path,
				  written < 0 ? 0 : written, length,
				  written < 0 ? strerror(errno) : "the rest is lost");
	buffer_clear(&lines);
}

void
access_log_close(void)
{
	access_log_flush();
	if (file >= 0)
		close(file);
	file = -1;
	free(file_path);
	file_path = NULL;
	buffer_free(&lines);
}

bool
access_log_wanted(void)
{
	return file >= 0;
}

static void
add(const AccessEntry *entry)
{
	access_line(&lines, file_format, entry, time(NULL));
	if (buffer_length(&lines) >= FULL_BYTES)
		access_log_flush();
}

/* The line and the Referer with hashes in place of uids; "into" keeps them until both are written. */
static void
cover_uids(AccessEntry *entry, const Worker *worker, Buffer *into)
{
	const UidSources *sources = &worker->settings->uid;
	UidType			  type = journey_uid_type(worker);
	size_t			  length;

	if (!redact_wanted(sources))
		return;
	redact_line(into, sources, type, entry->request_line);
	length = buffer_length(into);
	redact_uri(into, sources, type, entry->referer);
	entry->request_line = (Span){buffer_first(into), length};
	entry->referer = (Span){buffer_first(into) + length, buffer_length(into) - length};
}

static Span
part_of_head(const Exchange *exchange, HeadPart part)
{
	return (Span){buffer_first(&exchange->head) + part.offset, part.length};
}

void
access_log_exchange(const Exchange *exchange)
{
	const ExchangeRecord *record = &exchange->record;
	AccessEntry			  entry = {
				  .client = client_host(exchange->client),
				  .request_line = part_of_head(exchange, record->line),
				  .referer = part_of_head(exchange, record->referer),
				  .agent = part_of_head(exchange, record->agent),
				  .release = client_worker(exchange->client)->settings->release,
				  .side = record->server != NULL ? side_name(exchange->side) : NULL,
				  .server = record->server,
				  .status = record->status != 0 ? record->status : ACCESS_CLIENT_GONE,
				  .retries = exchange->retries,
				  .complete = record->complete,
				  .has_uid = record->has_uid,
				  .uid_hash = record->uid_hash,
				  .answer_bytes = record->answer_bytes,
				  .total_us = clock_now_us() - record->began_us,
				  .first_byte_us = record->first_byte_us != 0 ? record->first_byte_us - record->began_us : 0,
	  };

	Buffer covered = {0};

	/* It began before there was a log. */
	if (record->began_us == 0)
		return;
	cover_uids(&entry, client_worker(exchange->client), &covered);
	add(&entry);
	buffer_free(&covered);
}

void
access_log_refused(const char *client, const char *release, unsigned status)
{
	AccessEntry entry = {.client = client,
						 .request_line = {"", 0},
						 .referer = {"", 0},
						 .agent = {"", 0},
						 .release = release,
						 .status = status,
						 .complete = true};

	if (access_log_wanted())
		add(&entry);
}
