/*
 * user_tables.h: the tables that hold the users of a release
 */
#ifndef PG_GRAY_USER_USER_TABLES_H
#define PG_GRAY_USER_USER_TABLES_H

struct Release;

/*
 * Let uids be of this base type, too.  The first time, the per-release tables are created;
 * later they are given the type, if it is the wider one of its family.  Raises when the release
 * has uids of another family.
 */
extern void user_tables_set_uid_type(struct Release *release, unsigned int uid_type);

#endif /* PG_GRAY_USER_USER_TABLES_H */
