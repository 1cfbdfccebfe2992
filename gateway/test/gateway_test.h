/*
 * gateway_test.h: the cases of each file, gathered by gateway_test.c
 */
#ifndef GATEWAY_TEST_H
#define GATEWAY_TEST_H

#include <check.h>

extern TCase *access_line_cases(void);
extern TCase *address_cases(void);
extern TCase *answer_cases(void);
extern TCase *answer_user_cases(void);
extern TCase *batch_cases(void);
extern TCase *buffer_cases(void);
extern TCase *channel_cases(void);
extern TCase *cookie_cases(void);
extern TCase *decide_cases(void);
extern TCase *descriptors_cases(void);
extern TCase *follow_cases(void);
extern TCase *forward_cases(void);
extern TCase *hash_cases(void);
extern TCase *head_cases(void);
extern TCase *health_cases(void);
extern TCase *connection_cases(void);
extern TCase *conninfo_cases(void);
extern TCase *lease_cases(void);
extern TCase *hold_cases(void);
extern TCase *limit_cases(void);
extern TCase *lookup_cases(void);
extern TCase *notice_cases(void);
extern TCase *pace_cases(void);
extern TCase *outlet_cases(void);
extern TCase *proxy_protocol_cases(void);
extern TCase *redact_cases(void);
extern TCase *release_name_cases(void);
extern TCase *replay_cases(void);
extern TCase *rights_cases(void);
extern TCase *remember_cases(void);
extern TCase *roster_cases(void);
extern TCase *roster_image_cases(void);
extern TCase *settings_cases(void);
extern TCase *siphash_cases(void);
extern TCase *sqlstate_cases(void);
extern TCase *state_cases(void);
extern TCase *status_cases(void);
extern TCase *stream_cases(void);
extern TCase *token_cases(void);
extern TCase *uid_cases(void);
extern TCase *counters_cases(void);

#endif /* GATEWAY_TEST_H */
