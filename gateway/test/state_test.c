/*
 * state_test.c: sides and states, which the extension and the gateway share
 */
#include "gateway_test.h"

#include <string.h>

#include "routing/state.h"

START_TEST(test_side_words)
{
	static const char *const words[] = {
		[SIDE_PRODUCTION] = "production",
		[SIDE_GRAY] = "gray",
	};
	Side side = _i == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;

	ck_assert_str_eq(side_name((Side) _i), words[_i]);
	ck_assert(side_parse(words[_i], strlen(words[_i]), &side));
	ck_assert_int_eq(side, _i);
}
END_TEST

START_TEST(test_state_words)
{
	static const char *const words[] = {
		[STATE_OFF] = "off",
		[STATE_ON] = "on",
		[STATE_FAILED] = "failed",
		[STATE_STUCK] = "stuck",
	};
	State state = _i == STATE_OFF ? STATE_ON : STATE_OFF;

	ck_assert_str_eq(state_name((State) _i), words[_i]);
	ck_assert(state_parse(words[_i], strlen(words[_i]), &state));
	ck_assert_int_eq(state, _i);
}
END_TEST

START_TEST(test_other_words)
{
	static const char *const others[] = {"", "o", "of", "offf", "Off", "on ", "graY", "productio"};
	Side					 side = SIDE_GRAY;
	State					 state = STATE_STUCK;

	ck_assert(!side_parse(others[_i], strlen(others[_i]), &side));
	ck_assert(!state_parse(others[_i], strlen(others[_i]), &state));
	ck_assert_int_eq(side, SIDE_GRAY);
	ck_assert_int_eq(state, STATE_STUCK);
}
END_TEST

/* The text need not end with a zero. */
START_TEST(test_word_in_text)
{
	State state;

	ck_assert(state_parse("stuckout", 5, &state));
	ck_assert_int_eq(state, STATE_STUCK);
	ck_assert(!state_parse("stuck", 4, &state));
}
END_TEST

/* The rows of the table in docs/concepts.md, each with both policies for users who are stuck. */
static const struct
{
	State state;
	bool  wanted;
	Side  data;
	Side  serving[2]; /* by stuck_side */
	bool  due;
} rows[] = {
	{STATE_OFF, false, SIDE_PRODUCTION, {SIDE_PRODUCTION, SIDE_PRODUCTION}, false},
	{STATE_OFF, true, SIDE_PRODUCTION, {SIDE_PRODUCTION, SIDE_PRODUCTION}, true},
	{STATE_ON, true, SIDE_GRAY, {SIDE_GRAY, SIDE_GRAY}, false},
	{STATE_ON, false, SIDE_GRAY, {SIDE_GRAY, SIDE_GRAY}, true},
	{STATE_FAILED, false, SIDE_PRODUCTION, {SIDE_PRODUCTION, SIDE_PRODUCTION}, false},
	{STATE_FAILED, true, SIDE_PRODUCTION, {SIDE_PRODUCTION, SIDE_PRODUCTION}, false},
	{STATE_STUCK, false, SIDE_GRAY, {SIDE_PRODUCTION, SIDE_GRAY}, false},
	{STATE_STUCK, true, SIDE_GRAY, {SIDE_PRODUCTION, SIDE_GRAY}, false},
};

START_TEST(test_table)
{
	ck_assert_int_eq(state_side(rows[_i].state), rows[_i].data);
	for (int side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		ck_assert_int_eq(state_serving_side(rows[_i].state, (Side) side), rows[_i].serving[side]);
	ck_assert(state_move_is_due(rows[_i].state, rows[_i].wanted) == rows[_i].due);
}
END_TEST

TCase *
state_cases(void)
{
	TCase *tcase = tcase_create("state");

	tcase_add_loop_test(tcase, test_side_words, SIDE_PRODUCTION, SIDE_GRAY + 1);
	tcase_add_loop_test(tcase, test_state_words, STATE_OFF, STATE_STUCK + 1);
	tcase_add_loop_test(tcase, test_other_words, 0, 8);
	tcase_add_test(tcase, test_word_in_text);
	tcase_add_loop_test(tcase, test_table, 0, sizeof(rows) / sizeof(rows[0]));
	return tcase;
}
