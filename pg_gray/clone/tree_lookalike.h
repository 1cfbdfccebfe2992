/*
 * tree_lookalike.h: tables that no foreign key connects with a tree, but a column's name might
 */
#ifndef PG_GRAY_CLONE_TREE_LOOKALIKE_H
#define PG_GRAY_CLONE_TREE_LOOKALIKE_H

#include "clone/tree.h"

typedef struct Lookalike
{
	unsigned int table; /* Oid */
	char		*name;	/* qualified and quoted */
	char		*column;
} Lookalike;

/*
 * Tables (Lookalike, by name) that are not of the tree, nor `registered` (OwnerPath) or left
 * out, with a column of a uid column's type that has the name of one, and no foreign key.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *lookalike_find(const Tree *tree, const struct List *registered);

#endif /* PG_GRAY_CLONE_TREE_LOOKALIKE_H */
