/*
 * cookie.h: the gateway's own cookies in the heads of requests and answers
 *
 * Pure.  A cookie is found by its exact name before "=", between ";".
 */
#ifndef GATEWAY_HTTP_COOKIE_H
#define GATEWAY_HTTP_COOKIE_H

#include "base/buffer.h"
#include "http/head.h"

/* Is it the name of a cookie (RFC 6265: a token)? */
extern bool cookie_name_valid(Span name);

/* Do browsers take a cookie of that name only with Secure? */
extern bool cookie_name_secure(const char *name);

/* The value of the next cookie of that name behind the one before (*value; zero at first). */
extern bool cookie_next(const Head *head, const char *name, Span *value);

/* Is there a cookie of one of these names in the field?  A name may be NULL. */
extern bool cookie_field_has(const Field *field, const char *const *names, size_t count);

/* Appends the field without those cookies; nothing if no other is left. */
extern void cookie_field_without(Buffer *out, const Field *field, const char *const *names,
								 size_t count);

/* Appends a field that has the client keep a cookie for so many seconds; 0: forget it. */
extern void cookie_set(Buffer *out, const char *name, Span value, unsigned seconds, bool secure);

#endif /* GATEWAY_HTTP_COOKIE_H */
