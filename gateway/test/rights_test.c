/*
 * rights_test.c: what is missing is told with what to type
 */
#include "gateway_test.h"

#include <string.h>

#include "base/buffer.h"
#include "database/rights.h"

static const Rights all = {
	.database = "shop",
	.role = "gateway",
	.role_literal = "'gateway'",
	.schema = "Public",
	.schema_quoted = "\"Public\"",
	.version = "0.1",
	.schema_usage = RIGHT_GIVEN,
	.releases = RIGHT_GIVEN,
	.functions = {RIGHT_GIVEN, RIGHT_GIVEN, RIGHT_GIVEN, RIGHT_GIVEN, RIGHT_GIVEN, RIGHT_GIVEN,
				  RIGHT_GIVEN, RIGHT_GIVEN, RIGHT_GIVEN},
};

static void
note(void *context, RightsWeight weight, const char *text)
{
	buffer_format(context, "%s: %s\n", weight == RIGHTS_HEAVY ? "heavy" : "light", text);
}

static void
expect(Rights rights, const char *expected)
{
	Buffer told = {0};

	buffer_text(&told, "");
	rights_tell(&rights, note, &told);
	buffer_append(&told, "", 1);
	ck_assert_str_eq(buffer_first(&told), expected);
	buffer_free(&told);
}

#define TYPE "; type: SELECT \"Public\".gray_grant('gateway', 'gateway');\n"

START_TEST(test_tell)
{
	Rights rights = all;

	expect(rights, "");
	rights.functions[2] = RIGHT_DENIED;
	expect(rights, "light: role gateway has no right to use gray_route: nobody is moved" TYPE);
	rights.functions[0] = RIGHT_DENIED;
	expect(rights, "heavy: role gateway has no right to use gray_roster: nothing can be loaded" TYPE
				   "light: role gateway has no right to use gray_route: nobody is moved" TYPE);
	rights = all;
	rights.schema_usage = RIGHT_DENIED;
	expect(rights,
		   "heavy: role gateway has no right to use the schema of pg_gray: nothing can be loaded" TYPE);
	rights = all;
	rights.functions[1] = RIGHT_MISSING;
	expect(rights, "light: pg_gray 0.1 has no gray_changes: everything is loaded"
				   " again and again; type: ALTER EXTENSION pg_gray UPDATE;\n");
	rights = all;
	rights.functions[3] = RIGHT_DENIED;
	rights.functions[5] = RIGHT_DENIED;
	rights.functions[8] = RIGHT_MISSING;
	expect(rights, "light: pg_gray 0.1 has no gray_route_announced: moves by other gateways may be"
				   " seen late; type: ALTER EXTENSION pg_gray UPDATE;\n"
				   "light: role gateway has no right to use gray_renew, gray_announced: moves by"
				   " other gateways may be seen late" TYPE);
	rights = all;
	rights.standby = true;
	expect(rights, "heavy: the database is a standby, where nobody can be moved; name all hosts in"
				   " database and add target_session_attrs=primary\n");
	expect((Rights){.database = "shop", .role = "gateway"},
		   "heavy: database shop has no extension pg_gray; name another in database, or type there:"
		   " CREATE EXTENSION pg_gray;\n");
}
END_TEST

TCase *
rights_cases(void)
{
	TCase *tcase = tcase_create("rights");

	tcase_add_test(tcase, test_tell);
	return tcase;
}
