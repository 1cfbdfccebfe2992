/*
 * migrate.h: copies the rows of one user from production to gray
 */
#ifndef PG_GRAY_MOVE_MIGRATE_H
#define PG_GRAY_MOVE_MIGRATE_H

struct Move;

/*
 * Copy the rows, and check the foreign keys of the copies.  The caller acts as the owner of the
 * tables.
 */
extern void migrate_rows(struct Move *move);

#endif /* PG_GRAY_MOVE_MIGRATE_H */
