/*
 * registry.h: rows of the registry, read by an index and without a plan
 *
 * What a session reads at its first write: to plan a query would take longer than to read a table
 * of this size.  Rows are what is committed now, whatever the transaction's own snapshot.
 */
#ifndef PG_GRAY_RELEASE_REGISTRY_H
#define PG_GRAY_RELEASE_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "postgres/latest_snapshot.h"

struct HeapTupleData;
struct RelationData;
struct SysScanDescData;

/* A column has this value (Datum). */
typedef struct RegistryKey
{
	const char *column; /* integer, smallint, oid, name or text */
	uintptr_t	value;
} RegistryKey;

typedef struct Registry
{
	struct RelationData	   *table;
	struct SysScanDescData *scan;
	struct HeapTupleData   *row; /* until the next one is read */
	LatestSnapshot			latest;
} Registry;

/*
 * Begin to read a table of schema gray.  With an index (by name, in that schema), rows come in its
 * order, and the keys are its first columns; without one, all rows are looked at.
 */
extern Registry registry_begin(const char *table, const char *index, const RegistryKey *keys,
							   int count);

/* False after the last row. */
extern bool registry_next(Registry *registry);
extern void registry_end(Registry *registry);

/* Columns of the row: 0, false or null stand for SQL NULL.  A text (also of a name, an enum) is palloc'd. */
extern int			registry_int(const Registry *registry, const char *column);
extern unsigned int registry_oid(const Registry *registry, const char *column);
extern bool			registry_bool(const Registry *registry, const char *column);
extern char		   *registry_text(const Registry *registry, const char *column);
extern uintptr_t	registry_datum(const Registry *registry, const char *column, bool *is_null);

/* A smallint[]: how many there are, palloc'd. */
extern int registry_attnums(const Registry *registry, const char *column, int16_t **attnums);

#endif /* PG_GRAY_RELEASE_REGISTRY_H */
