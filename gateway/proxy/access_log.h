/*
 * access_log.h: the file with a line for each request
 *
 * One for the process.  Lines are collected and written together, at least
 * at every sweep, always whole and at the end of the file, so that several
 * processes can share it.
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

/* What is to be known of a request at its end; only kept when there is a log. */
typedef struct AccessRecord
{
	HeadPart	line;
	HeadPart	referer;
	HeadPart	agent;
	uint64_t	began_us;	   /* 0: there was no log yet */
	uint64_t	first_byte_us; /* of the answer from the server */
	uint64_t	answer_bytes;
	uint64_t	uid_hash;
	const char *server; /* borrowed from its pool; NULL: it went to none */
	uint16_t	status; /* 0: no answer was begun */
	bool		has_uid;
	bool		complete;
} AccessRecord;

/* And what is known of it anyway; borrowed for the call. */
typedef struct AccessRequest
{
	const char		 *client; /* its address */
	Span			  head;	  /* as it came */
	const char		 *release;
	const char		 *side;
	unsigned		  retries;
	const UidSources *sources;
	UidType			  uid_type;
} AccessRequest;

/*
 * Opens what the settings say, if they want one, in place of what was open: also
 * the same path once more, after the file was moved away.  False, with errno:
 * it stays as it was.
 */
extern bool access_log_open(const Settings *settings);

/* Writes what is there, without waiting; what is not taken is kept, up to a bound (outlet.h). */
extern void access_log_flush(void);

/* Waits a second for a reader that is slow. */
extern void access_log_close(void);

/* Lines that this process has lost so far. */
extern uint64_t access_log_lost(void);

/* Is there one? */
extern bool access_log_wanted(void);

/* A request has come; head is of raw. */
extern void access_log_begin(AccessRecord *record, const Head *head, Span raw);

/* It is over. */
extern void access_log_end(const AccessRecord *record, const AccessRequest *request);

/* Something was refused before it was a request. */
extern void access_log_refused(const char *client, const char *release, unsigned status);

#endif /* GATEWAY_PROXY_ACCESS_LOG_H */
