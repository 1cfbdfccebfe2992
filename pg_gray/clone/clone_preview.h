/*
 * clone_preview.h: the rows that only a dry run of gray_clone_tree returns
 */
#ifndef PG_GRAY_CLONE_CLONE_PREVIEW_H
#define PG_GRAY_CLONE_CLONE_PREVIEW_H

struct OwnerPath;
struct TreeCloning;
struct ViewPlan;

/*
 * Describe the owner path of a table, and count the rows that belong to nobody because a column of
 * the path is null; palloc'd.  The caller has called SPI_connect.
 */
extern char *preview_owner(const struct OwnerPath *path);

/*
 * The name of a gray table that refers to this production table, or null.  When the production
 * table is cloned, the foreign key of the gray table is made to refer to the gray twin, which locks
 * the production table ACCESS EXCLUSIVE.
 */
extern char *preview_referrer(unsigned int relation);

/* The views that would follow the tables into the gray schema. */
extern struct ViewPlan *preview_views(const struct TreeCloning *cloning);

/*
 * Return the rows that come after the rows of tables and views: each table that is not cloned, with
 * the reason, and then the whole call.  Tables of nobody are those to which the cloned tables lead
 * by foreign keys, directly or through other tables.
 */
extern void preview_put(const struct TreeCloning *cloning);

#endif /* PG_GRAY_CLONE_CLONE_PREVIEW_H */
