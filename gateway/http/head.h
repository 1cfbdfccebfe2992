/*
 * head.h: parses the head of one HTTP/1.x request or response
 *
 * Pure code on the caller's memory. llhttp is the grammar. On top of it, head_check refuses heads
 * that RFC 9112 forbids and llhttp accepts.
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
	uint8_t	 method; /* of a request: llhttp's number */
	uint16_t status; /* of a response */
	Span	 line;	 /* the first line, without its CRLF */
	Span	 method_text;
	Span	 target;
	Span	 reason;
	bool	 keep_alive; /* the sender wants to keep the connection */
	bool	 chunked;
	bool	 has_length;
	uint16_t upgrades;	   /* number of Upgrade fields */
	bool	 body_follows; /* bytes behind the head belong to this message */
	uint64_t content_length;
	size_t	 field_count;
	Field	 fields[HEAD_FIELDS_MAX];
} Head;

typedef enum HeadResult
{
	HEAD_COMPLETE,	 /* the head is whole; head_scan sets *scanned to its length */
	HEAD_MORE,		 /* no error so far */
	HEAD_BAD,		 /* problem says why; answer 400, or 502 for a response */
	HEAD_LARGE,		 /* too many fields; answer 431 */
	HEAD_LONG_LINE,	 /* answer 414 */
	HEAD_LARGE_BODY, /* the announced body is too large; answer 413 */
	HEAD_UNSUPPORTED /* well-formed, but not served here; answer 501 */
} HeadResult;

/*
 * Find the end of a head. Refuse bare CR, bare LF, NUL and folded lines as soon as they are seen.
 * scanned (in and out, 0 at first) remembers how far earlier calls came. Return HEAD_COMPLETE,
 * HEAD_MORE or HEAD_BAD.
 */
extern HeadResult head_scan(const char *bytes, size_t length, size_t *scanned, const char **problem);

/* Return how many bytes of empty lines to skip; such lines may precede a request. */
extern size_t head_blank(const char *bytes, size_t length);

/* Find the value of the first field of that name. False if there is none. */
extern bool head_find(const Head *head, const char *name, Span *value);

/* Refuse a parsed head that llhttp accepts and RFC 9112 forbids. */
extern HeadResult head_check(Head *head, const char **problem);

#endif /* GATEWAY_HTTP_HEAD_H */
