/*
 * check.h: what works and is not as safe as it could be
 */
#ifndef GATEWAY_PROCESS_CHECK_H
#define GATEWAY_PROCESS_CHECK_H

#include "config/settings.h"

/* Calls for each thing; the texts are good for that call, and have no secret in them. */
extern void check_settings(const Settings *settings, void (*warn)(const char *text));

#endif /* GATEWAY_PROCESS_CHECK_H */
