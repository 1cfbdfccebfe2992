/*
 * fence.h: puts the triggers of the fence up and takes them down
 */
#ifndef PG_GRAY_FENCE_FENCE_H
#define PG_GRAY_FENCE_FENCE_H

#include <stdbool.h>

#include "release/twin.h"

struct List;
struct Release;

/*
 * The name of the row trigger.  Triggers fire in the order of their names, and a foreign key's
 * trigger is called RI_...: so the fence comes first.  A writer who waits for a move has then not
 * yet locked the row that the new row refers to.
 */
#define FENCE_TRIGGER "00_pg_gray_fence"

/* The name of the trigger against TRUNCATE. */
#define FENCE_TRUNCATE_TRIGGER "00_pg_gray_fence_truncate"

/*
 * Put the fence up on both sides of every table, and on production's side of a table that version 2
 * has dropped; or take it down on production's tables (Oids).
 * Takes SHARE ROW EXCLUSIVE on each table whose triggers change, and so waits for the writers that
 * started before.  The caller has called SPI_connect.
 */
extern void fence_up(const struct Release *release, const TwinSet *set);
extern void fence_down(const struct List *production);

/* Put the fence up on one gray table (an Oid), as its owner. */
extern void fence_up_gray(const struct Release *release, unsigned int table);

/* True when a production table or partition has the trigger against TRUNCATE, enabled or not. */
extern bool fence_guards_truncate(unsigned int relation);

/* Remove the fence from tables of production (Oids), when a release is dropped. */
extern void fence_remove(const struct List *production);

#endif /* PG_GRAY_FENCE_FENCE_H */
