/*
 * lookup_test.c: what look-ups remember, whose turn it is, and the text of the query
 */
#include "gateway_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/lookup_query.h"
#include "lookup/lookup_cache.h"
#include "lookup/lookup_hint.h"
#include "lookup/lookup_line.h"

/*
 * The cache
 */

static LookupKey
key_of(const char *value)
{
	return lookup_key(span_of(value));
}

static void
keep(LookupCache *cache, const char *value, const char *uid, uint64_t until_ms)
{
	LookupKey key = key_of(value);

	lookup_cache_keep(cache, &key, span_of(uid), lookup_cache_mark(cache), until_ms);
}

/* The uid; "": nobody; "?": unknown.  Static. */
static const char *
known(LookupCache *cache, const char *value, uint64_t now_ms)
{
	static Uid uid;
	LookupKey  key = key_of(value);

	switch (lookup_cache_find(cache, &key, now_ms, &uid))
	{
		case LOOKUP_USER:
			ck_assert_uint_eq(strlen(uid.bytes), uid.length);
			return uid.bytes;
		case LOOKUP_NOBODY:
			return "";
		case LOOKUP_UNKNOWN:
			break;
	}
	return "?";
}

START_TEST(test_remembered)
{
	LookupCache *cache = lookup_cache_new(4, 4, 0);
	char		 longest[UID_MAX_BYTES + 1];

	memset(longest, 'x', UID_MAX_BYTES);
	longest[UID_MAX_BYTES] = '\0';
	ck_assert_str_eq(known(cache, "a", 0), "?");
	keep(cache, "a", "42", 100);
	keep(cache, "b", "", 50);
	keep(cache, "c", longest, 100);
	ck_assert_str_eq(known(cache, "a", 99), "42");
	ck_assert_str_eq(known(cache, "b", 49), "");
	ck_assert_str_eq(known(cache, "c", 0), longest);
	ck_assert_uint_eq(lookup_cache_count(cache), 3);
	ck_assert_str_eq(known(cache, "b", 50), "?");
	ck_assert_str_eq(known(cache, "a", 100), "?");
	ck_assert_uint_eq(lookup_cache_count(cache), 1);
	keep(cache, "c", "", 100); /* from one shelf to the other */
	ck_assert_str_eq(known(cache, "c", 0), "");
	keep(cache, "c", "7", 100);
	ck_assert_str_eq(known(cache, "c", 0), "7");
	ck_assert_uint_eq(lookup_cache_count(cache), 1);
	lookup_cache_free(cache);
}
END_TEST

START_TEST(test_bounds)
{
	LookupCache *cache = lookup_cache_new(3, 2, 0);
	char		 value[24];

	keep(cache, "a", "1", 100);
	keep(cache, "b", "2", 100);
	keep(cache, "c", "3", 100);
	ck_assert_str_eq(known(cache, "a", 0), "1"); /* so b is the one not used longest */
	keep(cache, "d", "4", 100);
	ck_assert_str_eq(known(cache, "b", 0), "?");
	for (int i = 0; i < 1000; i++)
	{
		snprintf(value, sizeof(value), "made up %d", i);
		keep(cache, value, "", 100);
	}
	ck_assert_uint_eq(lookup_cache_count(cache), 5);
	ck_assert_str_eq(known(cache, "made up 998", 0), "");
	ck_assert_str_eq(known(cache, "made up 997", 0), "?");
	ck_assert_str_eq(known(cache, "a", 0), "1");
	ck_assert_str_eq(known(cache, "c", 0), "3");
	ck_assert_str_eq(known(cache, "d", 0), "4");
	lookup_cache_free(cache);

	cache = lookup_cache_new(0, 0, 0);
	keep(cache, "a", "1", 100);
	keep(cache, "b", "", 100);
	ck_assert_str_eq(known(cache, "a", 0), "?");
	ck_assert_uint_eq(lookup_cache_count(cache), 0);
	lookup_cache_free(cache);
	lookup_cache_free(NULL);
}
END_TEST

/* SHA-256 of "abc" begins with ba7, as FIPS 180-2 has it; of "a" with ca9. */
START_TEST(test_forgotten)
{
	LookupCache *cache = lookup_cache_new(4, 4, 0);
	LookupKey	 key = key_of("abc");
	uint64_t	 mark;

	keep(cache, "abc", "1", 100);
	keep(cache, "a", "2", 100);
	lookup_cache_forget(cache, 0xba6);
	lookup_cache_forget(cache, 0xba8);
	ck_assert_str_eq(known(cache, "abc", 0), "1");
	lookup_cache_forget(cache, 0xba7);
	ck_assert_str_eq(known(cache, "abc", 0), "?");
	ck_assert_str_eq(known(cache, "a", 0), "2");
	keep(cache, "abc", "3", 100);
	ck_assert_str_eq(known(cache, "abc", 0), "3");
	lookup_cache_forget_all(cache);
	ck_assert_str_eq(known(cache, "abc", 0), "?");
	ck_assert_str_eq(known(cache, "a", 0), "?");

	/* What is answered after it was forgotten had been asked before. */
	mark = lookup_cache_mark(cache);
	lookup_cache_forget(cache, 0xba7);
	lookup_cache_keep(cache, &key, span_of("4"), mark, 100);
	ck_assert_str_eq(known(cache, "abc", 0), "?");
	mark = lookup_cache_mark(cache);
	lookup_cache_free(cache);
	cache = lookup_cache_new(4, 4, mark);
	lookup_cache_keep(cache, &key, span_of("5"), mark, 100);
	ck_assert_str_eq(known(cache, "abc", 0), "?");
	keep(cache, "abc", "6", 100);
	ck_assert_str_eq(known(cache, "abc", 0), "6");
	lookup_cache_free(cache);
}
END_TEST

/*
 * Hints
 */

START_TEST(test_hints)
{
	LookupHints hints = {0};
	unsigned	forgotten = 0;

	ck_assert(!lookup_hint_due(&hints, 5000));
	for (int i = 0; i < LOOKUP_HINTS_MOST; i++)
	{
		ck_assert(lookup_hint_group(&hints, 5000));
		ck_assert(!lookup_hint_due(&hints, 5000));
	}
	/* From here on a hint has everything forgotten, and that once a second. */
	for (uint64_t now_ms = 5001; now_ms < 6000; now_ms++)
	{
		ck_assert(!lookup_hint_group(&hints, now_ms));
		forgotten += lookup_hint_due(&hints, now_ms);
	}
	ck_assert_uint_eq(forgotten, 1);
	ck_assert(lookup_hint_group(&hints, 6000));
	ck_assert(!lookup_hint_due(&hints, 6000));
	ck_assert(lookup_hint_due(&hints, 6001)); /* those since are not lost */
	ck_assert(!lookup_hint_due(&hints, 9000));
	lookup_hint_all(&hints);
	ck_assert(lookup_hint_due(&hints, 9000));
	lookup_hint_all(&hints);
	ck_assert(!lookup_hint_due(&hints, 9999));
	ck_assert(lookup_hint_due(&hints, 10000));
}
END_TEST

/*
 * The line
 */

/* What is taken next, as an index. */
static int
taken(LookupLine *line, const LookupWaiting *waitings)
{
	const LookupWaiting *waiting = lookup_line_take(line);

	ck_assert(waiting == NULL || waiting->turn == NULL);
	return waiting == NULL ? -1 : (int) (waiting - waitings);
}

START_TEST(test_turns)
{
	static const uint64_t who[] = {7, 7, 7, 7 + 1024, 9, 7, 9};
	static const int	  order[] = {0, 3, 4, 1, 6, 2, 5, -1};
	LookupWaiting		  waitings[7] = {0};
	LookupLine			 *line = lookup_line_new();

	ck_assert(lookup_line_empty(line));
	for (size_t i = 0; i < 7; i++)
		lookup_line_add(line, &waitings[i], who[i]);
	ck_assert(!lookup_line_empty(line));
	for (size_t i = 0; i < 8; i++)
		ck_assert_int_eq(taken(line, waitings), order[i]);
	ck_assert(lookup_line_empty(line));

	for (size_t i = 0; i < 7; i++)
		lookup_line_add(line, &waitings[i], who[i]);
	lookup_line_remove(line, &waitings[0]);
	lookup_line_remove(line, &waitings[3]);
	ck_assert_int_eq(taken(line, waitings), 1);
	ck_assert_int_eq(taken(line, waitings), 4);
	ck_assert_int_eq(taken(line, waitings), 2);
	ck_assert_int_eq(taken(line, waitings), 6);
	ck_assert_int_eq(taken(line, waitings), 5);
	ck_assert_int_eq(taken(line, waitings), -1);
	lookup_line_free(line);
}
END_TEST

START_TEST(test_room)
{
	LookupWaiting waitings[6] = {0};
	LookupLine	 *line = lookup_line_new();

	ck_assert_ptr_null(lookup_line_make_room(line, 1));
	for (size_t i = 0; i < 3; i++)
		lookup_line_add(line, &waitings[i], 1);
	lookup_line_add(line, &waitings[3], 2);
	ck_assert_ptr_null(lookup_line_make_room(line, 1));
	ck_assert_ptr_eq(lookup_line_make_room(line, 2), &waitings[2]);
	ck_assert_ptr_eq(lookup_line_make_room(line, 3), &waitings[2]);
	lookup_line_add(line, &waitings[4], 2);
	lookup_line_add(line, &waitings[5], 2);
	ck_assert_ptr_null(lookup_line_make_room(line, 1));
	ck_assert_ptr_null(lookup_line_make_room(line, 2));
	ck_assert_ptr_nonnull(lookup_line_make_room(line, 3));
	while (lookup_line_take(line) != NULL)
		continue;
	lookup_line_free(line);
}
END_TEST

/*
 * The query
 */

static const struct
{
	const char *sql;
	const char *problem; /* a part of it; NULL: good */
} queries[] = {
	{"SELECT user_id FROM public.sessions WHERE id = $1", NULL},
	{"select whose($1)", NULL},
	{"  (SELECT a FROM b WHERE c = $1) ; ", NULL},
	{"WITH x AS (SELECT $1::text AS v) SELECT v FROM x", NULL},
	{"VALUES ($1)", NULL},
	{"SELECT a FROM b WHERE c = $1 AND d = ';' AND e = '$2' AND f = 'it''s; $3'", NULL},
	{"SELECT \"a;$2\"\"\" FROM b WHERE c = $1 /* ; $2 /* -- */ ' */", NULL},
	{"SELECT $x$;$2$$--$x$, $$ ' $$ FROM b WHERE c = $1", NULL},
	{"SELECT E'\\';$2' FROM b WHERE c = $1", NULL},
	{"SELECT a$2 FROM b WHERE c = $1", NULL}, /* a name may have $ */
	{"SELECT a FROM b WHERE c=$1 or $1=d", NULL},
	{"SELECT a FROM b WHERE c = 1-$1", NULL},
	{"", "expected SELECT"},
	{"DELETE FROM b WHERE c = $1 RETURNING a", "expected SELECT"},
	{"SELECTED $1", "expected SELECT"},
	{"CALL f($1)", "expected SELECT"},
	{"SELECT a FROM b", "no $1"},
	{"SELECT a FROM b WHERE c = '$1'", "no $1"},
	{"SELECT a FROM b WHERE c = a$1", "no $1"},
	{"SELECT a FROM b WHERE c = ?", "no $1"},
	{"SELECT a FROM b WHERE c = $1 AND d = $2", "more parameters"},
	{"SELECT a FROM b WHERE c = $12", "more parameters"},
	{"SELECT a FROM b WHERE c = $1; DELETE FROM b", "more than one statement"},
	{"SELECT a FROM b WHERE c = $1;;x", "more than one statement"},
	{"SELECT a FROM b -- WHERE c = $1", "--"},
	{"SELECT a FROM b WHERE c = $1 AND d = 'x", "does not end"},
	{"SELECT a FROM b WHERE c = $1 AND d = E'x\\'", "does not end"},
	{"SELECT \"a FROM b WHERE c = $1", "does not end"},
	{"SELECT $x$ FROM b WHERE c = $1", "does not end"},
	{"SELECT /* a /* FROM b */ WHERE c = $1", "does not end"},
};

START_TEST(test_query)
{
	const char *problem = "";
	bool		good = lookup_query_check(span_of(queries[_i].sql), &problem);

	ck_assert_msg(good == (queries[_i].problem == NULL), "%s: %s", queries[_i].sql, problem);
	if (!good)
		ck_assert_msg(strstr(problem, queries[_i].problem) != NULL, "%s: %s", queries[_i].sql,
					  problem);
}
END_TEST

static const struct
{
	const char *sqlstate;
	const char *message;
	const char *role;
	const char *said;
} explained[] = {
	{"42501", "permission denied for table s", "gateway",
	 "permission denied for table s; type: GRANT SELECT ON s TO gateway (SQLSTATE 42501)"},
	{"42501", "permission denied for function whose", "my \"Role\"",
	 "permission denied for function whose; type: GRANT EXECUTE ON FUNCTION whose TO \"my "
	 "\"\"Role\"\"\" (SQLSTATE 42501)"},
	{"42501", "permission denied for schema x", "g_1",
	 "permission denied for schema x; type: GRANT USAGE ON SCHEMA x TO g_1 (SQLSTATE 42501)"},
	{"42501", "keine Berechtigung", "gateway",
	 "keine Berechtigung; type: GRANT SELECT ON the table, or EXECUTE ON FUNCTION the function, "
	 "TO gateway (SQLSTATE 42501)"},
	{"42P18", "could not determine data type of parameter $1", "gateway",
	 "could not determine data type of parameter $1; write $1::text (SQLSTATE 42P18)"},
	{"22012", "division by zero", "gateway", "division by zero (SQLSTATE 22012)"},
	{"", "no answer", "gateway", "no answer"},
};

START_TEST(test_explain)
{
	Buffer out = {0};

	lookup_query_explain(&out, explained[_i].sqlstate, explained[_i].message, explained[_i].role);
	buffer_append(&out, "", 1);
	ck_assert_str_eq(buffer_first(&out), explained[_i].said);
	buffer_free(&out);
}
END_TEST

START_TEST(test_shape)
{
	Buffer out = {0};

	lookup_query_shape(&out, 1, 1);
	ck_assert_uint_eq(buffer_length(&out), 0);
	lookup_query_shape(&out, 0, 1);
	ck_assert_uint_gt(buffer_length(&out), 0);
	buffer_clear(&out);
	lookup_query_shape(&out, 1, 2);
	ck_assert_uint_gt(buffer_length(&out), 0);
	buffer_free(&out);
}
END_TEST

TCase *
lookup_cases(void)
{
	TCase *tcase = tcase_create("lookup");

	tcase_add_test(tcase, test_remembered);
	tcase_add_test(tcase, test_bounds);
	tcase_add_test(tcase, test_forgotten);
	tcase_add_test(tcase, test_hints);
	tcase_add_test(tcase, test_turns);
	tcase_add_test(tcase, test_room);
	tcase_add_loop_test(tcase, test_query, 0, sizeof(queries) / sizeof(queries[0]));
	tcase_add_loop_test(tcase, test_explain, 0, sizeof(explained) / sizeof(explained[0]));
	tcase_add_test(tcase, test_shape);
	return tcase;
}
