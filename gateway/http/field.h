/*
 * field.h: classifies the fields of a head by their names
 */
#ifndef GATEWAY_HTTP_FIELD_H
#define GATEWAY_HTTP_FIELD_H

#include "base/span.h"

/* How the gateway treats a field. */
typedef enum FieldKind
{
	FIELD_PLAIN, /* passed on unchanged */
	FIELD_HOST,
	FIELD_CONTENT_LENGTH,
	FIELD_TRANSFER_ENCODING,
	FIELD_CONNECTION,
	FIELD_HOP, /* hop-by-hop: Keep-Alive, Proxy-… */
	FIELD_UPGRADE,
	FIELD_TE,
	FIELD_TRAILER, /* goes with the trailers */
	FIELD_EXPECT,
	FIELD_FORWARDED_FOR,
	FIELD_FORWARDED_PROTO,
	FIELD_FORWARDED_HOST,
	FIELD_GRAY, /* X-Gray-…: only the gateway may set it */
	FIELD_UID,	/* reserved: the gateway reads users from it, and servers have to see the same */
	/* A server that knows no "-" may take it for one of the fields above. Nobody needs it. */
	FIELD_MISSPELT
} FieldKind;

#define FIELD_RESERVED_MAX 16
#define FIELD_RESERVED_BYTES 256

/*
 * Make name (shorter than FIELD_RESERVED_BYTES) a FIELD_UID, in the whole process, from now on;
 * and take back all reserved names.
 */
extern void field_reserve(const char *name);
extern void field_reserve_none(void);

extern FieldKind field_kind(Span name);

/* Return the kind that the field has when no name is reserved. */
extern FieldKind field_known(Span name);

#endif /* GATEWAY_HTTP_FIELD_H */
