/*
 * trailer.h: filters the fields behind a chunked body
 */
#ifndef GATEWAY_HTTP_TRAILER_H
#define GATEWAY_HTTP_TRAILER_H

#include "base/buffer.h"
#include "http/head.h"

/*
 * May this field be a trailer? By RFC 9110 6.5.1, fields about framing, routing, access, or how to
 * read the content may not.
 */
extern bool trailer_allowed(const Field *field);

/* Append the lines of the trailers that are allowed. */
extern void trailer_copy(Buffer *out, const Head *trailers);

#endif /* GATEWAY_HTTP_TRAILER_H */
