/*
 * access_log.h: the access log, a file with a line for each request
 *
 * The process has one access log. Lines are collected and written together, at the latest at
 * the next sweep. A write always has whole lines and appends to the file, so several processes
 * can share the file.
 */
#ifndef GATEWAY_PROXY_ACCESS_LOG_H
#define GATEWAY_PROXY_ACCESS_LOG_H

#include "base/span.h"
#include "config/settings.h"
#include "http/head.h"

/* A part of a head. */
typedef struct HeadPart
{
	uint32_t offset;
	uint32_t length;
} HeadPart;

/* The facts of a request that its line needs at the end. They are kept only when there is a log. */
typedef struct AccessRecord
{
	HeadPart	line;
	HeadPart	referer;
	HeadPart	agent;
	uint64_t	began_us;	   /* 0: there was no log yet */
	uint64_t	first_byte_us; /* when the server's answer began */
	uint64_t	answer_bytes;
	uint64_t	uid_hash;
	const char *server; /* borrowed from its pool; NULL: the request went to no server */
	uint16_t	status; /* 0: no answer was begun */
	bool		has_uid;
	bool		complete;
} AccessRecord;

/* The facts of a request that are known without a record; borrowed for the call. */
typedef struct AccessRequest
{
	const char		 *client; /* the client's address */
	Span			  head;	  /* the head as it came */
	const char		 *release;
	const char		 *side;
	unsigned		  retries;
	const UidSources *sources;
	UidType			  uid_type;
} AccessRequest;

/*
 * Open the access log that the settings name, if they name one, in place of the log that was
 * open. The same path is opened again, too, since the file may have been moved away. Return
 * false, with errno, when the file can't be opened; the open log then stays in use.
 */
extern bool access_log_open(const Settings *settings);

/*
 * Write the collected lines without waiting. Lines that the file does not take are kept, up to
 * a bound (outlet.h).
 */
extern void access_log_flush(void);

/* Write the collected lines and close the log. A slow reader gets a second. */
extern void access_log_close(void);

/* Return how many lines this process has lost so far. */
extern uint64_t access_log_lost(void);

/* Is there an access log? */
extern bool access_log_wanted(void);

/* Begin the record of a request that has come. head was parsed from raw. */
extern void access_log_begin(AccessRecord *record, const Head *head, Span raw);

/* Write the line of a request that is over. */
extern void access_log_end(const AccessRecord *record, const AccessRequest *request);

/* Write a line for something that was refused before it was a request. */
extern void access_log_refused(const char *client, const char *release, unsigned status);

#endif /* GATEWAY_PROXY_ACCESS_LOG_H */
