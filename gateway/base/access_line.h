/*
 * access_line.h: writes the line of the access log for a request
 *
 * Pure code. All text that came from a client is escaped, so that no client can forge a line.
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

/* The client left before there was an answer (this is nginx's number). */
#define ACCESS_CLIENT_GONE 499

/* All texts are borrowed. NULL or a span without bytes stands for an absent value. */
typedef struct AccessEntry
{
	const char *client; /* the address of the client */
	Span		request_line;
	Span		referer;
	Span		agent;
	const char *release;
	const char *side;
	const char *server;
	unsigned	status;
	unsigned	retries;
	bool		complete; /* the client got the whole answer, as far as the gateway knows */
	bool		has_uid;
	uint64_t	uid_hash;
	uint64_t	answer_bytes; /* length of the body, without framing */
	uint64_t	total_us;
	uint64_t	first_byte_us; /* from the request's start to the server's answer; 0: none */
} AccessEntry;

extern bool access_format_parse(const char *text, AccessFormat *format);

/* Append the line with its end. */
extern void access_line(Buffer *out, AccessFormat format, const AccessEntry *entry, time_t now);

#endif /* GATEWAY_BASE_ACCESS_LINE_H */
