/*
 * catalog.h: knows schema gray, its tables and owner, and the triggers that the extension makes
 *
 * A role that may create a table may put a trigger function on it with any arguments.  Our trigger
 * functions lock users, and so hold up moves: called by such a trigger, they only raise.
 */
#ifndef PG_GRAY_POSTGRES_CATALOG_H
#define PG_GRAY_POSTGRES_CATALOG_H

struct RelationData;
struct Trigger;

/* The name of the catalog's schema, which is fixed. */
#define CATALOG_SCHEMA "gray"

/* Return the Oid of a table in the catalog schema; raise when there is none. */
extern unsigned int catalog_relation(const char *name);

/* Return the role that owns the catalog tables. */
extern unsigned int catalog_owner(void);

/* Raise trigger_protocol_violated unless the trigger has this name. */
extern void own_trigger_require(struct RelationData *table, const struct Trigger *trigger,
								const char *name);

/*
 * The same; raise also unless the table is the table `table_name` of schema gray, or, with null,
 * any table of schema gray.
 */
extern void own_trigger_require_catalog(struct RelationData *table, const struct Trigger *trigger,
										const char *name, const char *table_name);

/*
 * Raise object_not_in_prerequisite_state: the table has a fence, but is not a table of the
 * release.
 */
extern void own_trigger_refuse_table(struct RelationData *table, const char *trigger,
									 const char *release) pg_attribute_noreturn();

#endif /* PG_GRAY_POSTGRES_CATALOG_H */
