/*
 * tree.h: a table and all tables that lead to it by foreign keys
 */
#ifndef TREE_H
#define TREE_H

struct List;
struct OwnerPath;

typedef struct TreeTable
{
	unsigned int relation;		/* Oid, of production */
	char	   *name;			/* qualified and quoted */
	int			distance;		/* foreign keys between it and the root */
	struct OwnerPath *owner;	/* null: to be chosen among the candidates */
	struct List *candidates;	/* owner paths (OwnerPath); null for the root */
} TreeTable;

/*
 * The root and what leads to it (TreeTable), by distance and then by name; gray
 * schemas are left out.  The caller has called SPI_connect and acts as the
 * catalog owner.
 */
extern struct List *tree_find(unsigned int root);

/*
 * Find out how each table leads to its uid: `registered` are the owner paths
 * (OwnerPath) of tables cloned already, the root's among them or in `root`.
 */
extern void tree_assign_owners(struct List *tree, struct List *registered,
							   struct OwnerPath *root);

#endif /* TREE_H */
