/*
 * notice.c: what a notification on channel pg_gray asks for
 */
#include "notice.h"

#include <string.h>

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
	return span_equals(payload, " reload") ? NOTICE_RELOAD : NOTICE_CHANGED;
}
