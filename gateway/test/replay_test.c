/*
 * replay_test.c: what was kept comes again, byte for byte, from memory and from files; or nothing
 */
#include "gateway_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "proxy/replay.h"

#define MEMORY 1000

static const ReplayLimits limits = {.memory_bytes = MEMORY,
									.spool_bytes = 1000000,
									.total_bytes = 1500000,
									.directory = ""};

static char pattern[4000000];

static void
fill_pattern(void)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char) (i * 7 + i / 251);
	log_set_level(LOG_ERROR);
}

/* In pieces of that size; returns how much was kept before it was refused. */
static size_t
add(Replay *replay, const ReplayLimits *most, size_t length, size_t step)
{
	for (size_t at = 0; at < length; at += step)
	{
		size_t some = length - at < step ? length - at : step;

		if (!replay_add(replay, most, pattern + at, some))
			return at;
	}
	return length;
}

static void
take_all(Replay *replay, size_t length)
{
	size_t at = 0;
	Span   piece;

	replay_rewind(replay);
	while (replay_take(replay, &piece) == REPLAY_PIECE)
	{
		ck_assert_uint_gt(piece.length, 0);
		ck_assert_uint_le(at + piece.length, length);
		ck_assert_mem_eq(piece.bytes, pattern + at, piece.length);
		at += piece.length;
	}
	ck_assert_uint_eq(at, length);
	ck_assert(!replay->behind);
}

static const struct
{
	size_t length;
	size_t step;
	bool   file;
} bodies[] = {
	{0, 1, false},		  {1, 1, false},	   {MEMORY, 7, false},	   {MEMORY + 1, 7, true},
	{65536, 65536, true}, {100000, 333, true}, {1000000, 65536, true}, {1000000, 1000, true},
};

START_TEST(test_again)
{
	Replay replay = {0};

	fill_pattern();
	ck_assert_uint_eq(add(&replay, &limits, bodies[_i].length, bodies[_i].step), bodies[_i].length);
	ck_assert_int_eq(replay.open, bodies[_i].file);
	take_all(&replay, bodies[_i].length);
	take_all(&replay, bodies[_i].length);
	/* It grows between, as a body does whose beginning was sent again. */
	if (bodies[_i].length < 1000000)
	{
		ck_assert(replay_add(&replay, &limits, pattern + bodies[_i].length, 1));
		take_all(&replay, bodies[_i].length + 1);
	}
	replay_free(&replay);
	ck_assert_uint_eq(replay_spooled(), 0);
}
END_TEST

START_TEST(test_limits)
{
	Replay		 one = {0}, other = {0}, announced = {.expected = 1000001};
	ReplayLimits none = limits, nowhere = limits;

	fill_pattern();
	ck_assert_uint_eq(add(&one, &limits, 1000001, 100000), 1000000);
	ck_assert(!one.open);
	ck_assert_uint_eq(add(&announced, &limits, 2000, 100), MEMORY);
	none.spool_bytes = 0;
	ck_assert_uint_eq(add(&one, &none, 2000, 100), MEMORY);
	nowhere.directory = "/nonexistent/directory";
	ck_assert(!replay_directory_works(nowhere.directory));
	ck_assert_uint_eq(add(&one, &nowhere, 2000, 100), MEMORY);
	ck_assert_uint_eq(replay_spooled(), 0);

	/* All together. */
	ck_assert_uint_eq(add(&one, &limits, 1000000, 100000), 1000000);
	ck_assert_uint_eq(add(&other, &limits, 1000000, 100000), 500000);
	ck_assert_uint_eq(replay_spooled(), 1000000);
	replay_free(&one);
	ck_assert_uint_eq(add(&other, &limits, 1000000, 100000), 1000000);
	replay_free(&other);
	ck_assert_uint_eq(replay_spooled(), 0);
}
END_TEST

START_TEST(test_end)
{
	Replay replay = {0};
	Span   piece;

	fill_pattern();
	add(&replay, &limits, 200000, 65536);
	replay_rewind(&replay);
	ck_assert_int_eq(replay_take(&replay, &piece), REPLAY_PIECE);
	/* What is not taken yet remains, and no longer than that. */
	replay_end(&replay);
	ck_assert(replay.behind);
	while (replay_take(&replay, &piece) == REPLAY_PIECE)
		ck_assert_uint_gt(replay_spooled(), 0);
	ck_assert_uint_eq(replay_spooled(), 0);
	ck_assert(!replay.behind);

	add(&replay, &limits, 200000, 65536);
	replay_end(&replay);
	ck_assert_uint_eq(replay_spooled(), 0);
	ck_assert_int_eq(replay_take(&replay, &piece), REPLAY_DONE);
}
END_TEST

START_TEST(test_broken)
{
	Replay replay = {0};
	Span   piece;

	fill_pattern();
	add(&replay, &limits, 200000, 65536);
	ck_assert_int_eq(ftruncate(replay.file, 10), 0);
	replay_rewind(&replay);
	ck_assert_int_eq(replay_take(&replay, &piece), REPLAY_PIECE);
	ck_assert_uint_eq(piece.length, 10);
	ck_assert_int_eq(replay_take(&replay, &piece), REPLAY_BROKEN);
	replay_free(&replay);
}
END_TEST

TCase *
replay_cases(void)
{
	TCase *cases = tcase_create("replay");

	tcase_add_loop_test(cases, test_again, 0, sizeof(bodies) / sizeof(bodies[0]));
	tcase_add_test(cases, test_limits);
	tcase_add_test(cases, test_end);
	tcase_add_test(cases, test_broken);
	return cases;
}
