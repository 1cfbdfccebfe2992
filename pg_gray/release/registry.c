/*
 * registry.c: reads rows of the registry by an index, without a plan
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "postgres/catalog.h"
#include "release/registry.h"

#define KEYS_MAX 4

static Form_pg_attribute
find_column(Relation table, const char *name)
{
	TupleDesc descriptor = RelationGetDescr(table);

	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), name) == 0)
			return attribute;
	}
	elog(ERROR, "table %s has no column %s", RelationGetRelationName(table), name);
}

/*
 * Rows
 */

static RegProcedure
equality(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return F_INT2EQ;
		case INT4OID:
			return F_INT4EQ;
		case OIDOID:
			return F_OIDEQ;
		case NAMEOID:
			return F_NAMEEQ;
		case TEXTOID:
			return F_TEXTEQ;
		default:
			elog(ERROR, "type %u is not for keys of the registry", type);
	}
}

Registry
registry_begin(const char *table, const char *index, const RegistryKey *keys, int count)
{
	Registry	registry = {.table = table_open(catalog_relation(table), AccessShareLock)};
	ScanKeyData scan_keys[KEYS_MAX];

	Assert(count <= KEYS_MAX);
	for (int i = 0; i < count; i++)
	{
		Form_pg_attribute attribute = find_column(registry.table, keys[i].column);

		ScanKeyInit(&scan_keys[i], attribute->attnum, BTEqualStrategyNumber,
					equality(attribute->atttypid), keys[i].value);
		scan_keys[i].sk_collation = attribute->attcollation;
	}
	registry.latest = latest_snapshot_begin();
	registry.scan =
		systable_beginscan(registry.table, index == NULL ? InvalidOid : catalog_relation(index),
						   index != NULL, registry.latest.snapshot, count, scan_keys);
	return registry;
}

bool
registry_next(Registry *registry)
{
	registry->row = systable_getnext(registry->scan);
	return registry->row != NULL;
}

void
registry_end(Registry *registry)
{
	systable_endscan(registry->scan);
	latest_snapshot_end(&registry->latest);
	table_close(registry->table, AccessShareLock);
}

/*
 * Columns
 */

uintptr_t
registry_datum(const Registry *registry, const char *column, bool *is_null)
{
	return heap_getattr(registry->row, find_column(registry->table, column)->attnum,
						RelationGetDescr(registry->table), is_null);
}

int
registry_int(const Registry *registry, const char *column)
{
	bool  is_null;
	Datum value = registry_datum(registry, column, &is_null);

	if (is_null)
		return 0;
	return find_column(registry->table, column)->atttypid == INT2OID ? DatumGetInt16(value)
																	 : DatumGetInt32(value);
}

unsigned int
registry_oid(const Registry *registry, const char *column)
{
	bool  is_null;
	Datum value = registry_datum(registry, column, &is_null);

	return is_null ? InvalidOid : DatumGetObjectId(value);
}

bool
registry_bool(const Registry *registry, const char *column)
{
	bool  is_null;
	Datum value = registry_datum(registry, column, &is_null);

	return !is_null && DatumGetBool(value);
}

char *
registry_text(const Registry *registry, const char *column)
{
	bool  is_null;
	Datum value = registry_datum(registry, column, &is_null);
	Oid	  output;
	bool  is_varlena;

	if (is_null)
		return NULL;
	getTypeOutputInfo(find_column(registry->table, column)->atttypid, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

int
registry_attnums(const Registry *registry, const char *column, int16_t **attnums)
{
	bool   is_null;
	Datum  array = registry_datum(registry, column, &is_null);
	Datum *values;
	int	   count;

	if (is_null)
		return 0;
	deconstruct_array(DatumGetArrayTypePCopy(array), INT2OID, sizeof(int16), true, TYPALIGN_SHORT,
					  &values, NULL, &count);
	*attnums = palloc(sizeof(int16) * count);
	for (int i = 0; i < count; i++)
		(*attnums)[i] = DatumGetInt16(values[i]);
	return count;
}
