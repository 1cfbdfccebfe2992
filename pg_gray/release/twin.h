/*
 * twin.h: loads the pairs of a production table and its gray clone
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

	/* gray_map's expressions; null: the value itself, cast if need be */
	char *up;	/* over the production row, for the gray column */
	char *down; /* over the gray row, for the production column */

	/*
	 * by Side: the transaction, with its epoch, that created or last altered the column; 0: long
	 * ago
	 */
	uint64_t altered[2];
	uint64_t mapped; /* transaction that made the mapping, with its epoch; 0: there is none */
	/* by Side: the column may have been marked as altered only because of a column before it */
	bool along[2];

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

	/* gray: up; production: down; null: the default, or the frozen value */
	char *expression;
	bool  generated;		/* computed, never written */
	bool  volatile_default; /* the default differs each time (nextval, now, ...); identity too */

	int kept_id; /* in gray.kept_column; 0: it has none (yet) */
} LoneColumn;

/*
 * A gray column of which values are kept that was another column then: a lone one, or the twin of
 * another column.
 */
typedef struct FormerColumn
{
	int			kept_id;
	bool		same_pair; /* it was the same pair, but its values had to be kept then */
	int16_t		attnum;	   /* in gray */
	TwinColumn *column;	   /* the pair to which it belongs now; null: it has no twin */
} FormerColumn;

typedef struct Twin
{
	int			 position;	  /* 1 .. ; referred tables come before referring ones */
	unsigned int relation[2]; /* by Side, Oid */
	char		*table[2];	  /* by Side, qualified and quoted */
	bool		 known[2];	  /* by Side: the registry's attribute numbers belong to this table */
	TwinColumn	*columns;	  /* pairs that both sides still have */
	int			 column_count;
	LoneColumn	*lone[2]; /* by Side, in order of attnum */
	int			 lone_count[2];
	uint64_t	 defaults; /* a hash of the defaults of gray-only columns; 0: there are none */

	/* see twin_shape.h */
	uint32_t	 pairing;  /* a hash of the pairs and their mappings */
	int16_t		 natts[2]; /* by Side: number of attributes, with dropped ones */
	uint32_t	 files[2]; /* by Side: a hash of the files that hold the rows */
	struct List *parts[2]; /* by Side: Oids of leaf partitions; NIL: there are none */

	/* the owner: a column that holds the uid ... */
	TwinColumn *uid_column; /* null: there is an owner path */
	/* ... or an owner path: these columns refer to those of the parent */
	struct Twin *parent;
	int			 path_count;
	TwinColumn **path_columns;
	TwinColumn **parent_columns;

	/* columns of a unique, not-null key of the production table, maybe a deferrable one */
	int			 key_count; /* 0: there is no key, and rows are compared whole (home_keyless.h) */
	TwinColumn **key_columns;
	bool		 key_is_loose; /* gray accepts several rows with one key */

	/* table in which gray values are kept for the user's next stay; null: there can be none */
	char		 *kept_table;
	FormerColumn *former;
	int			  former_count;
	char		 *state_table; /* table of the states of the release's users */
} Twin;

typedef struct TwinSet
{
	int	  count;
	Twin *twins;	/* in order of position */
	bool  outdated; /* the registry has old names or numbers of a table or column */
	bool  partial;	/* tables of the release are missing in the set; see twin_load_whole */
} TwinSet;

/*
 * Load the twins of a release in the current memory context.  Raises when a table, or a column
 * that leads to the owner, is gone.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern TwinSet *twin_load_all(const struct Release *release);

/*
 * Load only complete twins: leave out a table that is gone on a side, or from whose rows the way
 * to their owner is gone.
 */
extern TwinSet *twin_load_whole(const struct Release *release);

/*
 * Load only the twins at these positions (integer), which include all parents; without their kept
 * values and their shape.
 */
extern TwinSet *twin_load_some(const struct Release *release, const struct List *positions);

/*
 * Write the present names into the registry, and after the restore of a dump the present attribute
 * numbers.  Writes nothing when the set is not outdated, nor while another session changes the
 * registry; does not wait.
 */
extern void twin_remember(const struct Release *release, const TwinSet *set);

/* Return the twin with this relation on the given side, or null. */
extern Twin *twin_find(const TwinSet *set, Side side, unsigned int relation);

/* Return the twin at this position, or null. */
extern Twin *twin_at(const TwinSet *set, int position);

/* Return the pair with this attribute on the given side, or null. */
extern TwinColumn *twin_column(const Twin *twin, Side side, int attnum);

/* True for a column of the key by which rows and their twins know each other. */
extern bool twin_is_key(const Twin *twin, const TwinColumn *column);

/* True when values are copied to gray as they are, bit for bit. */
extern bool twin_column_is_verbatim(const TwinColumn *column);

/* Return a transaction id of a catalog row with its epoch; 0: it is no longer usable. */
extern uint64_t twin_full_xid(unsigned int xid);

/* Return the role that owns the tables of a release, the same for all of them. */
extern unsigned int twin_owner_role(const TwinSet *set);

#endif /* PG_GRAY_RELEASE_TWIN_H */
