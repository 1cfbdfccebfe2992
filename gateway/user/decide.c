/*
 * decide.c: decides from the roster's knowledge where a request goes
 */
#include "user/decide.h"

#include "routing/bucket.h"

bool
decide_want(const Release *release, Span uid, bool listed)
{
	if (!release->is_open)
		return false;
	return listed || bucket_of(release->name, uid.bytes, uid.length) < release->percent_hundredths;
}

Route
decide_route(State state, bool want, Side stuck_side)
{
	if (state_move_is_due(state, want))
		return ROUTE_MOVE;
	return state_serving_side(state, stuck_side) == SIDE_GRAY ? ROUTE_GRAY : ROUTE_PRODUCTION;
}

bool
decide_parse_percent(Span text, unsigned *hundredths)
{
	unsigned value = 0;
	unsigned decimals = 0;
	bool	 point = false;

	for (size_t i = 0; i < text.length; i++)
	{
		char byte = text.bytes[i];

		if (byte == '.' && !point && i > 0)
			point = true;
		else if (byte < '0' || byte > '9' || decimals == 2 || value > BUCKET_COUNT)
			return false;
		else
		{
			value = value * 10 + (unsigned) (byte - '0');
			decimals += point;
		}
	}
	for (; decimals < 2; decimals++)
		value *= 10;
	*hundredths = value;
	return text.length > 0 && value <= BUCKET_COUNT;
}
