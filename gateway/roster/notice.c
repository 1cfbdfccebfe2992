/*
 * notice.c: tells what a notification on channel pg_gray asks for
 */
#include "roster/notice.h"

#include <ctype.h>
#include <string.h>

static const char ping[] = " ping ";

/*
 * Parse "session " and hexadecimal digits. The first three digits name the group. Without them
 * any group may be meant.
 */
static Notice
parse_session(Span word, unsigned *group)
{
	static const char digits[] = "0123456789abcdef";

	*group = 0;
	for (size_t i = 0; i < 3; i++)
	{
		const char *digit =
			i < word.length ? strchr(digits, tolower((unsigned char) word.bytes[i])) : NULL;

		if (digit == NULL || *digit == '\0')
			return NOTICE_SESSIONS;
		*group = *group * 16 + (unsigned) (digit - digits);
	}
	return NOTICE_SESSION;
}

Notice
notice_parse(Span payload, const char *release, unsigned *group)
{
	static const char session[] = " session ";
	const size_t	  session_length = sizeof(session) - 1;
	size_t			  length = strlen(release);

	if (payload.length < length || memcmp(payload.bytes, release, length) != 0)
		return NOTICE_OTHER_RELEASE;
	payload.bytes += length;
	payload.length -= length;
	if (payload.length > 0 && *payload.bytes != ' ')
		return NOTICE_OTHER_RELEASE;
	if (payload.length >= strlen(ping) && memcmp(payload.bytes, ping, strlen(ping)) == 0)
		return NOTICE_PING;
	if (span_equals(payload, " sessions"))
		return NOTICE_SESSIONS;
	if (payload.length >= session_length && memcmp(payload.bytes, session, session_length) == 0)
		return parse_session((Span){payload.bytes + session_length, payload.length - session_length},
							 group);
	return span_equals(payload, " reload") ? NOTICE_RELOAD : NOTICE_CHANGED;
}

Span
notice_token(Span payload, const char *release)
{
	size_t before = strlen(release) + strlen(ping);

	return (Span){payload.bytes + before, payload.length - before};
}
