/*
 * outcome.c: counts and logs the outcomes of users' moves
 */
#include "journey/outcome.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "user/redact.h"

#define PUT_OFF_EVERY_MS 60000 /* between two log lines that moves are put off */

void
outcome_known(Loop *loop, Span uid, const MoveResult *result, State before)
{
	const char *name = redact_uid(uid.bytes, uid.length);
	const char *release = loop->settings->release;

	if (result->state == before)
	{
		log_debug("user %s, release %s: state %s as before, requests go to %s", name, release,
				  state_name(result->state), side_name(result->side));
		return;
	}
	if (result->state == STATE_FAILED || result->state == STATE_STUCK)
	{
		loop->counters.moves_failed++;
		log_error("user %s, release %s: state %s: the move did not succeed; requests go to %s",
				  name, release, state_name(result->state), side_name(result->side));
		return;
	}
	loop->counters.moves_done++;
	log_info("user %s, release %s: state %s, requests go to %s", name, release,
			 state_name(result->state), side_name(result->side));
}

/* The text is covered, since the database may name the user in it. */
void
outcome_postponed(Loop *loop, Span uid, const char *problem, Side side)
{
	Buffer covered = {0};

	loop->counters.moves_postponed++;
	redact_text(&covered, span_of(problem), uid);
	log_warning("user %s, release %s: not moved for now: %.*s; requests go to %s",
				redact_uid(uid.bytes, uid.length), loop->settings->release,
				(int) buffer_length(&covered), buffer_first(&covered), side_name(side));
	buffer_free(&covered);
}

void
outcome_put_off(Loop *loop, size_t held, size_t waiting)
{
	static uint64_t said_ms; /* when the line was last logged; 0: never */
	uint64_t		now_ms = clock_now_ms();

	loop->counters.moves_put_off++;
	if (said_ms != 0 && now_ms < said_ms + PUT_OFF_EVERY_MS)
		return;
	said_ms = now_ms;
	log_info("more users are due than can be moved at once: they are moved later, and their"
			 " requests go where the data is (%zu requests are held, %zu moves wait)",
			 held, waiting);
}
