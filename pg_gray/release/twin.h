/*
 * twin.h: a production table and its gray clone
 */
#ifndef PG_GRAY_RELEASE_TWIN_H
#define PG_GRAY_RELEASE_TWIN_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

struct List;
struct Release;

typedef struct TwinColumn
{
	int16_t		 registered;   /* the registry's production_attnum of the pair */
	int16_t		 attnum[2];	   /* by Side */
	char		*name[2];	   /* by Side, quoted */
	unsigned int type[2];	   /* by Side, Oid */
	int32_t		 typmod[2];	   /* by Side */
	unsigned int collation[2]; /* by Side, Oid */
	bool		 generated[2]; /* by Side: computed, never written */
	bool		 always;	   /* GENERATED ALWAYS AS IDENTITY in production: never updated */

	/* gray_map's expressions, or null for the value itself, cast if need be */
	char *up;	/* over the production row, for the gray column */
	char *down; /* over the gray row, for the production column */

	/* by Side: the transaction, with its epoch, that made or altered it last; 0: long ago */
	uint64_t altered[2];
	uint64_t mapped;   /* the same of the mapping; 0: there is none */
	bool	 along[2]; /* by Side: that may have been for the sake of a column before it */

	int kept_id; /* in gray.kept_column; 0: it has none (yet) */
} TwinColumn;

/* A column that only one side has. */
typedef struct LoneColumn
{
	int16_t		 attnum;
	char		*name; /* quoted */
	unsigned int type; /* Oid */
	int32_t		 typmod;
	unsigned int collation; /* Oid */

	/* gray: up, production: down; null: its default, or the frozen value */
	char *expression;
	bool  generated;		/* computed, never written */
	bool  volatile_default; /* another value each time (nextval, now, ...); identity too */

	int kept_id; /* in gray.kept_column; 0: it has none (yet) */
} LoneColumn;

/* Values are kept of a gray column that was another then: alone, or the twin of another. */
typedef struct FormerColumn
{
	int			kept_id;
	bool		same_pair; /* it was the same pair, but needed to be kept */
	int16_t		attnum;	   /* in gray */
	TwinColumn *column;	   /* the pair that it is now; null: it is alone */
} FormerColumn;

typedef struct Twin
{
	int			 position;	  /* 1 .. , owners before what they own */
	unsigned int relation[2]; /* by Side, Oid */
	char		*table[2];	  /* by Side, qualified and quoted */
	bool		 known[2];	  /* by Side: the registry's attribute numbers are of this table */
	TwinColumn	*columns;	  /* pairs that both sides still have */
	int			 column_count;
	LoneColumn	*lone[2]; /* by Side, in order of attnum */
	int			 lone_count[2];
	uint64_t	 defaults; /* a hash of the defaults of gray-only columns; 0: there are none */

	/* see twin_shape.h */
	uint32_t	 pairing;  /* a hash of the pairs and their mappings */
	int16_t		 natts[2]; /* by Side: attributes, dropped ones too */
	uint32_t	 files[2]; /* by Side: a hash of those that hold the rows */
	struct List *parts[2]; /* by Side: Oids of leaf partitions; NIL: there are none */

	/* owner: a column that holds the uid ... */
	TwinColumn *uid_column; /* null: by owner path */
	/* ... or an owner path: these columns refer to those of the parent */
	struct Twin *parent;
	int			 path_count;
	TwinColumn **path_columns;
	TwinColumn **parent_columns;

	/* columns of a unique, not-null key of the production table, maybe a deferrable one */
	int			 key_count; /* 0: there is none; rows are compared whole (home_keyless.h) */
	TwinColumn **key_columns;
	bool		 key_is_loose; /* gray takes several rows with one key */

	/* where values of gray wait for the user's next stay; null: there can be none */
	char		 *kept_table;
	FormerColumn *former;
	int			  former_count;
	char		 *state_table; /* the users of the release */
} Twin;

typedef struct TwinSet
{
	int	  count;
	Twin *twins;	/* in order of position */
	bool  outdated; /* the registry has old names or numbers of something */
	bool  partial;	/* tables of the release are missing in it, see twin_load_whole */
} TwinSet;

/*
 * Load the twins of a release in the current memory context.  Raises when a
 * table or a column that leads to the owner is gone.  The caller has called
 * SPI_connect and acts as the catalog owner.
 */
extern TwinSet *twin_load_all(const struct Release *release);

/*
 * Load what is whole: leave out tables that are gone on a side, or whose rows' way to their
 * owner is.
 */
extern TwinSet *twin_load_whole(const struct Release *release);

/*
 * Load only those at these positions (integer), among which are all parents, and nothing of
 * what is kept of their values, nor their shape.
 */
extern TwinSet *twin_load_some(const struct Release *release, const struct List *positions);

/*
 * Write the present names into the registry, and after the restore of a dump the
 * present attribute numbers.  Nothing is written unless the set was outdated, nor
 * while somebody else changes the registry; it does not wait.
 */
extern void twin_remember(const struct Release *release, const TwinSet *set);

/* The twin that has this relation on the given side, or null. */
extern Twin *twin_find(const TwinSet *set, Side side, unsigned int relation);

/* The twin of this position, or null. */
extern Twin *twin_at(const TwinSet *set, int position);

/* The pair that has this attribute on the given side, or null. */
extern TwinColumn *twin_column(const Twin *twin, Side side, int attnum);

/* True for a column of the key by which rows and their twins know each other. */
extern bool twin_is_key(const Twin *twin, const TwinColumn *column);

/* True when values are copied to gray as they are, bit for bit. */
extern bool twin_column_is_verbatim(const TwinColumn *column);

/* A transaction id of a catalog's row with its epoch; 0: it is of no use any more. */
extern uint64_t twin_full_xid(unsigned int xid);

/* The role that owns the tables of a release: the same for all of them. */
extern unsigned int twin_owner_role(const TwinSet *set);

#endif /* PG_GRAY_RELEASE_TWIN_H */
