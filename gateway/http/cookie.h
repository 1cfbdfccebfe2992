/*
 * cookie.h: finds, removes and sets the gateway's own cookies in the heads of requests and answers
 *
 * Pure. A cookie is found by its exact name before "=". Cookies are separated by ";".
 */
#ifndef GATEWAY_HTTP_COOKIE_H
#define GATEWAY_HTTP_COOKIE_H

#include "base/buffer.h"
#include "http/head.h"

/* Is name valid as the name of a cookie (RFC 6265: a token)? */
extern bool cookie_name_valid(Span name);

/* Do browsers accept a cookie of that name only with the attribute Secure? */
extern bool cookie_name_secure(const char *name);

/*
 * Return the value of the next cookie of that name. *value is the value that the call before
 * returned; it is zero at first.
 */
extern bool cookie_next(const Head *head, const char *name, Span *value);

/* Does the field have a cookie of one of these names? A name may be NULL. */
extern bool cookie_field_has(const Field *field, const char *const *names, size_t count);

/*
 * Append the field without the cookies of these names. Append nothing if no other cookie is left.
 */
extern void cookie_field_without(Buffer *out, const Field *field, const char *const *names,
								 size_t count);

/*
 * Append a field that has the client keep a cookie for that many seconds; with 0 the client
 * forgets the cookie.
 */
extern void cookie_set(Buffer *out, const char *name, Span value, unsigned seconds, bool secure);

#endif /* GATEWAY_HTTP_COOKIE_H */
