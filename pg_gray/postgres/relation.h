/*
 * relation.h: names and owners of tables and schemas
 */
#ifndef PG_GRAY_POSTGRES_RELATION_H
#define PG_GRAY_POSTGRES_RELATION_H

#include <stdbool.h>

/* Schema-qualified and quoted, for SQL text and messages; palloc'd. */
extern char *relation_name(unsigned int relation);

/*
 * True when a table or one of its partitions has a row that is committed, or this transaction's.
 * Privileges and row security are not asked.
 */
extern bool relation_has_rows(unsigned int relation);

/* True for an ordinary table that is stored as a heap; false for a partitioned one. */
extern bool relation_is_heap(unsigned int relation);

/* The role that owns a table, or a schema; undefined_table or an internal error if it is gone. */
extern unsigned int relation_owner(unsigned int relation);
extern unsigned int relation_schema_owner(unsigned int schema);

/* Is a column declared NOT NULL? */
extern bool relation_column_is_not_null(unsigned int relation, int attnum);

/* Are there columns that old rows take from the catalog, as of ADD COLUMN ... DEFAULT?  Not of partitions. */
extern bool relation_has_missing(unsigned int relation);

#endif /* PG_GRAY_POSTGRES_RELATION_H */
