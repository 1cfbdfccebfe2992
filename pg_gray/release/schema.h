/*
 * schema.h: makes the gray schema of a release, and checks who may create in it
 *
 * Cloned objects look for functions, operators and types in the gray schema first, and so does
 * version 2.  A role that may create functions there would have them called as the owner of the
 * tables.  So only roles that can act as that owner, or as the catalog's owner, may create there.
 */
#ifndef PG_GRAY_RELEASE_SCHEMA_H
#define PG_GRAY_RELEASE_SCHEMA_H

#include <stdbool.h>

#include "postgres/role.h"

struct List;
struct Release;

/* A reason why a schema can't be trusted. */
typedef struct SchemaFault
{
	char *problem; /* "it belongs to role x" */
	char *hint;
} SchemaFault;

/* Rights on a schema that a role is given while it creates an object there. */
typedef struct SchemaLoan
{
	unsigned int schema; /* Oid */
	unsigned int role;	 /* Oid */
	const char	*rights; /* "USAGE, CREATE"; null: the role had them already */
} SchemaLoan;

/*
 * Create the schema as the caller, who needs CREATE on the database, or accept the existing schema
 * of this name.  Raises insufficient_privilege for a schema that does not belong to the caller, or
 * that has a fault.  Returns true when the schema was created.  The caller of this and the
 * functions below has called SPI_connect.
 */
extern bool schema_make(const char *name);

/*
 * Return the faults (SchemaFault) of the gray schema of a release whose tables belong to role
 * `owner`; the caller acts as the catalog owner.
 */
extern struct List *schema_faults(const struct Release *release, unsigned int owner);

/* Raise insufficient_privilege for the first fault. */
extern void schema_refuse(const struct Release *release, unsigned int owner);

/* Grant USAGE to this role: moves run as it, and name tables of the gray schema. */
extern void schema_admit(const struct Release *release, unsigned int owner);

/* Revoke that USAGE from a role that is no longer the owner. */
extern void schema_dismiss(const struct Release *release, unsigned int role);

/*
 * Lend rights on the gray schema to a role that lacks them, until schema_take_back.  An error
 * takes the rights back with its (sub)transaction.
 */
extern SchemaLoan schema_lend(unsigned int schema, unsigned int role, const char *rights);
extern void		  schema_take_back(const SchemaLoan *loan);

#endif /* PG_GRAY_RELEASE_SCHEMA_H */
