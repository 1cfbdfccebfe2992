/*
 * rival.h: refuses a row whose unique key another user's row has on the other side
 */
#ifndef PG_GRAY_UNIQUE_RIVAL_H
#define PG_GRAY_UNIQUE_RIVAL_H

struct TriggerData;

/*
 * Raise unique_violation when the row that was inserted, or whose keys an UPDATE changed, has a
 * rival.  To be called from an AFTER ROW trigger whose arguments name the release and the side.
 * Waits for transactions that are writing a row with the same key.
 */
extern void rival_refuse(struct TriggerData *trigger);

#endif /* PG_GRAY_UNIQUE_RIVAL_H */
