/*
 * supervisor.h: runs several workers on the same addresses, and looks after them
 */
#ifndef GATEWAY_PROCESS_SUPERVISOR_H
#define GATEWAY_PROCESS_SUPERVISOR_H

#include "config/settings.h"

/*
 * Consume the settings, bind the addresses, say where the process listens, and serve. One worker
 * runs in this process. Several workers run in forked processes, and are started again when they
 * die. Return the exit code.
 */
extern int supervisor_run(Settings *settings);

#endif /* GATEWAY_PROCESS_SUPERVISOR_H */
