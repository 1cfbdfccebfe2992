/*
 * definition.h: what PostgreSQL computes of a table's definition, computed as the table's owner
 *
 * To ask for the expressions of an index, or for a partition key, is to call functions: PostgreSQL
 * folds constants in them first, as whoever asks.  So these are the only places that ask.
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

/* Of an open partitioned table: valid as long as it is open, and locked. */
extern struct PartitionKeyData	*definition_partition_key(struct RelationData *table);
extern struct PartitionDescData *definition_partition_desc(struct RelationData *table);

#endif /* PG_GRAY_POSTGRES_DEFINITION_H */
