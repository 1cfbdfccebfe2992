/*
 * outside.h: references from tables outside the release to rows that are deleted and written anew
 */
#ifndef OUTSIDE_H
#define OUTSIDE_H

#include "twin.h"

struct List;
struct Move;

/*
 * Of the user's rows in a production table, those at `places` (Places; null: all) are about to
 * be deleted.  Raise foreign_key_violation when a row of a table outside the release refers
 * to one that will be there again: its foreign key (ON DELETE ...) would act as if it were gone.
 * Those rows that such a key may lead to are locked NOWAIT: raises lock_not_available.
 * The caller acts as the owner of the tables.
 */
extern void outside_refuse(const struct Move *move, const Twin *twin, const struct List *places);

#endif /* OUTSIDE_H */
