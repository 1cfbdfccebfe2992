/*
 * notice.c: what a notification on channel pg_gray says
 */
#include "notice.h"

#include <string.h>

/* Splits off the first word; rest is what is behind one space. */
static Span
first_word(Span *rest)
{
	const char *space = rest->length > 0 ? memchr(rest->bytes, ' ', rest->length) : NULL;
	Span		word = *rest;

	if (space == NULL)
	{
		rest->bytes += rest->length;
		rest->length = 0;
		return word;
	}
	word.length = (size_t) (space - rest->bytes);
	rest->bytes = space + 1;
	rest->length -= word.length + 1;
	return word;
}

static bool
parse_user(Notice *notice, Span event, Span value, Span uid)
{
	notice->uid = uid;
	if (uid.length == 0)
		return false;
	if (span_equals(event, "state"))
	{
		notice->kind = NOTICE_STATE;
		return state_parse(value, &notice->state);
	}
	notice->kind = NOTICE_LISTED;
	notice->listed = span_equals(value, "add");
	return notice->listed || span_equals(value, "remove");
}

static bool
parse_release(Notice *notice, Span event, Span value)
{
	if (span_equals(event, "switch"))
	{
		notice->kind = NOTICE_SWITCH;
		notice->is_open = span_equals(value, "open");
		return notice->is_open || span_equals(value, "closed");
	}
	if (span_equals(event, "percent"))
	{
		notice->kind = NOTICE_PERCENT;
		return decide_parse_percent(value, &notice->percent_hundredths);
	}
	notice->kind = NOTICE_STUCK_SIDE;
	return span_equals(event, "stuck_side") && side_parse(value, &notice->stuck_side);
}

Notice
notice_parse(Span payload, const char *release)
{
	Notice notice = {.kind = NOTICE_OTHER_RELEASE};
	Span   rest = payload;
	Span   event;
	Span   value;
	bool   understood;

	if (!span_equals(first_word(&rest), release))
		return notice;
	event = first_word(&rest);
	value = first_word(&rest);
	if (span_equals(event, "state") || span_equals(event, "cohort"))
		understood = parse_user(&notice, event, value, rest);
	else
		understood = rest.length == 0 && parse_release(&notice, event, value);
	if (!understood)
		notice.kind = NOTICE_RELOAD;
	return notice;
}
