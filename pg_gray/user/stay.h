/*
 * stay.h: the record of a user's stay in gray, from the migration to the way home
 */
#ifndef PG_GRAY_USER_STAY_H
#define PG_GRAY_USER_STAY_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

struct Column;
struct List;
struct QueryArgs;
struct Release;
struct Twin;
struct TwinSet;
struct Uid;

/* Arrays are by place of the table in the prepared's set. */
typedef struct Stay
{
	int table_count; /* 0: nothing is known, also of more or fewer tables than there are now */

	/* transaction ids; 0: they can't be relied on */
	unsigned int xid;	/* that the rows got, which nobody else has */
	unsigned int since; /* of what was written later, none is before */

	uint64_t  since_full; /* the same, with its epoch */
	uint64_t *rows;		  /* how many were moved */
	uint64_t *defaults;	  /* Twin.defaults then; null: there were none */
	uint64_t *columns;	  /* twin_shape.h; null: not known, and so for those below */
	uint64_t *storage;
	int		  relation_count;
	unsigned int *
		relations; /* Oids: of each table and its leaf partitions, production's first; 0 ends a side */
} Stay;

/*
 * Record the stay of a user whose rows the present (sub)transaction has copied, so many of each
 * table (by place).  The caller has called SPI_connect and acts as the catalog owner.
 */
extern void stay_begin(const struct Release *release, const struct Uid *uid,
					   const struct TwinSet *set, const uint64_t *rows);

/*
 * The stay of a user ($1 of args) in so many tables; palloc'd.  Nothing is known of a user who is
 * at home.  The caller has called SPI_connect.
 */
extern Stay *stay_load(const struct Release *release, int table_count, const struct QueryArgs *args);

/* As stay_load, and the record is deleted. */
extern Stay *stay_end(const struct Release *release, int table_count, const struct QueryArgs *args);

/* A stay, and the place of a table whose pairs of columns were, or may have been, others then. */
typedef struct Altered
{
	const Stay *stay;
	int			place;
} Altered;

/* False, and `altered` is nothing, when the pairs of a twin are known to be the same. */
extern bool stay_find_altered(Altered *altered, const Stay *stay, int place,
							  const struct Twin *twin);

/* Had the table this column (an attribute number) on a side?  True when that is not known. */
extern bool stay_had_column(const Altered *altered, Side side, int attnum);

/* Was the column not there yet on one side, or on both? */
extern bool stay_is_new_pair(const Altered *altered, const struct Column *column);

/* Was the column altered on a side since the stay began? */
extern bool stay_is_altered(const Stay *stay, const struct Column *column, Side side);

/* The table that was at a place on a side, and its leaf partitions (Oids); NIL when that is not known. */
extern struct List *stay_relations(const Stay *stay, int place, Side side);

/* Is the table (Oid) known to be another than that which was there? */
extern bool stay_is_another(const Stay *stay, int place, Side side, unsigned int relation);

#endif /* PG_GRAY_USER_STAY_H */
