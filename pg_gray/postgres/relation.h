/*
 * relation.h: returns names, owners and properties of tables and schemas
 */
#ifndef PG_GRAY_POSTGRES_RELATION_H
#define PG_GRAY_POSTGRES_RELATION_H

#include <stdbool.h>

/* Return a table's name, schema-qualified and quoted, for SQL text and messages; palloc'd. */
extern char *relation_name(unsigned int relation);

/*
 * True when a table or one of its partitions has a row that is committed, or written by this
 * transaction.  Privileges and row security are not checked.
 */
extern bool relation_has_rows(unsigned int relation);

/* True for an ordinary table that is stored as a heap; false for a partitioned one. */
extern bool relation_is_heap(unsigned int relation);

/*
 * Return the role that owns a table, or a schema; raise undefined_table, or an internal error for
 * a schema, if it is gone.
 */
extern unsigned int relation_owner(unsigned int relation);
extern unsigned int relation_schema_owner(unsigned int schema);

/* Return the number of a table's columns, with the dropped ones. */
extern int relation_attribute_count(unsigned int relation);

/* True when a column is declared NOT NULL. */
extern bool relation_column_is_not_null(unsigned int relation, int attnum);

/*
 * True when the table has columns whose values in old rows come from the catalog, as after ADD
 * COLUMN ... DEFAULT.  Partitions are not checked.
 */
extern bool relation_has_missing(unsigned int relation);

#endif /* PG_GRAY_POSTGRES_RELATION_H */
