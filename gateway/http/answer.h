/*
 * answer.h: writes the gateway's own answers, for requests that no server answers
 *
 * Pure.
 */
#ifndef GATEWAY_HTTP_ANSWER_H
#define GATEWAY_HTTP_ANSWER_H

#include <stdbool.h>

#include "base/buffer.h"

/*
 * Append a whole answer to out. Its body is text and a line feed. retry_after is the value of the
 * field Retry-After in seconds, or 0 for no such field. Without with_body (the answer to HEAD),
 * only the head is appended, and it says how long the body would be.
 */
extern void answer_build(Buffer *out, unsigned status, const char *text, bool keep_alive,
						 unsigned retry_after, bool with_body);

#endif /* GATEWAY_HTTP_ANSWER_H */
