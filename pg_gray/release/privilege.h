/*
 * privilege.h: who may use what the extension makes
 */
#ifndef PG_GRAY_RELEASE_PRIVILEGE_H
#define PG_GRAY_RELEASE_PRIVILEGE_H

#include <stdbool.h>

struct List;
struct Release;

/* Somebody who may use a relation of a release. */
typedef struct PrivilegeUser
{
	char *name;		/* a role as GRANT takes it, or PUBLIC */
	char *relation; /* one that it may use, qualified and quoted */
} PrivilegeUser;

/*
 * Take a new table, with the sequences of its columns, or a new schema from everybody
 * but its owner: ALTER DEFAULT PRIVILEGES may have opened it.  The caller acts as the
 * owner and has called SPI_connect.
 */
extern void privilege_close_table(unsigned int table);
extern void privilege_close_schema(unsigned int schema);

/*
 * Grant USAGE on the gray schema to whoever may use a production table or view of the
 * release, or its twin: their grants were cloned, and are of no use without.  The caller
 * acts as the catalog owner and has called SPI_connect, as below.
 */
extern void privilege_share_usage(const struct Release *release);

/*
 * Those who have no USAGE of the gray schema yet (PrivilegeUser), and with `gray_too` also
 * who was granted something on gray relations alone.  Members of another are left out.
 */
extern struct List *privilege_without_usage(const struct Release *release, bool gray_too);

#endif /* PG_GRAY_RELEASE_PRIVILEGE_H */
