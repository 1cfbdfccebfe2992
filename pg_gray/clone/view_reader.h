/*
 * view_reader.h: the views of production that read given tables
 */
#ifndef PG_GRAY_CLONE_VIEW_READER_H
#define PG_GRAY_CLONE_VIEW_READER_H

#include <stdbool.h>

struct List;

typedef struct Reader
{
	unsigned int relation; /* Oid */
	bool		 is_materialized;
	char		*name;	/* qualified and quoted */
	struct List *reads; /* Oid: what it names itself of the tables and of other readers */
} Reader;

/*
 * All views, materialized or not, that read one of these tables (Oids) or write it by
 * a rule, themselves or through others; each comes after those that it reads.  What is
 * in a gray schema or temporary is left out.  The caller has called SPI_connect and
 * acts as the catalog owner, as below.
 */
extern struct List *reader_find(struct List *tables);

/* Oids of all of them. */
extern struct List *reader_relations(const struct List *readers);

/* The reader that is this relation, or null. */
extern Reader *reader_get(const struct List *readers, unsigned int relation);

/* Oids of all relations that the rules of a view, and so its query, name. */
extern struct List *reader_reads(unsigned int view);

/* Tables that a reader reads, itself or through others: "public.a, public.b". */
extern char *reader_tables(const struct List *readers, const Reader *reader);

/* These tables (Oids), each with its partitions. */
extern struct List *reader_with_partitions(const struct List *tables);

#endif /* PG_GRAY_CLONE_VIEW_READER_H */
