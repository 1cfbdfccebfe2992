/*
 * clone_foreign_key.c: copies foreign keys to gray tables
 *
 * The definition of a foreign key is PostgreSQL's own text, with the table and the referenced
 * columns exchanged.  The rest of the text (MATCH, actions, DEFERRABLE, NOT VALID) is taken as it
 * is.
 *
 * Production's partition may have a foreign key that came from its parent's foreign key.  The gray
 * partition then gets the foreign key from its gray parent again.  If the two keys of production
 * have different names, the partition's is made first, and PostgreSQL takes it for the key that the
 * parent's asks for.
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "commands/comment.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "clone/clone_foreign_key.h"
#include "clone/clone_partition.h"
#include "postgres/foreign_key.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"

/*
 * The foreign keys of a relation, without each key of a partition that its parent's key hands down
 * under the same name.
 */
static List *
keys_to_make(Oid relation)
{
	List	 *keys = NIL;
	ListCell *cell;

	foreach(cell, foreign_key_list(relation))
	{
		ForeignKeyCacheInfo *key = lfirst(cell);
		Oid					 parent = foreign_key_parent(key);

		if (!OidIsValid(parent) ||
			strcmp(get_constraint_name(parent), get_constraint_name(key->conoid)) != 0)
			keys = lappend(keys, key);
	}
	return keys;
}

/* The foreign keys of a table and its partitions, in an order in which they can be made. */
static List *
family_keys_to_make(Oid relation)
{
	List	 *keys = keys_to_make(relation);
	ListCell *cell;

	foreach(cell, partition_all(relation))
		keys = list_concat(keys_to_make(lfirst_oid(cell)), keys);
	return keys;
}

/* The names of columns, as "a, b". */
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

/* The twin whose production table is this table, or has it as a partition; or null. */
static Twin *
twin_of_family(const TwinSet *set, Oid production)
{
	return twin_find(set, SIDE_PRODUCTION, partition_root(production));
}

/* The gray table of a twin's production table, or of one of its partitions. */
static Oid
gray_relation(const Twin *twin, Oid production)
{
	if (production == twin->relation[SIDE_PRODUCTION])
		return twin->relation[SIDE_GRAY];
	return clone_partition_twin(production, twin->relation[SIDE_GRAY]);
}

static char *
gray_table(const Twin *twin, Oid production)
{
	return relation_name(gray_relation(twin, production));
}

/* The gray twins of the columns that a foreign key refers to. */
static char *
gray_column_names(const Twin *twin, const ForeignKeyCacheInfo *key)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < key->nkeys; i++)
	{
		AttrNumber attnum =
			partition_attnum(twin->relation[SIDE_PRODUCTION], key->confrelid, key->confkey[i]);
		const Column *column = twin_pair(twin, SIDE_PRODUCTION, attnum);

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

/* The part of a foreign key's definition behind the referenced columns. */
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
 * The clause that adds this foreign key to a gray table.  `target` is the twin of the referenced
 * table, or null when this table is not of the release.
 */
static char *
definition(const ForeignKeyCacheInfo *key, const Twin *target)
{
	return psprintf("ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s(%s)%s",
					quote_identifier(get_constraint_name(key->conoid)),
					column_names(key->conrelid, key->conkey, key->nkeys),
					target != NULL ? gray_table(target, key->confrelid)
								   : relation_name(key->confrelid),
					target != NULL ? gray_column_names(target, key)
								   : column_names(key->confrelid, key->confkey, key->nkeys),
					definition_tail(key));
}

static void
clone_comment(const ForeignKeyCacheInfo *key, const char *gray)
{
	char *comment = GetComment(key->conoid, ConstraintRelationId, 0);

	if (comment != NULL)
		query_run(psprintf("COMMENT ON CONSTRAINT %s ON %s IS %s",
						   quote_identifier(get_constraint_name(key->conoid)), gray,
						   quote_literal_cstr(comment)),
				  NULL);
}

static void
clone_keys(const TwinSet *set, const Twin *twin)
{
	ListCell *cell;

	foreach(cell, family_keys_to_make(twin->relation[SIDE_PRODUCTION]))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);

		query_run_key(psprintf("ALTER TABLE %s %s", gray_table(twin, key->conrelid),
							   definition(key, twin_of_family(set, key->confrelid))),
					  gray_relation(twin, key->conrelid));
		clone_comment(key, gray_table(twin, key->conrelid));
	}
}

/*
 * Re-create the foreign keys of an earlier clone that refer to production tables cloned now, so
 * that they refer to the gray twins.
 */
static void
rewire_keys(const TwinSet *set, const Twin *twin, int first)
{
	List	 *statements = NIL;
	ListCell *cell;

	foreach(cell, family_keys_to_make(twin->relation[SIDE_GRAY]))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);
		const Twin				  *target = twin_of_family(set, key->confrelid);
		char					  *table = relation_name(key->conrelid);

		if (target == NULL || target->position < first)
			continue;
		statements =
			lappend(statements, psprintf("ALTER TABLE %s %s", table, definition(key, target)));
		if (!OidIsValid(foreign_key_parent(key)))
			statements = lcons(psprintf("ALTER TABLE %s DROP CONSTRAINT %s", table,
										quote_identifier(get_constraint_name(key->conoid))),
							   statements);
	}
	foreach(cell, statements)
		query_run(lfirst(cell), NULL);
}

void
clone_foreign_key_all(const TwinSet *set, int first)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].position < first)
			rewire_keys(set, &set->twins[i], first);
		else
			clone_keys(set, &set->twins[i]);
	}
}
