/*
 * integrity.h: foreign keys of moved rows, checked set-wise
 *
 * Each raises foreign_key_violation as PostgreSQL's own check would, naming
 * table, constraint and key.  The caller has called SPI_connect and acts as
 * the owner of the tables.  args holds the uid.
 */
#ifndef INTEGRITY_H
#define INTEGRITY_H

#include "query.h"
#include "twin.h"

/*
 * Every foreign key of the user's rows on a side holds.  Rows they refer to
 * that are not the user's own by definition stay locked FOR KEY
 * SHARE, taken NOWAIT: raises lock_not_available when one is just going.
 */
extern void integrity_check_references(const TwinSet *set, const Twin *twin, Side side,
									   QueryArgs *args);

/*
 * No other user's row on a side refers to a row of this user that is about
 * to go.  `goes` is a condition on row p (production) or g (gray).
 */
extern void integrity_check_referrers(const TwinSet *set, const Twin *twin, Side side,
									  const char *goes, QueryArgs *args);

#endif /* INTEGRITY_H */
