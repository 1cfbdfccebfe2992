/*
 * limit.c: limits the size of requests, and refuses slow bodies
 */
#include "config/limit.h"

#include <string.h>

#include "http/option.h"

HeadResult
limit_bytes(const Settings *settings, const char *bytes, size_t length, const char **problem)
{
	size_t most_line = settings->max_request_line_bytes;
	size_t in_line = length < most_line + 2 ? length : most_line + 2;

	/* The line's end, CR LF, does not count. */
	if (length > most_line && memchr(bytes, '\n', in_line) == NULL &&
		(length >= most_line + 2 || bytes[length - 1] != '\r'))
	{
		*problem = "request line too long";
		return HEAD_LONG_LINE;
	}
	if (length > settings->max_header_bytes)
	{
		*problem = "request head too large";
		return HEAD_LARGE;
	}
	return HEAD_COMPLETE;
}

HeadResult
limit_head(const Settings *settings, const Head *head, const char **problem)
{
	if (head->field_count > settings->max_headers)
	{
		*problem = "too many header fields";
		return HEAD_LARGE;
	}
	if (option_count(head) > settings->max_headers)
	{
		*problem = "too many options in Connection";
		return HEAD_LARGE;
	}
	if (head->has_length && limit_body(settings, head->content_length))
	{
		*problem = "request body too large";
		return HEAD_LARGE_BODY;
	}
	return HEAD_COMPLETE;
}

bool
limit_body(const Settings *settings, uint64_t bytes)
{
	return settings->max_body_bytes != 0 && bytes > settings->max_body_bytes;
}

bool
limit_slow(const Settings *settings, BodyWait *wait, bool able, uint64_t now_ms)
{
	uint64_t rate = settings->body_min_rate;

	if (able && wait->seen_ms != 0)
		wait->waited_ms += now_ms - wait->seen_ms;
	wait->seen_ms = now_ms;
	if (rate == 0 || wait->waited_ms <= settings->body_timeout_ms)
		return false;
	return wait->bytes / rate < (wait->waited_ms - settings->body_timeout_ms) / 1000;
}
