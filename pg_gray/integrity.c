/*
 * integrity.c: foreign keys of moved rows, checked set-wise
 *
 * One anti-join per foreign key and user instead of one look-up per row.
 * A key that is NOT VALID is not checked: moved rows are not new, and may be
 * of those that it tolerates.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_constraint.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "foreign_key.h"
#include "integrity.h"
#include "partition.h"
#include "relation.h"
#include "role.h"
#include "twin_sql.h"

static bool
is_valid(const ForeignKeyCacheInfo *key)
{
	HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key->conoid));
	bool	  valid;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", key->conoid);
	valid = ((Form_pg_constraint) GETSTRUCT(tuple))->convalidated;
	ReleaseSysCache(tuple);
	return valid;
}

/* The foreign keys of a table and of its partitions, copied; those that are not valid are left out. */
static List *
foreign_keys(Oid relation)
{
	List	 *keys = foreign_key_list_family(relation);
	ListCell *cell;

	foreach(cell, keys)
	{
		if (!is_valid(lfirst(cell)))
			keys = foreach_delete_current(keys, cell);
	}
	return keys;
}

/* The twin of a table on a side, or of the one that it is a partition of; or null. */
static Twin *
twin_of_family(const TwinSet *set, Side side, Oid relation)
{
	return twin_find(set, side, partition_root(relation));
}

static char *
column_of(const char *alias, Oid relation, AttrNumber attnum)
{
	return psprintf("%s.%s", alias, quote_identifier(get_attname(relation, attnum, false)));
}

/* Append: row `from` refers to row `to` by this key. */
static void
append_refers(StringInfo sql, const ForeignKeyCacheInfo *key, const char *from, const char *to)
{
	for (int i = 0; i < key->nkeys; i++)
	{
		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		generate_operator_clause(sql, column_of(to, key->confrelid, key->confkey[i]),
								 get_atttype(key->confrelid, key->confkey[i]), key->conpfeqop[i],
								 column_of(from, key->conrelid, key->conkey[i]),
								 get_atttype(key->conrelid, key->conkey[i]));
	}
}

/* Append the referring columns of row `alias`, each followed by `suffix`. */
static void
append_key_columns(StringInfo sql, const ForeignKeyCacheInfo *key, const char *alias,
				   const char *separator, const char *suffix)
{
	for (int i = 0; i < key->nkeys; i++)
		appendStringInfo(sql, "%s%s%s", i == 0 ? "" : separator,
						 column_of(alias, key->conrelid, key->conkey[i]), suffix);
}

/* "(a, b)=(1, 2)": the referring columns with the values of the last query's first row. */
static char *
describe_key(const ForeignKeyCacheInfo *key)
{
	StringInfoData names;
	StringInfoData values;

	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < key->nkeys; i++)
	{
		char *value = query_text(0, i + 1);

		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ",
						 get_attname(key->conrelid, key->conkey[i], false));
		appendStringInfo(&values, "%s%s", i == 0 ? "" : ", ", value == NULL ? "null" : value);
	}
	return psprintf("(%s)=(%s)", names.data, values.data);
}

static int
errconstraint(const ForeignKeyCacheInfo *key)
{
	err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(key->conrelid)));
	err_generic_string(PG_DIAG_TABLE_NAME, get_rel_name(key->conrelid));
	err_generic_string(PG_DIAG_CONSTRAINT_NAME, get_constraint_name(key->conoid));
	return 0;
}

static void
lock_referenced(const ForeignKeyCacheInfo *key, const Twin *twin, Side side, QueryArgs *args)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 1 FROM %s r WHERE EXISTS (SELECT 1 FROM %s c WHERE ",
					 relation_name(key->confrelid), relation_name(key->conrelid));
	append_refers(&sql, key, "c", "r");
	appendStringInfoString(&sql, " AND ");
	twin_sql_owned(&sql, twin, side, "c");
	appendStringInfoString(&sql, ") FOR KEY SHARE OF r NOWAIT");
	query_run_for_locks(sql.data, args);
}

static void
check_reference(const ForeignKeyCacheInfo *key, const Twin *twin, Side side, QueryArgs *args)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	append_key_columns(&sql, key, "c", ", ", "");
	appendStringInfo(&sql, " FROM %s c WHERE ", relation_name(key->conrelid));
	twin_sql_owned(&sql, twin, side, "c");
	appendStringInfoString(&sql, " AND ");
	append_key_columns(&sql, key, "c", " AND ", " IS NOT NULL");
	appendStringInfo(&sql, " AND NOT EXISTS (SELECT 1 FROM %s r WHERE ",
					 relation_name(key->confrelid));
	append_refers(&sql, key, "c", "r");
	appendStringInfoString(&sql, ") LIMIT 1");

	if (query_run(sql.data, args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("insert or update on table \"%s\" violates foreign key constraint \"%s\"",
						get_rel_name(key->conrelid), get_constraint_name(key->conoid)),
				 errdetail("Key %s is not present in table \"%s\".", describe_key(key),
						   get_rel_name(key->confrelid)),
				 errconstraint(key)));
}

/*
 * Rows that the user's own row by definition leads to can't go away: their
 * writers are shut out by the user's lock.
 */
static bool
leads_to_owner(const TwinSet *set, const Twin *twin, Side side, const ForeignKeyCacheInfo *key)
{
	const Twin *parent = twin_of_family(set, side, key->confrelid);

	if (parent == NULL)
		return false;
	if (parent == twin->parent)
		return true;
	return key->nkeys == 1 && key->conrelid == twin->relation[side] &&
		   key->confrelid == parent->relation[side] && twin->uid_column != NULL &&
		   parent->uid_column != NULL && twin->uid_column->attnum[side] == key->conkey[0] &&
		   parent->uid_column->attnum[side] == key->confkey[0];
}

static void
keep_reference(const ForeignKeyCacheInfo *key, const TwinSet *set, const Twin *twin, Side side,
			   QueryArgs *args)
{
	if (!leads_to_owner(set, twin, side, key))
		lock_referenced(key, twin, side, args);
	check_reference(key, twin, side, args);
}

/*
 * To refer to a table takes less than to read or lock it, and the owner of the
 * release's tables may have no more.  The query calls nothing but the
 * equality operators of indexes, which only a superuser can define.
 */
static void
keep_reference_outside(const ForeignKeyCacheInfo *key, const TwinSet *set, const Twin *twin,
					   Side side, QueryArgs *args)
{
	RoleSwitch before;

	role_become_catalog_owner(&before);
	keep_reference(key, set, twin, side, args);
	role_return(&before);
}

void
integrity_check_references(const TwinSet *set, const Twin *twin, Side side, QueryArgs *args)
{
	ListCell *cell;

	foreach(cell, foreign_keys(twin->relation[side]))
	{
		ForeignKeyCacheInfo *key = lfirst(cell);

		if (twin_of_family(set, side, key->confrelid) != NULL)
			keep_reference(key, set, twin, side, args);
		else
			keep_reference_outside(key, set, twin, side, args);
	}
}

static void
check_referrer(const ForeignKeyCacheInfo *key, const Twin *child, const Twin *twin, Side side,
			   const char *goes, QueryArgs *args)
{
	const char	  *alias = side == SIDE_PRODUCTION ? "p" : "g";
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	append_key_columns(&sql, key, "c", ", ", "");
	appendStringInfo(&sql, " FROM %s %s JOIN %s c ON ", relation_name(key->confrelid), alias,
					 relation_name(key->conrelid));
	append_refers(&sql, key, "c", alias);
	appendStringInfoString(&sql, " WHERE ");
	twin_sql_owned(&sql, twin, side, alias);
	appendStringInfo(&sql, " AND (%s) AND (", goes);
	twin_sql_owned(&sql, child, side, "c");
	appendStringInfoString(&sql, ") IS NOT TRUE LIMIT 1");

	if (query_run(sql.data, args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\"",
						get_rel_name(key->confrelid), get_constraint_name(key->conoid),
						get_rel_name(key->conrelid)),
				 errdetail("Key %s of another user's row refers to it.", describe_key(key)),
				 errconstraint(key)));
}

void
integrity_check_referrers(const TwinSet *set, const Twin *twin, Side side, const char *goes,
						  QueryArgs *args)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin *child = &set->twins[i];
		ListCell   *cell;

		/* Along an owner path, child and parent belong to the same user. */
		if (child->parent == twin)
			continue;
		foreach(cell, foreign_keys(child->relation[side]))
		{
			ForeignKeyCacheInfo *key = lfirst(cell);

			if (twin_of_family(set, side, key->confrelid) == twin)
				check_referrer(key, child, twin, side, goes, args);
		}
	}
}
