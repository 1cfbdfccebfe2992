/*
 * access_line.c: writes the line of the access log for a request
 */
#include "base/access_line.h"

#include <stdio.h>
#include <string.h>

#include "base/quote.h"

bool
access_format_parse(const char *text, AccessFormat *format)
{
	*format = strcmp(text, "json") == 0 ? ACCESS_JSON : ACCESS_COMBINED;
	return *format == ACCESS_JSON || strcmp(text, "combined") == 0;
}

static Span
or_dash(Span text)
{
	return text.length > 0 ? text : (Span){"-", 1};
}

static const char *
text_or(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

/* Format the time once a second: lines of one second share the text. */
static const char *
time_text(AccessFormat format, time_t now)
{
	static char	  texts[2][40];
	static time_t when[2];

	if (when[format] != now || texts[format][0] == '\0')
	{
		struct tm utc;

		gmtime_r(&now, &utc);
		strftime(texts[format], sizeof(texts[format]),
				 format == ACCESS_JSON ? "%Y-%m-%dT%H:%M:%SZ" : "%d/%b/%Y:%H:%M:%S +0000", &utc);
		when[format] = now;
	}
	return texts[format];
}

/* Append microseconds as milliseconds with three decimals. */
static void
put_ms(Buffer *out, uint64_t us)
{
	buffer_number(out, us / 1000, 10, 1);
	buffer_append(out, ".", 1);
	buffer_number(out, us % 1000, 10, 3);
}

static void
put_field(Buffer *out, const char *name, const char *value)
{
	buffer_append(out, " ", 1);
	buffer_text(out, name);
	buffer_append(out, "=", 1);
	buffer_text(out, value);
}

/* Append the line piece by piece: printf took a tenth of the time of a request. */
static void
put_combined(Buffer *out, const AccessEntry *entry, time_t now)
{
	buffer_text(out, entry->client);
	buffer_text(out, " - ");
	if (entry->has_uid)
		buffer_number(out, entry->uid_hash, 16, 16);
	else
		buffer_append(out, "-", 1);
	buffer_text(out, " [");
	buffer_text(out, time_text(ACCESS_COMBINED, now));
	buffer_text(out, "] ");
	quote_append(out, "\\x", or_dash(entry->request_line));
	buffer_append(out, " ", 1);
	buffer_number(out, entry->status, 10, 1);
	buffer_append(out, " ", 1);
	buffer_number(out, entry->answer_bytes, 10, 1);
	buffer_append(out, " ", 1);
	quote_append(out, "\\x", or_dash(entry->referer));
	buffer_append(out, " ", 1);
	quote_append(out, "\\x", or_dash(entry->agent));
	put_field(out, "release", entry->release);
	put_field(out, "side", text_or(entry->side, "-"));
	put_field(out, "server", text_or(entry->server, "-"));
	buffer_text(out, " total_ms=");
	put_ms(out, entry->total_us);
	buffer_text(out, " first_byte_ms=");
	if (entry->first_byte_us != 0)
		put_ms(out, entry->first_byte_us);
	else
		buffer_append(out, "-", 1);
	buffer_text(out, " retries=");
	buffer_number(out, entry->retries, 10, 1);
	buffer_text(out, entry->complete ? " end=whole\n" : " end=cut\n");
}

static const char *
hash_text(const AccessEntry *entry)
{
	static char text[17];

	if (!entry->has_uid)
		return NULL;
	snprintf(text, sizeof(text), "%016llx", (unsigned long long) entry->uid_hash);
	return text;
}

/* Append "name": text or null, with a comma. */
static void
put_member(Buffer *out, const char *name, Span text)
{
	buffer_append(out, "\"", 1);
	buffer_text(out, name);
	buffer_text(out, "\": ");
	if (text.length > 0)
		quote_append(out, QUOTE_JSON, text);
	else
		buffer_text(out, "null");
	buffer_append(out, ", ", 2);
}

static Span
span_or_none(const char *text)
{
	return text != NULL ? (Span){text, strlen(text)} : (Span){"", 0};
}

static void
put_json(Buffer *out, const AccessEntry *entry, time_t now)
{
	buffer_format(out, "{\"time\": \"%s\", ", time_text(ACCESS_JSON, now));
	put_member(out, "client", span_or_none(entry->client));
	put_member(out, "uid_hash", span_or_none(hash_text(entry)));
	put_member(out, "request", entry->request_line);
	buffer_format(out, "\"status\": %u, \"bytes\": %llu, ", entry->status,
				  (unsigned long long) entry->answer_bytes);
	put_member(out, "referer", entry->referer);
	put_member(out, "user_agent", entry->agent);
	put_member(out, "release", span_or_none(entry->release));
	put_member(out, "side", span_or_none(entry->side));
	put_member(out, "server", span_or_none(entry->server));
	buffer_format(out, "\"total_ms\": %.3f, ", (double) entry->total_us / 1000);
	if (entry->first_byte_us != 0)
		buffer_format(out, "\"first_byte_ms\": %.3f, ", (double) entry->first_byte_us / 1000);
	else
		buffer_text(out, "\"first_byte_ms\": null, ");
	buffer_format(out, "\"retries\": %u, \"whole\": %s}\n", entry->retries,
				  entry->complete ? "true" : "false");
}

void
access_line(Buffer *out, AccessFormat format, const AccessEntry *entry, time_t now)
{
	if (format == ACCESS_JSON)
		put_json(out, entry, now);
	else
		put_combined(out, entry, now);
}
