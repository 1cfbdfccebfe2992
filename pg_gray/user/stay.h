/*
 * stay.h: loads the record that the migration made of a user's stay in gray
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

/*
 * Arrays are by number of the table in the set.  The record has them by number in the registry, so
 * that it can be read when version 2 has dropped a table since.  A table that was gone when the stay
 * began has no relations, and else the numbers that it has now.
 */
typedef struct Stay
{
	int table_count; /* 0: the stay is unknown, as when the release has more or fewer tables now */

	/* transaction ids; 0: the id can't be relied on */
	unsigned int xid;	/* the xmin of the moved rows, and of no other rows */
	unsigned int since; /* no row that was written later has an xmin before this */

	uint64_t  since_full; /* `since` with its epoch */
	uint64_t *rows;		  /* number of moved rows */
	uint64_t *defaults;	  /* Twin.defaults at that time; null: there were none */
	uint64_t *columns;	  /* twin_shape.h; null: not known; so for the fields below */
	uint64_t *storage;
	uint64_t *own; /* triples of position, rows and shape of the own tables; null: there were none */
	int		  own_length; /* number of elements */
	int		  relation_count;
	unsigned int *
		/* Oids of each table and its leaf partitions, production's first; 0 ends a side */
		relations;
} Stay;

/* A number of own rows that no user has. */
#define STAY_OWN_ROWS_UNKNOWN INT64_MAX

/*
 * Record the stay of a user whose rows the present (sub)transaction has copied.  `rows` has the
 * number of copied rows, by number of the table, and `own_rows` by number of the own table, or
 * STAY_OWN_ROWS_UNKNOWN.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern void stay_begin(const struct Release *release, const struct Uid *uid,
					   const struct TwinSet *set, const uint64_t *rows, const uint64_t *own_rows);

/* True when an own table had this number of the user's rows, and the columns that it has now. */
extern bool stay_had_own(const Stay *stay, const struct Twin *own, uint64_t rows);

/*
 * Return the stay of a user ($1 of args) in the tables of the set; palloc'd.  The stay of a user who
 * is at home is unknown.  The caller has called SPI_connect.
 */
extern Stay *stay_load(const struct Release *release, const struct TwinSet *set,
					   const struct QueryArgs *args);

/* Return the stay as stay_load does, and delete the record. */
extern Stay *stay_end(const struct Release *release, const struct TwinSet *set,
					  const struct QueryArgs *args);

/* A stay, and the number of a table whose pairs of columns have, or may have, changed since. */
typedef struct Altered
{
	const Stay *stay;
	int			place;
} Altered;

/*
 * Return false, and leave `altered` empty, when the pairs of a twin are known to be the same as
 * then.
 */
extern bool stay_find_altered(Altered *altered, const Stay *stay, int place,
							  const struct Twin *twin);

/*
 * True when the table had this column (an attribute number) on a side, or when that is not known.
 */
extern bool stay_had_column(const Altered *altered, Side side, int attnum);

/* True when the column did not exist yet on one side, or on both. */
extern bool stay_is_new_pair(const Altered *altered, const struct Column *column);

/* True when the column was altered on a side since the stay began. */
extern bool stay_is_altered(const Stay *stay, const struct Column *column, Side side);

/*
 * Return the table that had this number on a side, and its leaf partitions (Oids); NIL when not
 * known.
 */
extern struct List *stay_relations(const Stay *stay, int place, Side side);

/* True when the table (Oid) is known to be another than the table of that time. */
extern bool stay_is_another(const Stay *stay, int place, Side side, unsigned int relation);

#endif /* PG_GRAY_USER_STAY_H */
