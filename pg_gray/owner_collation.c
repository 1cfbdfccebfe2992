/*
 * owner_collation.c: columns that lead to the owner, and take different texts for equal
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "owner_collation.h"
#include "owner_path.h"
#include "relation.h"

static bool
is_nondeterministic(Oid collation)
{
	return OidIsValid(collation) && !get_collation_isdeterministic(collation);
}

static Oid
collation_of(Oid relation, AttrNumber attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	Oid		  collation;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u", attnum, relation);
	collation = ((Form_pg_attribute) GETSTRUCT(tuple))->attcollation;
	ReleaseSysCache(tuple);
	return collation;
}

static char *
statement_for(const char *table, const char *column, Oid type)
{
	return psprintf("ALTER TABLE %s ALTER %s TYPE %s COLLATE \"default\";", table, column,
					format_type_be(type));
}

static void
refuse_column(Oid relation, AttrNumber attnum)
{
	const char *name = get_attname(relation, attnum, false);

	if (!is_nondeterministic(collation_of(relation, attnum)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("column \"%s\" of table %s can't lead to the user: its collation is nondeterministic",
					name, relation_name(relation)),
			 errdetail(
				 "Users are told apart by the bytes of their uid, and it takes different ones for equal."),
			 errhint("%s", statement_for(relation_name(relation), quote_identifier(name),
										 get_atttype(relation, attnum)))));
}

void
owner_collation_refuse(const OwnerPath *path)
{
	if (path->uid_attnum != 0)
	{
		refuse_column(path->table, path->uid_attnum);
		return;
	}
	for (int i = 0; i < path->count; i++)
	{
		refuse_column(path->table, path->attnums[i]);
		refuse_column(path->parent, path->parent_attnums[i]);
	}
}
