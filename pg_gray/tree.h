/*
 * tree.h: a table and all tables that lead to it by foreign keys
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>

struct List;
struct OwnerPath;

typedef struct TreeTable
{
	unsigned int relation; /* Oid, of production */
	char		*name;	   /* qualified and quoted */
	int			 distance; /* foreign keys between it and the root */

	/* set by tree_owner.h */
	struct OwnerPath *owner;	  /* null: to be chosen among the candidates */
	struct List		 *candidates; /* owner paths (OwnerPath); none for the root */
} TreeTable;

/* Foreign keys of the database, ordered by the table they lead to. */
typedef struct TreeEdges
{
	int			  count;
	unsigned int *to;	/* Oid */
	unsigned int *from; /* Oid */
	char		**from_name;
} TreeEdges;

typedef struct Tree
{
	struct List *tables; /* TreeTable, by distance and then by name; the root first */
	TreeEdges	 edges;
} Tree;

/*
 * The root and all that leads to it; gray schemas are left out.  The caller has
 * called SPI_connect and acts as the catalog owner.
 */
extern Tree *tree_find(unsigned int root);

/* The entry of a relation, or null. */
extern TreeTable *tree_table(const Tree *tree, unsigned int relation);

/* True when this table leads to the root other than through `avoided`. */
extern bool tree_leads_past(const Tree *tree, const TreeTable *table, unsigned int avoided);

#endif /* TREE_H */
