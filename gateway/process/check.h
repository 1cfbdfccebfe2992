/*
 * check.h: finds settings that work but are not as safe as they could be
 */
#ifndef GATEWAY_PROCESS_CHECK_H
#define GATEWAY_PROCESS_CHECK_H

#include "config/settings.h"

/* Call warn for each problem. The texts are good for that call, and have no secret in them. */
extern void check_settings(const Settings *settings, void (*warn)(const char *text));

#endif /* GATEWAY_PROCESS_CHECK_H */
