/*
 * sqlstate_test.c: errors of a move after which it is tried again
 */
#include "gateway_test.h"

#include "routing/sqlstate.h"

/* regress/sql/errors.sql has the same ones. */
static const struct
{
	const char *sqlstate;
	bool		time_cures;
} errors[] = {
	{"40001", true},   {"40P01", true},	 {"53100", true},  {"53200", true},	 {"53300", true},
	{"55P03", true},   {"57014", true},	 {"57P01", true},  {"57P03", true},	 {"72000", true},
	{"08006", false},  {"08P01", false}, {"0A000", false}, {"22012", false}, {"23514", false},
	{"25006", false},  {"42501", false}, {"42P01", false}, {"54001", false}, {"55000", false},
	{"55006", false},  {"58030", false}, {"72001", false}, {"GR001", false}, {"P0001", false},
	{"XX000", false},  {"XX001", false}, {"", false},	   {"40", false},	 {"4000", false},
	{"400011", false},
};

START_TEST(test_time_cures)
{
	ck_assert_msg(sqlstate_time_cures(errors[_i].sqlstate) == errors[_i].time_cures, "%s",
				  errors[_i].sqlstate);
}
END_TEST

START_TEST(test_cancelled)
{
	ck_assert(sqlstate_is_cancelled("57014"));
	ck_assert(!sqlstate_is_cancelled("57P01"));
	ck_assert(!sqlstate_is_cancelled(""));
}
END_TEST

TCase *
sqlstate_cases(void)
{
	TCase *tcase = tcase_create("sqlstate");

	tcase_add_loop_test(tcase, test_time_cures, 0, sizeof(errors) / sizeof(errors[0]));
	tcase_add_test(tcase, test_cancelled);
	return tcase;
}
