/*
 * definition.h: computes facts about a table's definition as the table's owner
 *
 * Reading the expressions of an index, or a partition key, calls functions: PostgreSQL folds
 * constants in them first, as the current role.  So only these functions read them.
 */
#ifndef PG_GRAY_POSTGRES_DEFINITION_H
#define PG_GRAY_POSTGRES_DEFINITION_H

struct IndexInfo;
struct List;
struct PartitionDescData;
struct PartitionKeyData;
struct RelationData;

/* Expressions and predicate of an open index, planned; in the current memory context. */
extern struct List		*definition_index_expressions(struct RelationData *index);
extern struct List		*definition_index_predicate(struct RelationData *index);
extern struct IndexInfo *definition_index_info(struct RelationData *index);

/*
 * Return the partition key, or the partitions, of an open partitioned table; valid as long as the
 * table is open and locked.
 */
extern struct PartitionKeyData	*definition_partition_key(struct RelationData *table);
extern struct PartitionDescData *definition_partition_desc(struct RelationData *table);

#endif /* PG_GRAY_POSTGRES_DEFINITION_H */
