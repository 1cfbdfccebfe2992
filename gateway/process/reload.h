/*
 * reload.h: new settings for a running process
 */
#ifndef GATEWAY_PROCESS_RELOAD_H
#define GATEWAY_PROCESS_RELOAD_H

#include "proxy/proxy.h"

/*
 * Reads the file of the settings again and replaces them; files that they name
 * are opened anew.  If anything is wrong, the log says so and all stays as it
 * was.
 */
extern bool reload_settings(Settings **settings);

/* The same in a worker: what is new holds from the next request on. */
extern void reload_worker(Proxy *proxy);

/* Has requests go to the servers that the settings name, where their names lead now. */
extern void reload_servers(Proxy *proxy);

#endif /* GATEWAY_PROCESS_RELOAD_H */
