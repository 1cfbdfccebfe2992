/*
 * reference.c: loads the foreign keys of a release's tables, and makes the conditions of
 * statements about them
 *
 * A NOT VALID foreign key is left out: moved rows are not new, and may be among the rows that it
 * tolerates.
 *
 * After a copy from production to gray, most keys need no look at the rows.  A gray foreign key
 * holds by copy when production has the same valid foreign key, on columns that were copied
 * verbatim, and the referred row exists on the gray side too:
 *
 *   - it leads to the owner: that row is the user's own, and was copied before; or
 *   - it refers to a table outside the release: that row is the same for both
 *     sides, and can't go as long as the frozen row refers to it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_constraint.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "move/reference.h"
#include "postgres/foreign_key.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/sql_text.h"
#include "release/own_load.h"
#include "release/twin_kept.h"
#include "release/twin_sql.h"

/* Return the match type of a valid foreign key, and 0 for one that is NOT VALID. */
static char
match_of_valid(const ForeignKeyCacheInfo *key)
{
	HeapTuple		   tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key->conoid));
	Form_pg_constraint constraint;
	char			   match;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", key->conoid);
	constraint = (Form_pg_constraint) GETSTRUCT(tuple);
	match = constraint->convalidated ? constraint->confmatchtype : '\0';
	ReleaseSysCache(tuple);
	return match;
}

/*
 * A row to which the user's own row leads by definition can't be deleted: the user's lock shuts
 * its writers out.
 */
static bool
leads_to_owner(const Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;
	const Twin				  *twin = reference->twin;
	const Twin				  *parent = reference->parent;
	Side					   side = reference->side;

	if (parent == NULL)
		return false;
	if (parent == twin->parent)
	{
		if (key->nkeys != twin->path_count)
			return false;
		for (int i = 0; i < key->nkeys; i++)
		{
			bool found = false;

			for (int j = 0; j < twin->path_count && !found; j++)
				found = twin->path_columns[j]->attnum[side] == key->conkey[i] &&
						twin->parent_columns[j]->attnum[side] == key->confkey[i];
			if (!found)
				return false;
		}
		return key->conrelid == twin->relation[side] && key->confrelid == parent->relation[side];
	}
	return key->nkeys == 1 && key->conrelid == twin->relation[side] &&
		   key->confrelid == parent->relation[side] && twin->uid_column != NULL &&
		   parent->uid_column != NULL && twin->uid_column->attnum[side] == key->conkey[0] &&
		   parent->uid_column->attnum[side] == key->confkey[0];
}

static bool
leads_to_key(const Reference *reference)
{
	const Twin *parent = reference->parent;

	for (int i = 0; parent != NULL && i < reference->key->nkeys; i++)
	{
		bool found = false;

		for (int j = 0; j < parent->key_count && !found; j++)
			found = parent->key_columns[j]->attnum[reference->side] == reference->key->confkey[i];
		if (!found)
			return false;
	}
	return parent != NULL;
}

/*
 * Return the number of a gray column's twin in production when its values are copied as they are
 * and never replaced by kept ones; otherwise 0.
 */
static AttrNumber
verbatim_attnum(const Twin *twin, AttrNumber gray)
{
	const Column *column = twin_pair(twin, SIDE_GRAY, gray);

	return column != NULL && column_is_verbatim(column) && !twin_kept_wanted(twin, column)
			   ? column->attnum[SIDE_PRODUCTION]
			   : InvalidAttrNumber;
}

static bool
same_column(const Reference *gray, int i, const ForeignKeyCacheInfo *production)
{
	AttrNumber from = verbatim_attnum(gray->twin, gray->key->conkey[i]);
	AttrNumber to = gray->parent == NULL ? gray->key->confkey[i]
										 : verbatim_attnum(gray->parent, gray->key->confkey[i]);

	for (int j = 0; j < production->nkeys; j++)
	{
		if (from != InvalidAttrNumber && to != InvalidAttrNumber && production->conkey[j] == from &&
			production->confkey[j] == to && production->conpfeqop[j] == gray->key->conpfeqop[i])
			return true;
	}
	return false;
}

static bool
is_same_key(const Reference *gray, const ForeignKeyCacheInfo *production)
{
	Oid to = gray->parent == NULL ? gray->key->confrelid : gray->parent->relation[SIDE_PRODUCTION];

	if (production->nkeys != gray->key->nkeys || production->confrelid != to ||
		production->conrelid != gray->twin->relation[SIDE_PRODUCTION] ||
		match_of_valid(production) != match_of_valid(gray->key))
		return false;
	for (int i = 0; i < production->nkeys; i++)
	{
		if (!same_column(gray, i, production))
			return false;
	}
	return true;
}

static bool
holds_by_copy(const Reference *gray)
{
	ListCell *cell;

	if (gray->key->conrelid != gray->twin->relation[SIDE_GRAY] ||
		(gray->parent != NULL && !gray->to_owner))
		return false;
	foreach(cell, foreign_key_list_family(gray->twin->relation[SIDE_PRODUCTION]))
	{
		if (is_same_key(gray, lfirst(cell)))
			return true;
	}
	return false;
}

static List *
load_list(const TwinSet *set, Twin *twin, Side side)
{
	List	 *references = NIL;
	ListCell *cell;

	foreach(cell, foreign_key_list_family(twin->relation[side]))
	{
		ForeignKeyCacheInfo *key = lfirst(cell);
		Reference			*reference;

		if (match_of_valid(key) == '\0')
			continue;
		reference = palloc0(sizeof(Reference));
		reference->side = side;
		reference->key = key;
		reference->twin = twin;
		reference->parent = twin_find(set, side, partition_root(key->confrelid));
		if (reference->parent == NULL && side == SIDE_GRAY)
			reference->parent = twin_find_own(set, partition_root(key->confrelid));
		reference->to_owner = leads_to_owner(reference);
		reference->to_key = leads_to_key(reference);
		reference->holds_by_copy = side == SIDE_GRAY &&
								   OidIsValid(twin->relation[SIDE_PRODUCTION]) &&
								   holds_by_copy(reference);
		references = lappend(references, reference);
	}
	return references;
}

References
reference_load_all(const TwinSet *set)
{
	References references = {.twins = set->twins, .own = set->own};

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		references.lists[side] = palloc0(sizeof(List *) * Max(set->count, 1));
		for (int i = 0; i < set->count; i++)
			references.lists[side][i] = load_list(set, &set->twins[i], side);
	}
	references.own_lists = palloc0(sizeof(List *) * Max(set->own_count, 1));
	for (int i = 0; i < set->own_count; i++)
		references.own_lists[i] = load_list(set, &set->own[i], SIDE_GRAY);
	return references;
}

List *
reference_list_own(const References *references, const Twin *own)
{
	return references->own_lists[own - references->own];
}

List *
reference_list(const References *references, const Twin *twin, Side side)
{
	return references->lists[side][twin - references->twins];
}

static char *
column_of(const char *alias, Oid relation, AttrNumber attnum)
{
	return psprintf("%s.%s", alias, quote_identifier(get_attname(relation, attnum, false)));
}

static Oid
collation_of(Oid relation, AttrNumber attnum)
{
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	get_atttypetypmodcoll(relation, attnum, &type, &typmod, &collation);
	return collation;
}

char *
reference_sql_parked_column(ReferenceRow row, unsigned int relation, int16_t attnum)
{
	const Column  *column;
	StringInfoData value;

	if (row.own == NULL)
		return column_of(row.alias, relation, attnum);
	column = twin_column(row.own, SIDE_GRAY,
						 partition_attnum(row.own->relation[SIDE_GRAY], relation, attnum));
	if (column->parked == NULL) /* a generated column */
		return psprintf("NULL::%s", format_type_be_qualified(column->type[SIDE_GRAY]));
	initStringInfo(&value);
	own_parked_value(&value, column, psprintf("%s.%s", row.alias, column->parked));
	return value.data;
}

/* PostgreSQL compares in the collation of the referred column, and so does this expression. */
static char *
referring_column(const ForeignKeyCacheInfo *key, int i, ReferenceRow row)
{
	return sql_text_collated(reference_sql_parked_column(row, key->conrelid, key->conkey[i]),
							 collation_of(key->conrelid, key->conkey[i]),
							 collation_of(key->confrelid, key->confkey[i]));
}

void
reference_sql_refers_parked(StringInfo sql, const ForeignKeyCacheInfo *key, ReferenceRow from,
							ReferenceRow to)
{
	for (int i = 0; i < key->nkeys; i++)
	{
		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		generate_operator_clause(sql,
								 reference_sql_parked_column(to, key->confrelid, key->confkey[i]),
								 get_atttype(key->confrelid, key->confkey[i]), key->conpfeqop[i],
								 referring_column(key, i, from),
								 get_atttype(key->conrelid, key->conkey[i]));
	}
}

void
reference_sql_refers(StringInfo sql, const ForeignKeyCacheInfo *key, const char *from,
					 const char *to)
{
	reference_sql_refers_parked(sql, key, (ReferenceRow){from, NULL}, (ReferenceRow){to, NULL});
}

void
reference_sql_columns(StringInfo sql, const ForeignKeyCacheInfo *key, const char *alias,
					  const char *separator, const char *suffix)
{
	for (int i = 0; i < key->nkeys; i++)
		appendStringInfo(sql, "%s%s%s", i == 0 ? "" : separator,
						 column_of(alias, key->conrelid, key->conkey[i]), suffix);
}

/* A column that gray does not have is not known to come back, so the condition is false. */
void
reference_sql_comes_back(StringInfo sql, const Twin *twin, const ForeignKeyCacheInfo *key)
{
	appendStringInfo(sql, "EXISTS (SELECT 1 FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	for (int i = 0; i < key->nkeys; i++)
	{
		const Column  *column = twin_pair(twin, SIDE_PRODUCTION,
										  partition_attnum(twin->relation[SIDE_PRODUCTION],
														   key->confrelid, key->confkey[i]));
		StringInfoData value;

		appendStringInfoString(sql, " AND ");
		if (column == NULL)
		{
			appendStringInfoString(sql, "false");
			continue;
		}
		initStringInfo(&value);
		twin_sql_value(&value, column, SIDE_GRAY);
		sql_text_equal(sql,
					   sql_text_collated(value.data, column->collation[SIDE_GRAY],
										 column->collation[SIDE_PRODUCTION]),
					   column->type[SIDE_PRODUCTION],
					   psprintf("p.%s", column->name[SIDE_PRODUCTION]),
					   column->type[SIDE_PRODUCTION]);
	}
	appendStringInfoChar(sql, ')');
}

char *
reference_sql_key(const ForeignKeyCacheInfo *key)
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

int
reference_sql_error(const ForeignKeyCacheInfo *key)
{
	err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(key->conrelid)));
	err_generic_string(PG_DIAG_TABLE_NAME, get_rel_name(key->conrelid));
	err_generic_string(PG_DIAG_CONSTRAINT_NAME, get_constraint_name(key->conoid));
	return 0;
}
