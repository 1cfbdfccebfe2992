/*
 * health.c: decides whether a server answers, from the requests sent to it
 */
#include "proxy/health.h"

HealthState
health_state(const Health *health, uint64_t now_ms)
{
	if (health->until_ms == 0)
		return HEALTH_GOOD;
	return health->on_trial || now_ms < health->until_ms ? HEALTH_EJECTED : HEALTH_DUE;
}

void
health_try(Health *health)
{
	health->on_trial = health->until_ms != 0;
}

void
health_untried(Health *health)
{
	health->on_trial = false;
}

static unsigned
ejection_ms(const Health *health, const HealthRule *rule)
{
	uint64_t time_ms = rule->first_ms;

	for (unsigned i = 0; i < health->ejections && time_ms < rule->most_ms; i++)
		time_ms *= 2;
	return time_ms < rule->most_ms ? (unsigned) time_ms : rule->most_ms;
}

bool
health_failed(Health *health, const HealthRule *rule, uint64_t now_ms)
{
	/* Requests that were sent before the ejection may still fail, which says nothing new. */
	if (health->until_ms != 0 && !health->on_trial)
		return false;
	health->failures++;
	if (rule->failures == 0 || (health->until_ms == 0 && health->failures < rule->failures))
		return false;
	health->until_ms = now_ms + ejection_ms(health, rule);
	health->ejections++;
	health->on_trial = false;
	return true;
}

bool
health_answered(Health *health)
{
	bool was_ejected = health->until_ms != 0;

	*health = (Health){0};
	return was_ejected;
}
