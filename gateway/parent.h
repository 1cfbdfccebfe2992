/*
 * parent.h: several workers on the same addresses, and who looks after them
 */
#ifndef PARENT_H
#define PARENT_H

#include "settings.h"

/*
 * Takes the settings over, binds the addresses, says where it listens, and serves: in this process
 * when there is one worker, else in forked ones that are started again when
 * they die.  The answer is the exit code.
 */
extern int parent_run(Settings *settings);

#endif /* PARENT_H */
