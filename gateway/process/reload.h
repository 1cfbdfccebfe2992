/*
 * reload.h: replaces the settings of a running process
 */
#ifndef GATEWAY_PROCESS_RELOAD_H
#define GATEWAY_PROCESS_RELOAD_H

#include "proxy/proxy.h"

/*
 * Read the file of the settings again, and replace the settings. Files that the settings name are
 * opened again. If anything is wrong, the log says so, and nothing changes.
 */
extern bool reload_settings(Settings **settings);

/* Reload the settings of a worker: the new settings hold from the next request on. */
extern void reload_worker(Proxy *proxy);

/*
 * Send requests to the servers that the settings name, at the addresses that their names have now.
 */
extern void reload_servers(Proxy *proxy);

#endif /* GATEWAY_PROCESS_RELOAD_H */
