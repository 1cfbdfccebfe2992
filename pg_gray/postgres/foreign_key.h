/*
 * foreign_key.h: the foreign keys of a table, and those that only its partitions have
 *
 * Before PostgreSQL 12 there was no other way.  A key that every partition with rows of its
 * own has, from the same columns to the same columns, holds for every row of the table,
 * and counts as the table's.  One that a partition lacks does so only when people say it.
 */
#ifndef PG_GRAY_POSTGRES_FOREIGN_KEY_H
#define PG_GRAY_POSTGRES_FOREIGN_KEY_H

#include <stdbool.h>

struct ForeignKeyCacheInfo;
struct List;

/*
 * Copies of a table's foreign keys (ForeignKeyCacheInfo), in order of name.  What
 * PostgreSQL adds for each partition of the table that a key leads to is left out.
 */
extern struct List *foreign_key_list(unsigned int relation);

/*
 * Also those that only single partitions of the table have.  The caller has
 * called SPI_connect.
 */
extern struct List *foreign_key_list_family(unsigned int relation);

/* The key that this one was made of, for a partition on either end; or none. */
extern unsigned int foreign_key_parent(const struct ForeignKeyCacheInfo *key);

/*
 * Those of a table (ForeignKeyCacheInfo), numbered as its own columns are; the constraint is
 * one partition's.  Also those that the table has itself, and, when asked for, those that
 * some partitions lack.  The caller has called SPI_connect, as below.
 */
extern struct List *foreign_key_shared_list(unsigned int table, bool partial_too);

/* One that some partitions lack. */
typedef struct PartialKey
{
	unsigned int table;	  /* Oid */
	char		*name;	  /* qualified and quoted */
	char		*columns; /* that refer, quoted */
	char		*parent;  /* what they refer to, qualified and quoted */
	char		*advice;  /* the statement that gives it to a partition that lacks it */
	int			 lacking; /* how many do */
} PartialKey;

/* Those (PartialKey) of tables that are not among `parents` (Oids), to one that is. */
extern struct List *foreign_key_shared_find_partial(const struct List *parents);

/* SQL that selects root, confrelid, constraint_oid and partition, all oids, of every table. */
#define FOREIGN_KEY_SHARED_SELECT \
	FOREIGN_KEY_SHARED_TABLES(FOREIGN_KEY_SHARED_ALL_LEAVES) \
	FOREIGN_KEY_SHARED_OF_SOME FOREIGN_KEY_SHARED_OF_ALL

/* Partitions with rows of their own. */
#define FOREIGN_KEY_SHARED_ALL_LEAVES \
	"SELECT c.oid, pg_partition_root(c.oid)::oid FROM pg_class c" \
	" WHERE c.relispartition AND c.relkind IN ('r', 'f')"

/* Their foreign keys, but for those that PostgreSQL keeps for partitions of what one leads to. */
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

/* To be appended. */
#define FOREIGN_KEY_SHARED_OF_ALL \
	" HAVING count(DISTINCT k.conrelid) = (SELECT count(*) FROM leaf l WHERE l.root = k.root)"

#endif /* PG_GRAY_POSTGRES_FOREIGN_KEY_H */
