/*
 * origin.c: where a request comes from, as far as the request has to know
 */
#include "proxy/origin.h"

#include "http/answer.h"

void
origin_answer(const Origin *origin, unsigned status, const char *text, bool keep_alive,
			  unsigned retry_after, bool with_body)
{
	Counters *counters = &origin->proxy->loop->counters;
	Buffer	  answer = {0};

	counters->refused++;
	counters->answers[status / 100]++;
	answer_build(&answer, status, text, keep_alive, retry_after, with_body);
	connection_send(origin->connection, answer.bytes, buffer_length(&answer));
	buffer_free(&answer);
}
