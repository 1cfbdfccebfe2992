/*
 * bookkeeping.h: copies the tables in which migration runners note what they have run
 *
 * Version 2's runner works under a search_path that begins with the gray schema.  Without a copy
 * it would find production's table, and note there what it did in gray, or find no table, and
 * begin with the first migration.  A copy is no twin: it has no fence, and no user's rows.
 */
#ifndef PG_GRAY_CLONE_BOOKKEEPING_H
#define PG_GRAY_CLONE_BOOKKEEPING_H

#include "release/twin.h"

struct List;
struct Release;

typedef struct Bookkeeping
{
	unsigned int relation; /* Oid, of production */
	char		*name;	   /* qualified and quoted */
	char		*gray;	   /* the copy's name, qualified and quoted */
	char		*obstacle; /* why it is not copied; null: it is */
	char		*keys;	   /* columns that name a migration, as an array; "{}": it lists none */
} Bookkeeping;

/*
 * Return the bookkeeping tables (Bookkeeping, ordered by schema and name) in the schemas of the
 * tables that these owner paths (OwnerPath, or null) lead from.  These tables themselves are none.
 * The caller has called SPI_connect and acts as the catalog owner, also for the function below.
 */
extern struct List *bookkeeping_find(const struct Release *release, const struct List *paths);

/* Raise a notice for each of these tables that is not copied. */
extern void bookkeeping_tell_left(const struct List *tables);

/*
 * Copy these tables with their rows, and register them.  A table that can't be copied is told by a
 * notice or a warning, and is left out.  The owner of the release's tables may create in the gray
 * schema.
 */
extern void bookkeeping_copy(const struct Release *release, const TwinSet *set,
							 const struct List *tables);

/*
 * Return the SQL expression that makes a migration's name from a row of a table whose columns
 * `keys` (an array in text form, not empty) name it.
 */
extern char *bookkeeping_key(const char *keys);

/* The existing copies of a release, as "v2.a, v2.b"; or null. */
extern char *bookkeeping_registered(const struct Release *release);

#endif /* PG_GRAY_CLONE_BOOKKEEPING_H */
