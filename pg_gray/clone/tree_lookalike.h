/*
 * tree_lookalike.h: finds tables that look like tables of users by a column's name, but that no
 * foreign key connects with the tree
 */
#ifndef PG_GRAY_CLONE_TREE_LOOKALIKE_H
#define PG_GRAY_CLONE_TREE_LOOKALIKE_H

#include <stdint.h>

#include "clone/tree.h"

typedef struct Lookalike
{
	unsigned int table; /* Oid */
	char		*name;	/* qualified and quoted */
	char		*column;
} Lookalike;

/*
 * Return the lookalikes (Lookalike, ordered by name).  A lookalike has a column without a foreign
 * key that has the type and the name of a uid column.  Tables of the tree, `registered` (OwnerPath)
 * and left out tables are none.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *lookalike_find(const Tree *tree, const struct List *registered);

/*
 * Return the names that uid columns are likely to have in other tables, as a text[] (Datum): in
 * lower case and without underscores.  `paths` are owner paths (OwnerPath, or null).
 */
extern uintptr_t lookalike_names(const struct List *paths);

#endif /* PG_GRAY_CLONE_TREE_LOOKALIKE_H */
