/*
 * connect_check.h: does the database have what the gateway needs?
 *
 * For gray-gateway -t --connect, before anything serves: it blocks.
 */
#ifndef GATEWAY_DATABASE_CONNECT_CHECK_H
#define GATEWAY_DATABASE_CONNECT_CHECK_H

#include "config/settings.h"

/*
 * Calls for each thing that is wrong, with what to type where that is known; the texts are good
 * for that call, and have no secret in them.  True: there is none.
 */
extern bool connect_check(const Settings *settings, void (*tell)(const char *text));

#endif /* GATEWAY_DATABASE_CONNECT_CHECK_H */
