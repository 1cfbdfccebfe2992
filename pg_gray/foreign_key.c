/*
 * foreign_key.c: the foreign keys of a table, and those of its gray clone
 *
 * A key's definition is PostgreSQL's own text, with tables and referred
 * columns exchanged; what follows them (MATCH, actions, DEFERRABLE, NOT VALID)
 * is taken as it is.
 */
#include "postgres.h"

#include "access/table.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "foreign_key.h"
#include "query.h"
#include "relation.h"

static int
compare_names(const ListCell *a, const ListCell *b)
{
	const ForeignKeyCacheInfo *left = lfirst(a);
	const ForeignKeyCacheInfo *right = lfirst(b);

	return strcmp(get_constraint_name(left->conoid), get_constraint_name(right->conoid));
}

List *
foreign_key_list(unsigned int relation)
{
	Relation table = table_open(relation, AccessShareLock);
	List	*keys = copyObject(RelationGetFKeyList(table));

	table_close(table, NoLock);
	list_sort(keys, compare_names);
	return keys;
}

/* "a, b" */
static char *
column_names(Oid relation, const AttrNumber *attnums, int count)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < count; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ",
						 quote_identifier(get_attname(relation, attnums[i], false)));
	return names.data;
}

/* The same, of the columns that are the gray twins of these. */
static char *
gray_column_names(const Twin *twin, const ForeignKeyCacheInfo *key)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < key->nkeys; i++)
	{
		const TwinColumn *column = twin_column(twin, SIDE_PRODUCTION, key->confkey[i]);

		if (column == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("foreign key \"%s\" of table \"%s\" refers to a column that table %s does not have",
							get_constraint_name(key->conoid), get_rel_name(key->conrelid),
							twin->table[SIDE_GRAY]),
					 errhint("Drop the release, and clone all its tables before one is upgraded.")));
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ", column->name[SIDE_GRAY]);
	}
	return names.data;
}

/* What follows the referred columns in a key's definition. */
static const char *
definition_tail(const ForeignKeyCacheInfo *key)
{
	char *definition = pg_get_constraintdef_command(key->conoid);
	char *head =
		psprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s(%s)",
				 relation_name(key->conrelid), quote_identifier(get_constraint_name(key->conoid)),
				 column_names(key->conrelid, key->conkey, key->nkeys),
				 relation_name(key->confrelid),
				 column_names(key->confrelid, key->confkey, key->nkeys));

	if (strncmp(definition, head, strlen(head)) != 0)
		elog(ERROR, "unexpected definition of a foreign key: %s", definition);
	return definition + strlen(head);
}

/*
 * The clause that adds this key to a gray table; `target` is the twin of the
 * table it refers to, null when that is not of the release.
 */
static char *
definition(const ForeignKeyCacheInfo *key, const Twin *target)
{
	return psprintf("ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s(%s)%s",
					quote_identifier(get_constraint_name(key->conoid)),
					column_names(key->conrelid, key->conkey, key->nkeys),
					target != NULL ? target->table[SIDE_GRAY] : relation_name(key->confrelid),
					target != NULL ? gray_column_names(target, key)
								   : column_names(key->confrelid, key->confkey, key->nkeys),
					definition_tail(key));
}

static void
clone_keys(const TwinSet *set, const Twin *twin)
{
	ListCell *cell;

	foreach (cell, foreign_key_list(twin->relation[SIDE_PRODUCTION]))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);
		const Twin				  *target = twin_find(set, SIDE_PRODUCTION, key->confrelid);

		query_run(psprintf("ALTER TABLE %s %s", twin->table[SIDE_GRAY], definition(key, target)),
				  NULL);
	}
}

/* Lead the keys of an earlier clone to the tables cloned now. */
static void
rewire_keys(const TwinSet *set, const Twin *twin, int first)
{
	ListCell *cell;

	foreach (cell, foreign_key_list(twin->relation[SIDE_GRAY]))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);
		const Twin				  *target = twin_find(set, SIDE_PRODUCTION, key->confrelid);

		if (target != NULL && target->position >= first)
			query_run(psprintf("ALTER TABLE %s DROP CONSTRAINT %s, %s", twin->table[SIDE_GRAY],
							   quote_identifier(get_constraint_name(key->conoid)),
							   definition(key, target)),
					  NULL);
	}
}

void
foreign_key_clone_all(const TwinSet *set, int first)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].position < first)
			rewire_keys(set, &set->twins[i], first);
		else
			clone_keys(set, &set->twins[i]);
	}
}
