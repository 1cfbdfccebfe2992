/*
 * clone_partition.h: the partitions of a gray table
 *
 * Created beside their parents, then given indexes, constraints and the rest as
 * any table, and attached last: so what a partition has under a name of its own
 * keeps it, and is taken for what its parent asks for.
 */
#ifndef PG_GRAY_CLONE_CLONE_PARTITION_H
#define PG_GRAY_CLONE_CLONE_PARTITION_H

struct List;

/*
 * Raise unless the partitions of a production table can be cloned with it, as
 * tables of its owner.
 */
extern void clone_partition_check(unsigned int production, const char *gray_schema);

/*
 * Create a partitioned gray table and its partitions, each with its columns
 * and nothing else, none attached.  Returns the Oid of the first.  The caller has
 * called SPI_connect and acts as the owner of the tables, as below.
 */
extern unsigned int clone_partition_create(unsigned int production, const char *gray_schema);

/* Append the partitions of a production table, and their gray twins. */
extern void clone_partition_list(unsigned int production, unsigned int gray,
								 struct List **partitions, struct List **twins);

/* Attach the partitions of a gray table as those of its production table are. */
extern void clone_partition_attach(unsigned int production, unsigned int gray);

/* The gray table that was cloned from a production partition; raises if there is none of its name. */
extern unsigned int clone_partition_twin(unsigned int partition, unsigned int gray);

#endif /* PG_GRAY_CLONE_CLONE_PARTITION_H */
