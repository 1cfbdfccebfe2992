/*
 * access_line.h: the line that the access log has for a request
 *
 * Pure code.  Whatever came from a client is escaped: no client can forge a
 * line.
 */
#ifndef GATEWAY_BASE_ACCESS_LINE_H
#define GATEWAY_BASE_ACCESS_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buffer.h"
#include "base/span.h"

typedef enum AccessFormat
{
	ACCESS_COMBINED,
	ACCESS_JSON
} AccessFormat;

/* The client was gone before there was an answer (nginx's number). */
#define ACCESS_CLIENT_GONE 499

/* All is borrowed.  NULL and spans without bytes: there is none. */
typedef struct AccessEntry
{
	const char *client; /* its address */
	Span		request_line;
	Span		referer;
	Span		agent;
	const char *release;
	const char *side;
	const char *server;
	unsigned	status;
	unsigned	retries;
	bool		complete; /* the client got all of the answer, as far as we know */
	bool		has_uid;
	uint64_t	uid_hash;
	uint64_t	answer_bytes; /* of the body, without framing */
	uint64_t	total_us;
	uint64_t	first_byte_us; /* from the beginning to the server's answer; 0: none */
} AccessEntry;

extern bool access_format_parse(const char *text, AccessFormat *format);

/* Appends the line, with its end. */
extern void access_line(Buffer *out, AccessFormat format, const AccessEntry *entry, time_t now);

#endif /* GATEWAY_BASE_ACCESS_LINE_H */
