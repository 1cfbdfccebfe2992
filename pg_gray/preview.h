/*
 * preview.h: what a dry run of gray_clone_tree tells beyond what it would clone
 */
#ifndef PREVIEW_H
#define PREVIEW_H

#include "tree.h"

struct List;
struct OwnerPath;

/*
 * How a row of a table leads to its user, and how many rows lead to nobody, since
 * a column on the way is null; palloc'd.  The caller has called SPI_connect.
 */
extern char *preview_owner(const struct OwnerPath *path);

/*
 * Tables (a list of Oids, by name) that tables of the tree lead to, near or far,
 * and that are not of it: reference data, which belongs to nobody and stays in
 * production.  `registered` are those of the release (OwnerPath).
 */
extern struct List *preview_outside(const Tree *tree, const struct List *registered);

#endif /* PREVIEW_H */
