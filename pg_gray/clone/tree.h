/*
 * tree.h: a table and all tables that lead to it by foreign keys
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
	int			 distance; /* foreign keys between it and the root; 1: or none, beside the root */

	/* set by tree_owner.h */
	struct OwnerPath *owner;	  /* null: to be chosen among the candidates */
	struct List		 *candidates; /* owner paths (OwnerPath); none for the root */
	bool			  is_chosen;  /* by people */

	struct ErrorData *problem; /* why it can't be cloned; null: it can, or nobody has asked yet */
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
	struct List *lost;	   /* TreeTable: lead to the root only through tables that are left out */
	struct List *starts;   /* TreeTable: the root, and those beside it that lead nowhere near */
	struct List *left_out; /* Oid */
	TreeEdges	 edges;
} Tree;

/*
 * The root and all that leads to it, also through tables `beside` (Oids) it, which no
 * foreign key need connect with it; without `left_out` (Oids), and what is in gray schemas.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern Tree *tree_find(unsigned int root, struct List *beside, struct List *left_out);

/* The entry of a relation, or null. */
extern TreeTable *tree_table(const Tree *tree, unsigned int relation);

/* Put the tables into an order with owners before owned; raises where owner paths form a circle. */
extern void tree_sort_owners(Tree *tree);

/* True when this table leads to the root, or is beside it, other than through `avoided`. */
extern bool tree_leads_past(const Tree *tree, const TreeTable *table, unsigned int avoided);

#endif /* PG_GRAY_CLONE_TREE_H */
