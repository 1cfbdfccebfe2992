/*
 * privilege.h: sets the privileges on objects that the extension makes
 */
#ifndef PG_GRAY_RELEASE_PRIVILEGE_H
#define PG_GRAY_RELEASE_PRIVILEGE_H

#include <stdbool.h>

struct List;
struct Release;

/* A role that may use a relation of a release. */
typedef struct PrivilegeUser
{
	char *name;		/* a role as GRANT takes it, or PUBLIC */
	char *relation; /* a relation that it may use, qualified and quoted */
} PrivilegeUser;

/*
 * Revoke all rights on a new table, with the sequences of its columns, on a new sequence or on a
 * new schema, from all roles but its owner: ALTER DEFAULT PRIVILEGES may have granted some.  The caller acts as the
 * owner and has called SPI_connect.
 */
extern void privilege_close_table(unsigned int table);
extern void privilege_close_sequence(unsigned int sequence);
extern void privilege_close_schema(unsigned int schema);

/*
 * Grant USAGE on the gray schema to each role that may use a production table or view of the
 * release, or its twin: its grants were cloned, and are useless without USAGE.  The caller of this
 * and the next function acts as the catalog owner and has called SPI_connect.
 */
extern void privilege_share_usage(const struct Release *release);

/*
 * Return the roles (PrivilegeUser) that still lack USAGE of the gray schema; with `gray_too` also
 * roles that were granted rights on gray relations alone.  Members of another such role are left
 * out.
 */
extern struct List *privilege_without_usage(const struct Release *release, bool gray_too);

#endif /* PG_GRAY_RELEASE_PRIVILEGE_H */
