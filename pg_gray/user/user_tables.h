/*
 * user_tables.h: creates the tables that hold the users of a release
 */
#ifndef PG_GRAY_USER_USER_TABLES_H
#define PG_GRAY_USER_USER_TABLES_H

struct Release;

/*
 * Allow uids of this base type, too.  The first call creates the per-release tables; a later call
 * changes them to the type, if it is the wider type of its family.  Raises when the release has
 * uids of another family.
 */
extern void user_tables_set_uid_type(struct Release *release, unsigned int uid_type);

#endif /* PG_GRAY_USER_USER_TABLES_H */
