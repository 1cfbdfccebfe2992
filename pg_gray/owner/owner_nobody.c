/*
 * owner_nobody.c: makes the lock for rows that lead to a row without an owner
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "owner/owner_nobody.h"
#include "owner/owner_route.h"

/* True when equal values of the two types have equal hashes. */
static bool
hash_alike(Oid a, Oid b)
{
	if (a == b)
		return true;
	switch (a)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return b == INT2OID || b == INT4OID || b == INT8OID;
		case TEXTOID:
		case VARCHAROID:
			return b == TEXTOID || b == VARCHAROID;
		default:
			return false;
	}
}

/*
 * Each end hashes values of its own type.  A column whose types have no hash in common does not
 * count.
 */
static void
load_hash(FmgrInfo *hash, Oid own, Oid other)
{
	Oid proc = InvalidOid;

	hash->fn_oid = InvalidOid;
	if (hash_alike(own, other))
		proc = lookup_type_cache(own, TYPECACHE_HASH_EXTENDED_PROC)->hash_extended_proc;
	if (OidIsValid(proc))
		fmgr_info(proc, hash);
}

OwnerNobody
owner_nobody_load(const OwnerStep *step, FenceEnd end)
{
	OwnerNobody way = {.position = step->position, .count = step->count};

	way.attnums = palloc(sizeof(int16) * way.count);
	way.hashes = palloc(sizeof(FmgrInfo) * way.count);
	way.collations = palloc(sizeof(Oid) * way.count);
	for (int i = 0; i < way.count; i++)
	{
		const OwnerColumn *child = &step->columns[i];
		const OwnerColumn *parent = &step->referred[i];
		const OwnerColumn *own = end == END_CHILD ? child : parent;
		const OwnerColumn *other = end == END_CHILD ? parent : child;

		way.attnums[i] = own->attnum;
		way.collations[i] = parent->collation;
		load_hash(&way.hashes[i], getBaseType(own->type), getBaseType(other->type));
	}
	return way;
}

Owner
owner_nobody_owner(const OwnerNobody *way, int release_id, const uintptr_t *values)
{
	uint64 hash = hash_bytes_uint32_extended(way->position, release_id);

	for (int i = 0; i < way->count; i++)
	{
		FmgrInfo *function = &way->hashes[i];

		if (OidIsValid(function->fn_oid))
			hash = hash_combine64(hash,
								  DatumGetUInt64(FunctionCall2Coll(function, way->collations[i],
																   values[i], Int64GetDatum(0))));
	}
	return owner_nobody(release_id, hash);
}
