/*
 * stay.h: what the migration recorded of a user's stay in gray
 */
#ifndef STAY_H
#define STAY_H

#include <stdbool.h>
#include <stdint.h>

#include "words.h"

struct List;
struct Move;
struct Release;
struct Uid;

/* Arrays are by place of the table in the playbook's set. */
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

/* The present or last stay of a user; palloc'd. */
extern Stay *stay_load(const struct Move *move);

/* Had the table at a place this column (an attribute number) on a side?  True when that is not known. */
extern bool stay_had_column(const Stay *stay, int place, Side side, int attnum);

/* The table that was at a place on a side, and its leaf partitions (Oids); NIL when that is not known. */
extern struct List *stay_relations(const Stay *stay, int place, Side side);

#endif
