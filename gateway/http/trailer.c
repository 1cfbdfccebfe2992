/*
 * trailer.c: filters the fields behind a chunked body
 *
 * A server or client behind the gateway may merge trailers into the head. So no field passes that
 * a server or client uses for a decision before it has read the body.
 */
#include "http/trailer.h"

bool
trailer_allowed(const Field *field)
{
	static const char *const forbidden[] = {
		"accept-encoding",
		"accept-ranges",
		"age",
		"authorization",
		"cache-control",
		"content-disposition",
		"content-encoding",
		"content-language",
		"content-location",
		"content-range",
		"content-type",
		"cookie",
		"date",
		"expires",
		"forwarded",
		"if-match",
		"if-modified-since",
		"if-none-match",
		"if-range",
		"if-unmodified-since",
		"location",
		"max-forwards",
		"pragma",
		"range",
		"retry-after",
		"set-cookie",
		"vary",
		"via",
		"warning",
		"www-authenticate",
	};

	if (field->kind != FIELD_PLAIN)
		return false;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
	{
		if (span_equals_nocase(field->name, forbidden[i]))
			return false;
	}
	return true;
}

void
trailer_copy(Buffer *out, const Head *trailers)
{
	for (size_t i = 0; i < trailers->field_count; i++)
	{
		const Field *field = &trailers->fields[i];

		if (trailer_allowed(field))
			buffer_append(out, field->line.bytes, field->line.length);
	}
}
