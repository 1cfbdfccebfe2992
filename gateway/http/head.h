/*
 * head.h: the head of one HTTP/1.x request or response, taken apart
 *
 * Pure code on the caller's memory, with llhttp as the grammar and, on top of
 * it, what RFC 9112 refuses and llhttp lets through.
 */
#ifndef GATEWAY_HTTP_HEAD_H
#define GATEWAY_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/field.h"

#define HEAD_FIELDS_MAX 1024

typedef struct Field
{
	FieldKind kind;
	Span	  name;
	Span	  value;
	Span	  line; /* from the name to its CRLF, included */
} Field;

/* All spans are borrowed from the bytes that were parsed. */
typedef struct Head
{
	bool	 is_request;
	uint8_t	 minor;	 /* HTTP/1.minor */
	uint8_t	 method; /* llhttp's number; requests */
	uint16_t status; /* responses */
	Span	 line;	 /* the first one, without its CRLF */
	Span	 method_text;
	Span	 target;
	Span	 reason;
	bool	 keep_alive; /* the sender means to send or take more */
	bool	 chunked;
	bool	 has_length;
	uint16_t upgrades;	   /* Upgrade fields */
	bool	 body_follows; /* bytes behind the head belong to this message */
	uint64_t content_length;
	size_t	 field_count;
	Field	 fields[HEAD_FIELDS_MAX];
} Head;

typedef enum HeadResult
{
	HEAD_COMPLETE,	 /* used says how long it is */
	HEAD_MORE,		 /* so far so good */
	HEAD_BAD,		 /* problem says why; answer 400, or 502 for a response */
	HEAD_LARGE,		 /* too many fields; answer 431 */
	HEAD_LONG_LINE,	 /* answer 414 */
	HEAD_LARGE_BODY, /* it announces one; answer 413 */
	HEAD_UNSUPPORTED /* well-formed, but not served here; answer 501 */
} HeadResult;

/*
 * Finds the end of a head.  Refuses bare CR, bare LF, NUL and folded lines
 * as soon as they are seen.  scanned (in and out, 0 at first) remembers how
 * far earlier calls came.  HEAD_COMPLETE, HEAD_MORE or HEAD_BAD.
 */
extern HeadResult head_scan(const char *bytes, size_t length, size_t *scanned, const char **problem);

/* Empty lines a request may be preceded by: how many bytes to skip. */
extern size_t head_blank(const char *bytes, size_t length);

/* The value of the first field of that name; false if there is none. */
extern bool head_find(const Head *head, const char *name, Span *value);

/* What llhttp lets through in a parsed head and RFC 9112 does not. */
extern HeadResult head_check(Head *head, const char **problem);

#endif /* GATEWAY_HTTP_HEAD_H */
