/*
 * rival.h: another user's row with the same unique key, on the other side
 */
#ifndef PG_GRAY_UNIQUE_RIVAL_H
#define PG_GRAY_UNIQUE_RIVAL_H

struct TriggerData;

/*
 * Raise unique_violation when the row that was inserted, or whose keys an UPDATE
 * changed, has a rival.  For an AFTER ROW trigger whose arguments name the release
 * and the side.  Waits for transactions that are writing a row with the same key.
 */
extern void rival_refuse(struct TriggerData *trigger);

#endif /* PG_GRAY_UNIQUE_RIVAL_H */
