/*
 * tree.h: finds a table (the root) and all tables that lead to it by foreign keys
 */
#ifndef PG_GRAY_CLONE_TREE_H
#define PG_GRAY_CLONE_TREE_H

#include <stdbool.h>

struct ErrorData;
struct List;
struct OwnerPath;

typedef struct TreeTable
{
	unsigned int relation; /* Oid, of production */
	char		*name;	   /* qualified and quoted */
	int			 distance; /* foreign keys from the root; 1 for tables of `beside` */

	/* set by tree_owner.h */
	struct OwnerPath *owner;	  /* null: the caller must choose a candidate */
	struct List		 *candidates; /* owner paths (OwnerPath); none for the root */
	bool			  is_chosen;  /* the caller named the owner path in choices */

	struct ErrorData *problem; /* why it can't be cloned; null: it can, or is unchecked */
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
	struct List *tables;   /* TreeTable, by distance and then by name; the root first */
	struct List *lost;	   /* TreeTable: led to the root only through tables left out */
	struct List *starts;   /* TreeTable: the root, and tables of `beside` not found from it */
	struct List *left_out; /* Oid */
	TreeEdges	 edges;
} Tree;

/*
 * Find the root and all tables that lead to it by foreign keys.  `beside` (Oids) are more tables to
 * start from, which no foreign key needs to connect with the root.  `left_out` (Oids), and tables
 * in gray schemas, are passed over.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern Tree *tree_find(unsigned int root, struct List *beside, struct List *left_out);

/* The tree's entry of a relation, or null. */
extern TreeTable *tree_table(const Tree *tree, unsigned int relation);

/* Put the tables into an order with owners before owned.  Raises if owner paths form a circle. */
extern void tree_sort_owners(Tree *tree);

/* Does this table lead to the root, or to a table beside it, without passing through `avoided`? */
extern bool tree_leads_past(const Tree *tree, const TreeTable *table, unsigned int avoided);

#endif /* PG_GRAY_CLONE_TREE_H */
