/*
 * reference_error.h: a row is still referred to
 */
#ifndef REFERENCE_ERROR_H
#define REFERENCE_ERROR_H

#include <stdint.h>

struct ReferenceAction;

/* The values by which rows refer to the row that goes. */
typedef struct ReferenceValues
{
	unsigned int	 referred; /* Oid of its table, maybe a partition */
	const int16_t	*columns;  /* of that */
	const uintptr_t *values;   /* Datums */
	unsigned int	*types;	   /* Oids: theirs, or null: those of the columns */
} ReferenceValues;

/*
 * Raise foreign_key_violation in PostgreSQL's own words, so that applications know it.
 * The detail is "Key (id)=(20) is <state>.", or "The key is ..." for who may not read it.
 */
extern void reference_error_raise(const struct ReferenceAction *action, const ReferenceValues *key,
								  const char *state, const char *hint) pg_attribute_noreturn();

#endif /* REFERENCE_ERROR_H */
