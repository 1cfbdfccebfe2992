/*
 * foreign_key.h: lists the foreign keys of a table, and those that only its partitions have
 *
 * Before PostgreSQL 12 only partitions could refer to other tables.  A foreign key that every
 * partition with rows of its own has, from the same columns to the same columns, holds for every
 * row of the table, and counts as the table's.  A foreign key that a partition lacks counts so
 * only when the operator says so.
 */
#ifndef PG_GRAY_POSTGRES_FOREIGN_KEY_H
#define PG_GRAY_POSTGRES_FOREIGN_KEY_H

#include <stdbool.h>

struct ForeignKeyCacheInfo;
struct List;

/*
 * Return copies of a table's foreign keys (ForeignKeyCacheInfo), in order of name.  The copies
 * that PostgreSQL adds for each partition of the referred table are left out.
 */
extern struct List *foreign_key_list(unsigned int relation);

/*
 * Return also the foreign keys that only single partitions of the table have.  The caller has
 * called SPI_connect.
 */
extern struct List *foreign_key_list_family(unsigned int relation);

/*
 * Return the foreign key from which this key was made, for a partition on either end; 0: there is
 * none.
 */
extern unsigned int foreign_key_parent(const struct ForeignKeyCacheInfo *key);

/*
 * Return the foreign keys (ForeignKeyCacheInfo) that every partition has, with the table's own
 * column numbers; the constraint is that of one partition.  The foreign keys of the table itself
 * are included, and, with partial_too, those that some partitions lack.  The caller of this and
 * the functions below has called SPI_connect.
 */
extern struct List *foreign_key_shared_list(unsigned int table, bool partial_too);

/* A foreign key that some partitions lack. */
typedef struct PartialKey
{
	unsigned int table;	  /* Oid */
	char		*name;	  /* qualified and quoted */
	char		*columns; /* referring columns, quoted */
	char		*parent;  /* referred table, qualified and quoted */
	/* SQL statement that gives the foreign key to a partition that lacks it */
	char *advice;
	int	  lacking; /* number of partitions that lack it */
} PartialKey;

/*
 * Return the foreign keys (PartialKey) of tables that are not among `parents` (Oids) to a table
 * that is.
 */
extern struct List *foreign_key_shared_find_partial(const struct List *parents);

/*
 * SQL that selects root, confrelid, constraint_oid and partition, all oids, of the shared foreign
 * keys of every table.
 */
#define FOREIGN_KEY_SHARED_SELECT \
	FOREIGN_KEY_SHARED_TABLES(FOREIGN_KEY_SHARED_ALL_LEAVES) \
	FOREIGN_KEY_SHARED_OF_SOME FOREIGN_KEY_SHARED_OF_ALL

/* SQL that selects the partitions with rows of their own. */
#define FOREIGN_KEY_SHARED_ALL_LEAVES \
	"SELECT c.oid, pg_partition_root(c.oid)::oid FROM pg_class c" \
	" WHERE c.relispartition AND c.relkind IN ('r', 'f')"

/*
 * SQL for their foreign keys, without those that PostgreSQL adds for partitions of the referred
 * table.
 */
#define FOREIGN_KEY_SHARED_TABLES(leaves) \
	"WITH leaf (oid, root) AS MATERIALIZED (" leaves ")," \
	" key (root, oid, conrelid, confrelid, referring, referred) AS (" \
	"SELECT l.root, k.oid, k.conrelid, k.confrelid, x.referring, x.referred" \
	" FROM leaf l JOIN pg_constraint k ON k.conrelid = l.oid AND k.contype = 'f'," \
	" LATERAL (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname, b.attname)," \
	" string_agg(quote_ident(b.attname), ', ' ORDER BY a.attname, b.attname)" \
	" FROM unnest(k.conkey, k.confkey) AS p (referring, referred)" \
	" JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.referring" \
	" JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.referred) AS x (referring, referred)" \
	" WHERE NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.oid = k.conparentid AND o.conrelid = k.conrelid))"

#define FOREIGN_KEY_SHARED_OF_SOME \
	" SELECT k.root, k.confrelid, min(k.oid) AS constraint_oid," \
	" (array_agg(k.conrelid ORDER BY k.oid))[1] AS partition" \
	" FROM key k GROUP BY k.root, k.confrelid, k.referring, k.referred"

/* HAVING clause to be appended: every partition has the foreign key. */
#define FOREIGN_KEY_SHARED_OF_ALL \
	" HAVING count(DISTINCT k.conrelid) = (SELECT count(*) FROM leaf l WHERE l.root = k.root)"

#endif /* PG_GRAY_POSTGRES_FOREIGN_KEY_H */
