/*
 * clone_partition.h: creates and attaches the partitions of a gray table
 *
 * Partitions are created beside their parents, get their indexes, constraints and the rest as any
 * table does, and are attached last.  So an index or constraint whose name differs from the
 * parent's keeps its name, and ATTACH PARTITION takes it for the one that the parent asks for.
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
 * Create a partitioned gray table and its partitions, each with its columns and nothing else.  No
 * partition is attached.  Returns the Oid of the partitioned table.  The caller has called
 * SPI_connect and acts as the owner of the tables, also for the functions below.
 */
extern unsigned int clone_partition_create(unsigned int production, const char *gray_schema);

/* Append the partitions of a production table to `partitions`, and their gray twins to `twins`. */
extern void clone_partition_list(unsigned int production, unsigned int gray,
								 struct List **partitions, struct List **twins);

/* Attach the partitions of a gray table in the way the partitions of its production table are. */
extern void clone_partition_attach(unsigned int production, unsigned int gray);

/*
 * The gray table that was cloned from a production partition.  Raises if gray has no table of its
 * name.
 */
extern unsigned int clone_partition_twin(unsigned int partition, unsigned int gray);

#endif /* PG_GRAY_CLONE_CLONE_PARTITION_H */
