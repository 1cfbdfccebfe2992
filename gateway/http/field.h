/*
 * field.h: what a field of a head is to a proxy, by its name
 */
#ifndef GATEWAY_HTTP_FIELD_H
#define GATEWAY_HTTP_FIELD_H

#include "base/span.h"

/* Fields a proxy has an opinion on. */
typedef enum FieldKind
{
	FIELD_PLAIN, /* passed on as it is */
	FIELD_HOST,
	FIELD_CONTENT_LENGTH,
	FIELD_TRANSFER_ENCODING,
	FIELD_CONNECTION,
	FIELD_HOP, /* hop-by-hop: Keep-Alive, Proxy-… */
	FIELD_UPGRADE,
	FIELD_TE,
	FIELD_TRAILER, /* goes where the trailers go */
	FIELD_EXPECT,
	FIELD_FORWARDED_FOR,
	FIELD_FORWARDED_PROTO,
	FIELD_FORWARDED_HOST,
	FIELD_GRAY, /* X-Gray-…: ours alone to set */
	FIELD_UID,	/* reserved: the gateway reads users from it, and the server is to see the same */
	FIELD_MISSPELT /* like one of the above to a server that knows no -: nobody needs it */
} FieldKind;

#define FIELD_RESERVED_MAX 16
#define FIELD_RESERVED_BYTES 256

/* Of the process: names (shorter than FIELD_RESERVED_BYTES) that are FIELD_UID from now on, and none. */
extern void field_reserve(const char *name);
extern void field_reserve_none(void);

extern FieldKind field_kind(Span name);

/* The same, whatever is reserved. */
extern FieldKind field_known(Span name);

#endif /* GATEWAY_HTTP_FIELD_H */
