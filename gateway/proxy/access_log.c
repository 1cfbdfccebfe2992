/*
 * access_log.c: the access log, a file with a line for each request
 */
#include "proxy/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/access_line.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/outlet.h"
#include "user/redact.h"

#define FULL_BYTES 32768
#define PATIENCE_MS 1000 /* for a slow reader, at the end of the process */

static Outlet		outlet = OUTLET_NONE;
static char		   *file_path; /* owned */
static AccessFormat file_format;
static Buffer		line;	   /* the line that is being made */
static size_t		put_bytes; /* bytes put since the last attempt to write */
static bool			failing;   /* the problem was logged */

/*
 * Open the file or FIFO. A FIFO without a reader can't be opened for writing alone, and its
 * reader may come later.
 */
static int
open_path(const char *path)
{
	int flags = O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd;

	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	fd = open(path, O_WRONLY | O_CREAT | flags, 0640);
	if (fd < 0 && errno == ENXIO)
		fd = open(path, O_RDWR | flags);
	return fd;
}

static void
say_lost(void)
{
	uint64_t lost = outlet_tell(&outlet);

	if (lost > 0)
		log_warning("access log %s: %llu lines were lost", file_path, (unsigned long long) lost);
}

static void
close_file(unsigned patience_ms)
{
	outlet_close(&outlet, patience_ms);
	say_lost();
	free(file_path);
	file_path = NULL;
	buffer_free(&line);
}

bool
access_log_open(const Settings *settings)
{
	const char *path = settings->access_log;
	int			opened = *path != '\0' ? open_path(path) : -1;

	if (*path != '\0' && opened < 0)
		return false;
	access_log_flush();
	if (opened < 0)
	{
		close_file(0);
		return true;
	}
	outlet_open(&outlet, opened);
	free(file_path);
	file_path = memory_text(path, strlen(path));
	file_format = settings->access_log_format;
	return true;
}

/* A FIFO that nobody reads at the moment (EAGAIN) is no failure yet. */
void
access_log_flush(void)
{
	bool failed = !outlet_flush(&outlet) && outlet.problem != EAGAIN;

	put_bytes = 0;
	if (failed && !failing)
		log_error("access log %s: %s", file_path, outlet_problem(&outlet));
	failing = failed;
	say_lost();
}

void
access_log_close(void)
{
	close_file(PATIENCE_MS);
}

uint64_t
access_log_lost(void)
{
	return outlet.lost_ever;
}

bool
access_log_wanted(void)
{
	return outlet.fd >= 0;
}

static void
add(const AccessEntry *entry)
{
	buffer_clear(&line);
	access_line(&line, file_format, entry, time(NULL));
	put_bytes += buffer_length(&line);
	/* Neither a full disk nor a reader that stands still stops requests. */
	if (!outlet_put(&outlet, buffer_first(&line), buffer_length(&line)) && outlet.lost == 1)
		log_error("access log %s: lines are lost: %s", file_path, outlet_problem(&outlet));
	if (put_bytes >= FULL_BYTES)
		access_log_flush();
}

static HeadPart
part_of(Span raw, Span part)
{
	return (HeadPart){(uint32_t) (part.bytes - raw.bytes), (uint32_t) part.length};
}

void
access_log_begin(AccessRecord *record, const Head *head, Span raw)
{
	Span value;

	record->began_us = clock_now_us();
	record->line = part_of(raw, head->line);
	if (head_find(head, "Referer", &value))
		record->referer = part_of(raw, value);
	if (head_find(head, "User-Agent", &value))
		record->agent = part_of(raw, value);
}

/*
 * Replace the uids in the request line and in the Referer by hashes. "into" holds the new texts
 * until the line is written.
 */
static void
cover_uids(AccessEntry *entry, const AccessRequest *request, Buffer *into)
{
	size_t length;

	if (!redact_wanted(request->sources))
		return;
	redact_line(into, request->sources, request->uid_type, entry->request_line);
	length = buffer_length(into);
	redact_uri(into, request->sources, request->uid_type, entry->referer);
	entry->request_line = (Span){buffer_first(into), length};
	entry->referer = (Span){buffer_first(into) + length, buffer_length(into) - length};
}

static Span
part_in(Span head, HeadPart part)
{
	return (Span){head.bytes + part.offset, part.length};
}

void
access_log_end(const AccessRecord *record, const AccessRequest *request)
{
	uint64_t	began_us = record->began_us;
	Buffer		covered = {0};
	AccessEntry entry = {
		.client = request->client,
		.request_line = part_in(request->head, record->line),
		.referer = part_in(request->head, record->referer),
		.agent = part_in(request->head, record->agent),
		.release = request->release,
		.side = record->server != NULL ? request->side : NULL,
		.server = record->server,
		.status = record->status != 0 ? record->status : ACCESS_CLIENT_GONE,
		.retries = request->retries,
		.complete = record->complete,
		.has_uid = record->has_uid,
		.uid_hash = record->uid_hash,
		.answer_bytes = record->answer_bytes,
		.total_us = clock_now_us() - began_us,
		.first_byte_us = record->first_byte_us != 0 ? record->first_byte_us - began_us : 0,
	};

	/* The request began before there was a log. */
	if (began_us == 0)
		return;
	cover_uids(&entry, request, &covered);
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
