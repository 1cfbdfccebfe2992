/*
 * connect_check.h: checks whether the database has all that the gateway needs
 *
 * This is for gray-gateway -t --connect, before the gateway serves. So it blocks.
 */
#ifndef GATEWAY_DATABASE_CONNECT_CHECK_H
#define GATEWAY_DATABASE_CONNECT_CHECK_H

#include "config/settings.h"

/*
 * Call the function for each problem, with the remedy where it is known. The texts are good for
 * that call, and have no secret in them. True: there is no problem.
 */
extern bool connect_check(const Settings *settings, void (*tell)(const char *text));

#endif /* GATEWAY_DATABASE_CONNECT_CHECK_H */
