/*
 * health_test.c: servers by what happens to them, step by step
 */
#include "gateway_test.h"

#include <string.h>

#include "proxy/health.h"

/*
 * Steps: f a failure, a an answer, t a trial begins, u it ends without
 * outcome, . half a second passes.  After each: g good, d due, e ejected; in
 * capitals when the step said that just then it was ejected or came back.
 */
static const struct
{
	const char *steps;
	const char *states;
	HealthRule	rule;
} scripts[] = {
	{"a", "g", {3, 1000, 4000}},
	{"fff", "ggE", {3, 1000, 4000}},
	{"ffaff", "ggggg", {3, 1000, 4000}},
	{"ffaafff", "ggggggE", {3, 1000, 4000}},
	{"fffa", "ggEG", {3, 1000, 4000}},
	{"fff..", "ggEed", {3, 1000, 4000}},
	{"fff.f..", "ggEeedd", {3, 1000, 4000}}, /* an old request that fails later */
	{"f..t", "Eede", {1, 1000, 4000}},
	{"f..ta", "EedeG", {1, 1000, 4000}},
	{"f..tu", "Eeded", {1, 1000, 4000}},
	{"f..tf....", "EedeEeeed", {1, 1000, 4000}},					 /* twice as long */
	{"f..tf....tf........", "EedeEeeedeEeeeeeeed", {1, 1000, 4000}}, /* four times */
	{"f..tf....tf........tf........", "EedeEeeedeEeeeeeeedeEeeeeeeed", {1, 1000, 4000}},
	{"f..taf..", "EedeGEed", {1, 1000, 4000}}, /* and from the beginning */
	{"ftf....", "EeEeeed", {1, 1000, 4000}},   /* tried early, for want of others */
	{"f.", "Ed", {1, 500, 500}},
	{"f..tf..", "EedeEed", {1, 1000, 1000}},
	{"f.tf.", "EdeEd", {1, 1000, 500}}, /* the longest is less than the first */
	{"ffffffff", "gggggggg", {0, 1000, 4000}},
};

static char
letter(HealthState state, bool changed)
{
	const char *letters = changed ? "GDE" : "gde";

	return letters[state];
}

START_TEST(test_script)
{
	Health	 health = {0};
	uint64_t now_ms = 1;

	ck_assert_uint_eq(strlen(scripts[_i].steps), strlen(scripts[_i].states));
	for (const char *step = scripts[_i].steps; *step != '\0'; step++)
	{
		bool changed = false;
		char seen;

		switch (*step)
		{
			case 'f':
				changed = health_failed(&health, &scripts[_i].rule, now_ms);
				break;
			case 'a':
				changed = health_answered(&health);
				break;
			case 't':
				health_try(&health);
				break;
			case 'u':
				health_untried(&health);
				break;
			default:
				now_ms += 500;
		}
		seen = letter(health_state(&health, now_ms), changed);
		ck_assert_msg(seen == scripts[_i].states[step - scripts[_i].steps],
					  "%s: '%c' after step %zu", scripts[_i].steps, seen,
					  (size_t) (step - scripts[_i].steps) + 1);
	}
}
END_TEST

TCase *
health_cases(void)
{
	TCase *cases = tcase_create("health");

	tcase_add_loop_test(cases, test_script, 0, sizeof(scripts) / sizeof(scripts[0]));
	return cases;
}
