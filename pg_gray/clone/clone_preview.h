/*
 * clone_preview.h: what a dry run of gray_clone_tree tells beyond what it would clone
 */
#ifndef PG_GRAY_CLONE_CLONE_PREVIEW_H
#define PG_GRAY_CLONE_CLONE_PREVIEW_H

struct OwnerPath;
struct TreeCloning;
struct ViewPlan;

/*
 * How a row of a table leads to its user, and how many rows lead to nobody, since
 * a column on the way is null; palloc'd.  The caller has called SPI_connect.
 */
extern char *preview_owner(const struct OwnerPath *path);

/*
 * A gray table that refers to this table of production; or null.  Its foreign key is led to
 * gray when the table is cloned, which locks that ACCESS EXCLUSIVE.
 */
extern char *preview_referrer(unsigned int relation);

/* The views that would follow the tables. */
extern struct ViewPlan *preview_views(const struct TreeCloning *cloning);

/*
 * Return the rows that come after tables and views: what stays, and why, and the whole call.
 * What belongs to nobody is what the tables lead to by foreign keys, near or far.
 */
extern void preview_put(const struct TreeCloning *cloning);

#endif /* PG_GRAY_CLONE_CLONE_PREVIEW_H */
