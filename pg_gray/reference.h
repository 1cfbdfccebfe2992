/*
 * reference.h: the foreign keys of a release's tables, and what is known of them
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>

#include "twin.h"

struct ForeignKeyCacheInfo;
struct List;
struct Playbook;

/* A valid foreign key of a twin's table on one side, or of one of its partitions. */
typedef struct Reference
{
	Side						side;
	struct ForeignKeyCacheInfo *key;
	Twin					   *twin; /* whose table has it */
	Twin *parent;					  /* whose table it refers to; null: one outside the release */

	/* The row that it refers to is the user's own, since it leads to the owner. */
	bool to_owner;

	/* It refers to columns of the key by which parent's rows know their twins. */
	bool to_key;

	/* In gray: the rows that are copied from production satisfy it, since those did. */
	bool holds_by_copy;
} Reference;

/* Fill in playbook->references; the caller has called SPI_connect. */
extern void reference_load_all(struct Playbook *playbook);

/* References of a twin's table on a side. */
extern struct List *reference_list(const struct Playbook *playbook, const Twin *twin, Side side);

#endif /* REFERENCE_H */
