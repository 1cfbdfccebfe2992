/*
 * supervisor.h: several workers on the same addresses, and who looks after them
 */
#ifndef GATEWAY_PROCESS_SUPERVISOR_H
#define GATEWAY_PROCESS_SUPERVISOR_H

#include "config/settings.h"

/*
 * Takes the settings over, binds the addresses, says where it listens, and serves: in this process
 * when there is one worker, else in forked ones that are started again when
 * they die.  The answer is the exit code.
 */
extern int supervisor_run(Settings *settings);

#endif /* GATEWAY_PROCESS_SUPERVISOR_H */
