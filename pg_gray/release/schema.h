/*
 * schema.h: the gray schema of a release, and who may create in it
 *
 * What is cloned looks for its functions, operators and types in the gray schema first, and so does
 * version 2: whoever may put some there has them called as the owner of the tables.  So nobody may
 * but roles that can act as that owner, or as the catalog's, anyway.
 */
#ifndef PG_GRAY_RELEASE_SCHEMA_H
#define PG_GRAY_RELEASE_SCHEMA_H

#include <stdbool.h>

#include "postgres/role.h"

struct List;
struct Release;

/* Why a schema can't be trusted. */
typedef struct SchemaFault
{
	char *problem; /* "it belongs to role x" */
	char *hint;
} SchemaFault;

/* Rights on a schema that a role is given for as long as it takes to make something there. */
typedef struct SchemaLoan
{
	unsigned int schema; /* Oid */
	unsigned int role;	 /* Oid */
	const char	*rights; /* "USAGE, CREATE"; null: it had them */
} SchemaLoan;

/*
 * Make the schema as the caller, who needs CREATE on the database, or take the one that has this name.
 * Raises insufficient_privilege for one that is not the caller's, or has a fault.  True: it was made.
 * The caller has called SPI_connect, as for all below.
 */
extern bool schema_make(const char *name);

/*
 * The faults (SchemaFault) of the gray schema of a release whose tables belong to role `owner`; the
 * caller acts as the catalog owner.
 */
extern struct List *schema_faults(const struct Release *release, unsigned int owner);

/* Raise insufficient_privilege for the first one. */
extern void schema_refuse(const struct Release *release, unsigned int owner);

/* Moves run as this role, and name tables of the gray schema: grant USAGE. */
extern void schema_admit(const struct Release *release, unsigned int owner);

/* Take it back from one who is the owner no more. */
extern void schema_dismiss(const struct Release *release, unsigned int role);

/*
 * Lend rights on the gray schema to a role that lacks them.  An error takes them back with its
 * (sub)transaction.
 */
extern SchemaLoan schema_lend(unsigned int schema, unsigned int role, const char *rights);
extern void		  schema_take_back(const SchemaLoan *loan);

#endif /* PG_GRAY_RELEASE_SCHEMA_H */
