/*
 * answer.c: writes the gateway's own answers, for requests that no server answers
 */
#include "http/answer.h"

#include <string.h>

static const char *
reason_of(unsigned status)
{
	switch (status)
	{
		case 400:
			return "Bad Request";
		case 408:
			return "Request Timeout";
		case 413:
			return "Content Too Large";
		case 414:
			return "URI Too Long";
		case 431:
			return "Request Header Fields Too Large";
		case 501:
			return "Not Implemented";
		case 502:
			return "Bad Gateway";
		case 503:
			return "Service Unavailable";
		default:
			return "Gateway Timeout";
	}
}

void
answer_build(Buffer *out, unsigned status, const char *text, bool keep_alive, unsigned retry_after,
			 bool with_body)
{
	buffer_format(out,
				  "HTTP/1.1 %u %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
				  "Content-Length: %zu\r\n",
				  status, reason_of(status), strlen(text) + 1);
	if (retry_after > 0)
		buffer_format(out, "Retry-After: %u\r\n", retry_after);
	buffer_text(out, keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
	if (with_body)
		buffer_format(out, "%s\n", text);
}
