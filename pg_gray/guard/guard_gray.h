/*
 * guard_gray.h: refuses DDL on gray tables that would make users stuck, or lose their rows
 */
#ifndef PG_GRAY_GUARD_GUARD_GRAY_H
#define PG_GRAY_GUARD_GUARD_GRAY_H

#include <stdint.h>

struct List;
struct Node;

/*
 * Raise object_in_use for a statement that drops a gray table with rows of users who are in gray;
 * and, while users are in gray or the release is open, for one that makes a gray table unlogged,
 * drops a column of its owner path, or renames a gray schema.
 *
 * Before a gray table of an open release is dropped, its release is locked (user_lock_all): nobody
 * comes to gray between this look and the drop.
 */
extern void guard_gray_check(const struct Node *statement);

/*
 * The same for a dropped column, and for a dropped table, that guard_gray_check could not know of.
 * `releases` as by guard_twin_releases.
 */
extern void guard_gray_refuse_column(const struct List *releases, unsigned int table,
									 const char *table_name, int16_t attnum, const char *column);
extern void guard_gray_refuse_table(const struct List *releases, unsigned int table,
									const char *table_name);

#endif /* PG_GRAY_GUARD_GUARD_GRAY_H */
