/*
 * catalog.h: schema gray, its tables and owner, and the triggers that the extension makes
 *
 * Whoever may create a table may put a trigger function on it with any arguments.  Ours lock
 * users, and so hold up moves: for such a trigger they do nothing but raise.
 */
#ifndef PG_GRAY_POSTGRES_CATALOG_H
#define PG_GRAY_POSTGRES_CATALOG_H

struct RelationData;
struct Trigger;

/* The schema of the catalog tables, fixed by the design. */
#define CATALOG_SCHEMA "gray"

/* Oid of a table in the catalog schema; raises when there is none. */
extern unsigned int catalog_relation(const char *name);

/* The role that owns the catalog tables. */
extern unsigned int catalog_owner(void);

/* Raise trigger_protocol_violated unless the trigger has this name. */
extern void own_trigger_require(struct RelationData *table, const struct Trigger *trigger,
								const char *name);

/* The same, and unless the table is one of schema gray: that of this name, or, with null, any. */
extern void own_trigger_require_catalog(struct RelationData *table, const struct Trigger *trigger,
										const char *name, const char *table_name);

/* Raise object_not_in_prerequisite_state: the table has a fence, and is none of the release's. */
extern void own_trigger_refuse_table(struct RelationData *table, const char *trigger,
									 const char *release) pg_attribute_noreturn();

#endif /* PG_GRAY_POSTGRES_CATALOG_H */
