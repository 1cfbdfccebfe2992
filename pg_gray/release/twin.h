/*
 * twin.h: loads the pairs of a production table and its gray clone
 */
#ifndef PG_GRAY_RELEASE_TWIN_H
#define PG_GRAY_RELEASE_TWIN_H

#include <stdbool.h>
#include <stdint.h>

#include "release/column.h"

struct List;
struct Registry;

/*
 * A gray column with kept values, which had another role when the values were kept: it was a lone
 * column, or the twin of another column.
 */
typedef struct FormerColumn
{
	int		kept_id;
	bool	same_pair; /* it was the same pair, but its values had to be kept then */
	Column *column;	   /* the present column */
} FormerColumn;

typedef struct Twin
{
	int			 position;	  /* 1 .. ; referred tables come before referring ones */
	int			 place;		  /* number among all tables of the registry, from 0 */
	unsigned int relation[2]; /* by Side, Oid */
	char		*table[2];	  /* by Side, qualified and quoted */
	bool		 known[2];	  /* by Side: the registry's attribute numbers belong to this table */
	Column		*columns;	  /* pairs, then production's lone columns, then gray's */
	int			 column_count;

	/* see twin_shape.h */
	uint64_t	 defaults; /* a hash of the defaults of gray-only columns; 0: there are none */
	uint32_t	 pairing;  /* a hash of the pairs and their mappings */
	int16_t		 natts[2]; /* by Side: number of attributes, with dropped ones */
	uint32_t	 files[2]; /* by Side: a hash of the files that hold the rows */
	struct List *parts[2]; /* by Side: Oids of leaf partitions; NIL: there are none */

	/* the owner: a column that holds the uid ... */
	Column *uid_column; /* null: there is an owner path */
	/* ... or an owner path: these columns refer to those of the parent */
	struct Twin *parent;
	int			 path_count;
	Column	   **path_columns;
	Column	   **parent_columns;

	/* columns of a unique, not-null key of the production table, maybe a deferrable one */
	int		 key_count; /* 0: there is no key, and rows are compared whole (home_keyless.h) */
	Column **key_columns;
	bool	 key_is_loose; /* gray accepts several rows with one key */

	/* table in which gray values are kept for the user's next stay; null: there can be none */
	char		 *kept_table;
	FormerColumn *former;
	int			  former_count;
	char		 *state_table; /* table of the states of the release's users */

	/* of an own table: the table of the rows of users who are at home, qualified */
	char	*parked_table;
	uint64_t shape;	 /* of an own table: a hash of its columns */
	bool	 fenced; /* of an own table: it has the fence; see prepared.h */
} Twin;

/*
 * A table of the registry that takes no part in moves: version 2 has dropped the gray table, or the
 * owner path leads over a gray table that was dropped.
 */
typedef struct GoneTwin
{
	int			 position;
	char		*table[2];	  /* by Side, qualified and quoted: the present or last known name */
	unsigned int relation[2]; /* by Side, Oid; 0: the table is gone on that side */
	const char	*over;		  /* null, or the dropped gray table over which the owner path leads */
	bool		 noted;		  /* the registry knows that the gray table is gone */
} GoneTwin;

typedef struct TwinSet
{
	int			 count;
	Twin		*twins;		 /* in order of position */
	struct List *gone;		 /* GoneTwin, in order of position */
	int			 registered; /* number of tables in the registry */
	bool		 outdated;	 /* the registry has old names or numbers of a table or column */
	bool		 renamed;	 /* the registry has the old name of a table */
	bool		 partial;	 /* tables of the release are missing in the set; see twin_load_whole */
	struct List *left_out;	 /* of these, the gray tables that exist (Oids) */
	/*
	 * Own tables: tables that only version 2 has, and whose rows belong to users.  Each is a Twin
	 * without a production table; its parent may be a twin or an own table before it.
	 */
	int	  own_count;
	Twin *own;			/* in order of position */
	bool  own_outdated; /* the registry has not the columns of an own table as they are */
} TwinSet;

/* How a table leads to its users, by the registry's attribute numbers. */
typedef struct TwinOwner
{
	int16_t	 uid_attnum;
	int		 parent_position; /* 0: the column holds the uid */
	int		 path_count;
	int16_t *path;
	int16_t *parent;
} TwinOwner;

/* Read it from a row of gray.release_table or gray.own_table. */
extern TwinOwner twin_owner_read(const struct Registry *row);

/*
 * Set the columns that lead to the owner, over this parent or, with null, by the uid column; return
 * false when one of them is gone.
 */
extern bool twin_set_owner(Twin *twin, Twin *parent, const TwinOwner *owner);

/* Return the twin with this relation on the given side, or null. */
extern Twin *twin_find(const TwinSet *set, Side side, unsigned int relation);

/* Return the own table with this relation, or null. */
extern Twin *twin_find_own(const TwinSet *set, unsigned int relation);

/* Return the twin at this position, or null. */
extern Twin *twin_at(const TwinSet *set, int position);

/* Return the column by its number in the registry; null: it was dropped on one side. */
extern Column *twin_registered(const Twin *twin, int16_t attnum);

/* Return the table at this position that takes no part in moves, or null. */
extern const GoneTwin *twin_gone_at(const TwinSet *set, int position);

/*
 * Return a table whose owner path leads over a table that was dropped in gray, or null.  Nobody can
 * be moved while there is one.
 */
extern const GoneTwin *twin_find_cut(const TwinSet *set);

/* Raise object_not_in_prerequisite_state for what twin_find_cut returned, unless it is null. */
extern void twin_refuse_cut(const GoneTwin *cut);

/* The column that has this attribute number on the given side, or null. */
extern Column *twin_column(const Twin *twin, Side side, int attnum);

/* The same column if it is a pair, or null. */
extern Column *twin_pair(const Twin *twin, Side side, int attnum);

/* Find the key of a twin whose columns are loaded, in the current memory context. */
extern void twin_find_key(Twin *twin);

/* True for a column of the key by which rows are matched with their twins. */
extern bool twin_is_key(const Twin *twin, const Column *column);

/*
 * Return the role that owns the tables of a release, the same for all of them; without any table,
 * the owner of the catalog.
 */
extern unsigned int twin_owner_role(const TwinSet *set);

#endif /* PG_GRAY_RELEASE_TWIN_H */
