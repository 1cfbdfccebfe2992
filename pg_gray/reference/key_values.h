/*
 * key_values.h: carries the values by which rows refer to others, or are referred to
 *
 * Two tables of different owners are never in one query.  The values are read from one table as
 * its owner, and searched for in the other table as that table's owner (key_look.h).
 */
#ifndef PG_GRAY_REFERENCE_KEY_VALUES_H
#define PG_GRAY_REFERENCE_KEY_VALUES_H

#include <stdbool.h>
#include <stdint.h>

struct ReferenceAction;
struct StringInfoData;

typedef struct KeyValues
{
	int						count; /* number of values of each row */
	const unsigned int	   *types; /* Oids */
	struct Tuplestorestate *store;
	struct TupleDescData   *descriptor;
	struct TupleTableSlot  *slot;
} KeyValues;

/*
 * Return the types of the values of a foreign key's referring or referred columns, as its
 * operators take them.  Palloc'd.
 */
extern unsigned int *key_values_referring_types(const struct ReferenceAction *action);
extern unsigned int *key_values_referred_types(const struct ReferenceAction *action);

/* Append SELECT DISTINCT and these columns of row `alias`, cast to these types. */
extern void key_values_select(struct StringInfoData *sql, const char *alias, unsigned int relation,
							  const int16_t *columns, const unsigned int *types, int count);

/* Begin an empty collection in the current memory context; the types are borrowed. */
extern void key_values_begin(KeyValues *values, const unsigned int *types, int count);
extern void key_values_end(KeyValues *values);

/* Return a receiver for the rows of such a SELECT. */
extern struct _DestReceiver *key_values_receiver(KeyValues *values);

/* Read the next values, valid until the following call; return false when there are no more. */
extern bool key_values_next(KeyValues *values, uintptr_t *next);

/* Return "(a, b)=(1, 2)": the columns with these values; palloc'd. */
extern char *key_values_text(const KeyValues *values, const uintptr_t *of, unsigned int relation,
							 const int16_t *columns);

#endif /* PG_GRAY_REFERENCE_KEY_VALUES_H */
