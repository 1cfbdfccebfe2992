/*
 * check.h: what works and is not as safe as it could be
 */
#ifndef CHECK_H
#define CHECK_H

#include "settings.h"

/* Calls for each thing; the texts are good for that call, and have no secret in them. */
extern void check_settings(const Settings *settings, void (*warn)(const char *text));

#endif /* CHECK_H */
