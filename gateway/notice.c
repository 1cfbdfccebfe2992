/*
 * notice.c: what a notification on channel pg_gray asks for
 */
#include "notice.h"

#include <string.h>

static const char ping[] = " ping ";

Notice
notice_parse(Span payload, const char *release)
{
	size_t length = strlen(release);

	if (payload.length < length || memcmp(payload.bytes, release, length) != 0)
		return NOTICE_OTHER_RELEASE;
	payload.bytes += length;
	payload.length -= length;
	if (payload.length > 0 && *payload.bytes != ' ')
		return NOTICE_OTHER_RELEASE;
	if (payload.length >= strlen(ping) && memcmp(payload.bytes, ping, strlen(ping)) == 0)
		return NOTICE_PING;
	return span_equals(payload, " reload") ? NOTICE_RELOAD : NOTICE_CHANGED;
}

Span
notice_token(Span payload, const char *release)
{
	size_t before = strlen(release) + strlen(ping);

	return (Span){payload.bytes + before, payload.length - before};
}
