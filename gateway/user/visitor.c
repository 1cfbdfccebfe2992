/*
 * visitor.c: decides the side of requests that belong to no user
 */
#include "user/visitor.h"

#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "user/decide.h"

bool
visitor_parse(Span text, VisitorShare *share)
{
	share->wanted = !span_equals(text, "off");
	share->hundredths = 0;
	return !share->wanted || decide_parse_percent(text, &share->hundredths);
}

Side
visitor_side(const VisitorShare *share, unsigned position)
{
	return share->wanted && position < share->hundredths ? SIDE_GRAY : SIDE_PRODUCTION;
}

unsigned
visitor_draw(void)
{
	uint64_t random;

	if (RAND_bytes((unsigned char *) &random, sizeof(random)) != 1)
		abort();
	return (unsigned) (random % VISITOR_POSITIONS);
}

bool
visitor_read(const Remembered *remembered, unsigned *position)
{
	*position = 0;
	for (size_t i = 0; i < remembered->length; i++)
	{
		char byte = remembered->text[i];

		if (byte < '0' || byte > '9' || *position >= VISITOR_POSITIONS)
			return false;
		*position = *position * 10 + (unsigned) (byte - '0');
	}
	return remembered->length > 0 && *position < VISITOR_POSITIONS;
}

void
visitor_write(unsigned position, Remembered *remembered)
{
	remembered->length =
		(size_t) snprintf(remembered->text, sizeof(remembered->text), "%u", position);
}
