/*
 * own_load.h: loads the own tables of a release, which only version 2 has
 */
#ifndef PG_GRAY_RELEASE_OWN_LOAD_H
#define PG_GRAY_RELEASE_OWN_LOAD_H

#include "release/twin.h"

struct Release;
struct StringInfoData;

/*
 * Load the own tables whose rows belong to users into a set of twins that is loaded.  A table that
 * is gone, or whose way to the user is gone, is left out.
 */
extern void own_load(const struct Release *release, TwinSet *set);

/*
 * Return the type (Oid) by which values of a column are parked, and its length.  A domain is parked
 * as its base type; a type that the application made as text, since a parked column would keep a
 * migration from dropping it.
 */
extern unsigned int own_parked_type(const Column *column, int32_t *typmod);

/* Append a parked value (an expression) as a value of its gray column. */
extern void own_parked_value(struct StringInfoData *sql, const Column *column,
							 const char *expression);

/* Return a gray column's value (an expression) as it is parked; palloc'd. */
extern char *own_value_to_park(const Column *column, const char *expression);

/* Return the names (char *) of the parked tables, qualified. */
extern struct List *own_parked_list(const struct Release *release);

/* Return them for a list of tables in SQL; null: there is none. */
extern char *own_parked_tables(const struct Release *release);

/*
 * SQL for the owner path of own table o, in words: "user_id", "order_id -> v2.orders" or "nobody".
 * The twin and the own table at its parent_position are t and p.
 */
#define OWN_LOAD_OWNER \
	"CASE WHEN o.is_shared THEN 'nobody' ELSE (" \
	"SELECT string_agg(quote_ident(c.name), ', ' ORDER BY u.place)" \
	" FROM unnest(coalesce(o.path_attnums, ARRAY[o.uid_attnum])) WITH ORDINALITY AS u (attnum, place)" \
	" JOIN gray.own_column c ON c.release_id = o.release_id AND c.position = o.position" \
	" AND c.attnum = u.attnum)" \
	" || coalesce(' -> ' || coalesce(t.gray, p.gray), '') END"

#define OWN_LOAD_PARENTS \
	" LEFT JOIN gray.release_table t ON t.release_id = o.release_id AND t.position = o.parent_position" \
	" LEFT JOIN gray.own_table p ON p.release_id = o.release_id AND p.position = o.parent_position"

#endif /* PG_GRAY_RELEASE_OWN_LOAD_H */
