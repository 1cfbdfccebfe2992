/*
 * shared_key.h: foreign keys that the partitions of a table have, and the table has not
 *
 * Before PostgreSQL 12 there was no other way.  A key that every partition with rows of its
 * own has, from the same columns to the same columns, holds for every row of the table,
 * and counts as the table's.  One that a single partition lacks does not.
 */
#ifndef SHARED_KEY_H
#define SHARED_KEY_H

struct List;

/*
 * Those of a table (ForeignKeyCacheInfo), numbered as its own columns are; the constraint is
 * one partition's.  Also those that the table has itself.  The caller has called SPI_connect.
 */
extern struct List *shared_key_list(unsigned int table);

/*
 * The same of a subquery's tables: SQL that selects root, confrelid, constraint_oid
 * and partition (oids); `leaves` selects (oid, root) of partitions with rows of their own.
 */
#define SHARED_KEY_SELECT(leaves) \
	"WITH leaf (oid, root) AS MATERIALIZED (" leaves ")," \
	" key AS (SELECT l.root, k.oid, k.conrelid, k.confrelid, (SELECT array_agg(a.attname::text || ' ' || p.referred" \
	" ORDER BY a.attname, p.referred) FROM unnest(k.conkey, k.confkey) AS p (referring, referred)" \
	" JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.referring) AS columns" \
	" FROM leaf l JOIN pg_constraint k ON k.conrelid = l.oid AND k.contype = 'f'" \
	" WHERE NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.oid = k.conparentid AND o.conrelid = k.conrelid))" \
	" SELECT k.root, k.confrelid, min(k.oid) AS constraint_oid, (array_agg(k.conrelid ORDER BY k.oid))[1] AS partition" \
	" FROM key k GROUP BY k.root, k.confrelid, k.columns" \
	" HAVING count(DISTINCT k.conrelid) = (SELECT count(*) FROM leaf l WHERE l.root = k.root)"

#endif /* SHARED_KEY_H */
