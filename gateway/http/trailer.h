/*
 * trailer.h: fields behind a chunked body
 */
#ifndef GATEWAY_HTTP_TRAILER_H
#define GATEWAY_HTTP_TRAILER_H

#include "base/buffer.h"
#include "http/head.h"

/* RFC 9110 6.5.1: not what is about framing, routing, access, or how to read the rest. */
extern bool trailer_allowed(const Field *field);

/* Appends the lines of those that are allowed. */
extern void trailer_copy(Buffer *out, const Head *trailers);

#endif /* GATEWAY_HTTP_TRAILER_H */
