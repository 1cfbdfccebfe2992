/*
 * catalog.h: where the extension's own tables are
 */
#ifndef CATALOG_H
#define CATALOG_H

/* The schema of the catalog tables, fixed by the design. */
#define CATALOG_SCHEMA "gray"

/* Oid of a table in the catalog schema; raises when there is none. */
extern unsigned int catalog_relation(const char *name);

/* The role that owns the catalog tables. */
extern unsigned int catalog_owner(void);

#endif /* CATALOG_H */
