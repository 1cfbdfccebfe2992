/*
 * gateway_test.c: runs the unit tests of the gateway's pure parts
 */
#include "gateway_test.h"

#include <stdlib.h>

int
main(void)
{
	Suite	*suite = suite_create("gateway");
	SRunner *runner;
	int		 failed;

	suite_add_tcase(suite, access_line_cases());
	suite_add_tcase(suite, address_cases());
	suite_add_tcase(suite, answer_cases());
	suite_add_tcase(suite, answer_user_cases());
	suite_add_tcase(suite, batch_cases());
	suite_add_tcase(suite, buffer_cases());
	suite_add_tcase(suite, channel_cases());
	suite_add_tcase(suite, connection_cases());
	suite_add_tcase(suite, cookie_cases());
	suite_add_tcase(suite, decide_cases());
	suite_add_tcase(suite, descriptors_cases());
	suite_add_tcase(suite, follow_cases());
	suite_add_tcase(suite, forward_cases());
	suite_add_tcase(suite, hash_cases());
	suite_add_tcase(suite, head_cases());
	suite_add_tcase(suite, health_cases());
	suite_add_tcase(suite, conninfo_cases());
	suite_add_tcase(suite, lease_cases());
	suite_add_tcase(suite, hold_cases());
	suite_add_tcase(suite, limit_cases());
	suite_add_tcase(suite, lookup_cases());
	suite_add_tcase(suite, notice_cases());
	suite_add_tcase(suite, pace_cases());
	suite_add_tcase(suite, outlet_cases());
	suite_add_tcase(suite, proxy_protocol_cases());
	suite_add_tcase(suite, redact_cases());
	suite_add_tcase(suite, release_name_cases());
	suite_add_tcase(suite, replay_cases());
	suite_add_tcase(suite, rights_cases());
	suite_add_tcase(suite, remember_cases());
	suite_add_tcase(suite, roster_cases());
	suite_add_tcase(suite, roster_image_cases());
	suite_add_tcase(suite, settings_cases());
	suite_add_tcase(suite, siphash_cases());
	suite_add_tcase(suite, sqlstate_cases());
	suite_add_tcase(suite, state_cases());
	suite_add_tcase(suite, status_cases());
	suite_add_tcase(suite, stream_cases());
	suite_add_tcase(suite, token_cases());
	suite_add_tcase(suite, uid_cases());
	suite_add_tcase(suite, counters_cases());

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
