/*
 * registry.h: reads rows of the registry by an index, without a plan
 *
 * A session reads these rows at its first write, when planning a query would take longer than
 * reading a table of this size.  The rows are those that are committed now, whatever the
 * transaction's own snapshot.
 */
#ifndef PG_GRAY_RELEASE_REGISTRY_H
#define PG_GRAY_RELEASE_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "postgres/latest_snapshot.h"

struct HeapTupleData;
struct RelationData;
struct SysScanDescData;

/* A condition: a column has this value (Datum). */
typedef struct RegistryKey
{
	const char *column; /* integer, smallint, oid, name or text */
	uintptr_t	value;
} RegistryKey;

typedef struct Registry
{
	struct RelationData	   *table;
	struct SysScanDescData *scan;
	struct HeapTupleData   *row; /* valid until the next row is read */
	LatestSnapshot			latest;
} Registry;

/*
 * Begin to read a table of schema gray.  With an index (by name, in that schema), rows come in its
 * order, and the keys are its first columns; without an index, all rows are read.
 */
extern Registry registry_begin(const char *table, const char *index, const RegistryKey *keys,
							   int count);

/* Read the next row; return false after the last one. */
extern bool registry_next(Registry *registry);
extern void registry_end(Registry *registry);

/*
 * Return a column of the row: 0, false or null for SQL NULL.  A text (also of a name or an enum)
 * is palloc'd.
 */
extern int			registry_int(const Registry *registry, const char *column);
extern unsigned int registry_oid(const Registry *registry, const char *column);
extern bool			registry_bool(const Registry *registry, const char *column);
extern char		   *registry_text(const Registry *registry, const char *column);
extern uintptr_t	registry_datum(const Registry *registry, const char *column, bool *is_null);

/* Return the number of elements of a smallint[], and the palloc'd elements in *attnums. */
extern int registry_attnums(const Registry *registry, const char *column, int16_t **attnums);

#endif /* PG_GRAY_RELEASE_REGISTRY_H */
