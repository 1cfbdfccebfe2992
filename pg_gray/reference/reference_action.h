/*
 * reference_action.h: describes the action of a foreign key on the rows that refer to a deleted
 * row, and raises the error for a row that is still referred to
 */
#ifndef PG_GRAY_REFERENCE_REFERENCE_ACTION_H
#define PG_GRAY_REFERENCE_REFERENCE_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "release/release_table.h"

struct List;
struct ReferenceAction;
struct Release;

#define REFERENCE_MAX_COLUMNS 32

typedef struct ReferenceAction
{
	unsigned int constraint; /* Oid */
	char		*name;
	unsigned int referrer; /* Oid of the table that has the foreign key */
	unsigned int referred; /* Oid of the table that it refers to */
	int			 count;	   /* number of columns */
	int16_t		 referring_columns[REFERENCE_MAX_COLUMNS];
	int16_t		 referred_columns[REFERENCE_MAX_COLUMNS];
	unsigned int equal[REFERENCE_MAX_COLUMNS]; /* Oids of operators: referred = referring */
	char		 on_delete;					   /* FKCONSTR_ACTION_... */
	char		 on_update;

	/* for a release's tables, see reference_action_list */
	const ReleaseTable *table; /* the table that has the foreign key, itself or as a partition */
	Side				side;
} ReferenceAction;

/*
 * Load an action from pg_constraint, without table and side; return false when the constraint is
 * no foreign key.
 */
extern bool reference_action_load(unsigned int constraint, ReferenceAction *action);

/* True when the action, other than ON UPDATE CASCADE, changes or deletes the referring rows. */
extern bool reference_action_on_delete(const ReferenceAction *action);
extern bool reference_action_on_update(const ReferenceAction *action);

/* Return "ON DELETE CASCADE ON UPDATE SET NULL"; palloc'd. */
extern char *reference_action_text(const ReferenceAction *action);

/*
 * Return the foreign keys with such an action (ReferenceAction) by which tables of the release, on
 * both sides, and their partitions refer to tables outside; in order of the tables, production
 * before gray.  Tables of the gray schema are version 2's own, and do not count as outside.  The
 * caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *reference_action_list(const struct Release *release);

/* Return those of these foreign keys that refer to one of these tables (Oids). */
extern struct List *reference_action_list_to(const struct Release *release,
											 const struct List	  *referred);

/* The values by which rows refer to the deleted or updated row. */
typedef struct ReferenceValues
{
	unsigned int	 referred; /* Oid of the row's table, which may be a partition */
	const int16_t	*columns;  /* columns of this table */
	const uintptr_t *values;   /* Datums */
	unsigned int	*types;	   /* Oids of the values' types; null: those of the columns */
} ReferenceValues;

/*
 * Raise foreign_key_violation in PostgreSQL's own words, so that applications recognise it.  The
 * detail is "Key (id)=(20) is <state>.", or "The key is ..." for a role that may not read the key.
 */
extern void reference_error_raise(const struct ReferenceAction *action, const ReferenceValues *key,
								  const char *state, const char *hint) pg_attribute_noreturn();

#endif /* PG_GRAY_REFERENCE_REFERENCE_ACTION_H */
