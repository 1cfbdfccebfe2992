/*
 * view_reader.h: finds the production views that read given tables
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
	struct List *reads; /* Oid: the tables and readers that it names itself */
} Reader;

/*
 * Return all views (Reader), materialized or not, that read one of these tables (Oids) or write it
 * by a rule, directly or through other views.  Each reader comes after the readers that it reads.
 * Temporary views and views in gray schemas are left out.  The caller has called SPI_connect and
 * acts as the catalog owner, also for the functions below.
 */
extern struct List *reader_find(struct List *tables);

/* The relations (Oids) of all readers. */
extern struct List *reader_relations(const struct List *readers);

/* The reader of this Oid, or null. */
extern Reader *reader_get(const struct List *readers, unsigned int relation);

/* The relations (Oids) that the rules of a view name; its query is one of the rules. */
extern struct List *reader_reads(unsigned int view);

/* The tables that a reader reads, directly or through other readers, as "public.a, public.b". */
extern char *reader_tables(const struct List *readers, const Reader *reader);

/* These tables (Oids), each with its partitions. */
extern struct List *reader_with_partitions(const struct List *tables);

#endif /* PG_GRAY_CLONE_VIEW_READER_H */
