/*
 * copy.h: a user's rows, from one side's table into the other's
 */
#ifndef COPY_H
#define COPY_H

#include "twin.h"

struct Move;

/*
 * Insert the rows that a user has on side `from` into the twin on the other
 * side, and count them.  `condition`, if not null, is one more on row p
 * (production) or g (gray).  Identity values are moved as they are; generated
 * columns are computed anew.
 */
extern void copy_rows(struct Move *move, const Twin *twin, Side from, const char *condition);

#endif /* COPY_H */
