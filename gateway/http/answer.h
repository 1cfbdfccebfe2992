/*
 * answer.h: the gateway's own answers, when there is none of a server
 *
 * Pure.
 */
#ifndef GATEWAY_HTTP_ANSWER_H
#define GATEWAY_HTTP_ANSWER_H

#include <stdbool.h>

#include "base/buffer.h"

/*
 * Appends a whole answer to out; its body is text and a line feed.  retry_after:
 * seconds for the field of that name, or 0.  Without with_body (the answer to
 * HEAD) the head alone, that says how long the body would be.
 */
extern void answer_build(Buffer *out, unsigned status, const char *text, bool keep_alive,
						 unsigned retry_after, bool with_body);

#endif /* GATEWAY_HTTP_ANSWER_H */
