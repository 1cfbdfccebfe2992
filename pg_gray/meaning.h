/*
 * meaning.h: columns whose values mean something else than when the rows were moved
 *
 * ALTER COLUMN ... TYPE ... USING price * 100 changes values on one side alone: on the way home
 * gray's would be taken for changed ones.
 */
#ifndef MEANING_H
#define MEANING_H

#include "twin.h"

struct Move;
struct StringInfoData;

/*
 * Raise when a column was altered during the stay, and rows that nobody wrote in gray are no more
 * what the migration makes of production's, nor lead back to those.  Where all rows were
 * written, when most are so.
 */
extern void meaning_refuse_changed(struct Move *move);

/*
 * Append a condition: g's value neither is what the migration makes of p, nor leads back to p's.
 * One that was kept from an earlier stay, of user `uid` (an expression), is neither.
 */
extern void meaning_append_strange(struct StringInfoData *sql, const Twin *twin,
								   const TwinColumn *column, const char *uid);

#endif
