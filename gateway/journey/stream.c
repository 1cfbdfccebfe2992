/*
 * stream.c: tells which requests in flight are not waited for when their user's data goes
 * elsewhere
 */
#include "journey/stream.h"

StreamFate
stream_fate(const StreamFacts *facts, uint64_t patience_ms)
{
	if (!facts->endless && facts->age_ms < patience_ms)
		return STREAM_STAYS;
	if (facts->begun)
		return STREAM_ENDS;
	/* Only the answer to a write tells whether the write was done. */
	return facts->repeatable ? STREAM_COMES_AGAIN : STREAM_STAYS;
}

bool
stream_endless(const Head *answer)
{
	Span list;
	Span type;

	if (!head_find(answer, "Content-Type", &list))
		return false;
	return span_next(&list, ';', &type) && span_equals_nocase(type, "text/event-stream");
}
