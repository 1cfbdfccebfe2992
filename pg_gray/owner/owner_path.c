/*
 * owner_path.c: describes how the rows of a production table lead to their uid
 *
 * A row belongs to one user.  Where foreign keys allow two answers, the error lists the calls of
 * which the operator has to choose one.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "owner/owner_path.h"
#include "postgres/foreign_key.h"
#include "postgres/relation.h"
#include "user/uid.h"

StaticAssertDecl(OWNER_PATH_MAX_COLUMNS >= INDEX_MAX_KEYS, "a foreign key must fit");

static Oid
base_type(Oid relation, AttrNumber attnum)
{
	return getBaseType(get_atttype(relation, attnum));
}

bool
owner_path_is_complete(const OwnerPath *path)
{
	if (path->uid_attnum != 0)
		return relation_column_is_not_null(path->table, path->uid_attnum);
	for (int i = 0; i < path->count; i++)
	{
		if (!relation_column_is_not_null(path->table, path->attnums[i]))
			return false;
	}
	return true;
}

unsigned int
owner_path_uid_type(const OwnerPath *path)
{
	return base_type(path->table, path->uid_attnum);
}

/* Add a pair of columns; the pairs are kept in order, so that equal paths look equal. */
static void
add_columns(OwnerPath *path, AttrNumber attnum, AttrNumber parent_attnum)
{
	int place = path->count++;

	while (place > 0 && path->attnums[place - 1] > attnum)
	{
		path->attnums[place] = path->attnums[place - 1];
		path->parent_attnums[place] = path->parent_attnums[place - 1];
		place--;
	}
	path->attnums[place] = attnum;
	path->parent_attnums[place] = parent_attnum;
}

/*
 * Known tables
 */

static OwnerPath *
path_of(const Twin *twin, Side side)
{
	OwnerPath *path = palloc0(sizeof(OwnerPath));

	path->table = twin->relation[side];
	if (twin->uid_column != NULL)
		path->uid_attnum = twin->uid_column->attnum[side];
	else
		path->parent = twin->parent->relation[side];
	for (int column = 0; column < twin->path_count; column++)
		add_columns(path, twin->path_columns[column]->attnum[side],
					twin->parent_columns[column]->attnum[side]);
	return path;
}

List *
owner_path_registered(const TwinSet *set)
{
	List *known = NIL;

	for (int i = 0; i < set->count; i++)
		known = lappend(known, path_of(&set->twins[i], SIDE_PRODUCTION));
	return known;
}

List *
owner_path_registered_gray(const TwinSet *set)
{
	List *known = NIL;

	for (int i = 0; i < set->count; i++)
		known = lappend(known, path_of(&set->twins[i], SIDE_GRAY));
	for (int i = 0; i < set->own_count; i++)
		known = lappend(known, path_of(&set->own[i], SIDE_GRAY));
	return known;
}

OwnerPath *
owner_path_find(const List *known, unsigned int table)
{
	ListCell *cell;

	foreach(cell, known)
	{
		OwnerPath *path = lfirst(cell);

		if (path->table == table)
			return path;
	}
	return NULL;
}

/*
 * Candidates
 */

static OwnerPath *
candidate(const ForeignKeyCacheInfo *key, const OwnerPath *parent)
{
	OwnerPath *path = palloc0(sizeof(OwnerPath));

	path->table = key->conrelid;
	path->parent = key->confrelid;
	for (int i = 0; i < key->nkeys; i++)
	{
		add_columns(path, key->conkey[i], key->confkey[i]);
		if (parent->uid_attnum != 0 && parent->uid_attnum == key->confkey[i] &&
			OidIsValid(
				uid_wider(owner_path_uid_type(parent), base_type(key->conrelid, key->conkey[i]))))
			path->uid_attnum = key->conkey[i];
	}
	return path;
}

bool
owner_path_same(const OwnerPath *a, const OwnerPath *b)
{
	if (a->uid_attnum != 0 || b->uid_attnum != 0)
		return a->uid_attnum == b->uid_attnum;
	return a->parent == b->parent && a->count == b->count &&
		   memcmp(a->attnums, b->attnums, sizeof(a->attnums)) == 0 &&
		   memcmp(a->parent_attnums, b->parent_attnums, sizeof(a->parent_attnums)) == 0;
}

static bool
contains_same(const List *paths, const OwnerPath *path)
{
	ListCell *cell;

	foreach(cell, paths)
	{
		if (owner_path_same(lfirst(cell), path))
			return true;
	}
	return false;
}

/* Append each of these foreign keys that leads to a known table, as an owner path. */
static List *
append_paths(List *paths, const List *keys, const List *known, bool of_partitions)
{
	ListCell *cell;

	foreach(cell, keys)
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);
		const OwnerPath			  *parent = owner_path_find(known, key->confrelid);
		OwnerPath				  *path;

		if (parent == NULL || key->confrelid == key->conrelid)
			continue;
		path = candidate(key, parent);
		path->of_partitions = of_partitions;
		paths = lappend(paths, path);
	}
	return paths;
}

/* Return all paths; those of the table come before those of its partitions. */
static List *
all_paths(Oid table, const List *known)
{
	List *paths = append_paths(NIL, foreign_key_list(table), known, false);

	return append_paths(paths, foreign_key_shared_list(table, false), known, true);
}

static List *
without_duplicates(const List *paths)
{
	List	 *distinct = NIL;
	ListCell *cell;

	foreach(cell, paths)
	{
		if (!contains_same(distinct, lfirst(cell)))
			distinct = lappend(distinct, lfirst(cell));
	}
	return distinct;
}

List *
owner_path_candidates(unsigned int table, const List *known)
{
	return without_duplicates(all_paths(table, known));
}

List *
owner_path_partial(unsigned int table, const List *known)
{
	return append_paths(NIL, foreign_key_shared_list(table, true), known, true);
}

/* Return a rank: the greater, the likelier people mean this path. */
static int
likelihood(const OwnerPath *path)
{
	return (owner_path_is_complete(path) ? 2 : 0) + (path->uid_attnum != 0 ? 1 : 0);
}

OwnerPath *
owner_path_likeliest(const List *candidates)
{
	OwnerPath *likeliest = NULL;
	ListCell  *cell;

	foreach(cell, candidates)
	{
		if (likeliest == NULL || likelihood(lfirst(cell)) > likelihood(likeliest))
			likeliest = lfirst(cell);
	}
	return likeliest;
}

/*
 * In words
 */

char *
owner_path_text(const OwnerPath *path)
{
	StringInfoData text;

	if (path->uid_attnum != 0)
		return pstrdup(quote_identifier(get_attname(path->table, path->uid_attnum, false)));
	initStringInfo(&text);
	for (int i = 0; i < path->count; i++)
		appendStringInfo(&text, "%s%s", i == 0 ? "" : ", ",
						 quote_identifier(get_attname(path->table, path->attnums[i], false)));
	appendStringInfo(&text, " -> %s", relation_name(path->parent));
	return text.data;
}

char *
owner_path_choices(const List *candidates)
{
	StringInfoData text;
	ListCell	  *cell;

	initStringInfo(&text);
	foreach(cell, candidates)
		appendStringInfo(&text, "%s%s", text.len == 0 ? "" : " or ", owner_path_text(lfirst(cell)));
	return text.data;
}

static bool
has_column(const OwnerPath *path, AttrNumber attnum)
{
	for (int i = 0; i < path->count; i++)
	{
		if (path->attnums[i] == attnum)
			return true;
	}
	return false;
}

/* Return the number of candidates with this column in their foreign key. */
static int
count_with_column(const List *candidates, AttrNumber attnum)
{
	int		  count = 0;
	ListCell *cell;

	foreach(cell, candidates)
		count += has_column(lfirst(cell), attnum);
	return count;
}

char *
owner_path_column(const OwnerPath *path, const List *candidates)
{
	if (path->uid_attnum != 0)
		return get_attname(path->table, path->uid_attnum, false);
	for (int i = 0; i < path->count; i++)
	{
		if (count_with_column(candidates, path->attnums[i]) == 1)
			return get_attname(path->table, path->attnums[i], false);
	}
	return NULL;
}

char *
owner_path_call(const OwnerPath *path, const List *candidates, const char *release)
{
	char *column = owner_path_column(path, candidates);

	if (column == NULL)
		return psprintf("-- %s: no column is in this foreign key alone", owner_path_text(path));
	return psprintf("SELECT gray_clone(%s, %s, %s);",
					quote_literal_cstr(relation_name(path->table)), quote_literal_cstr(column),
					quote_literal_cstr(release));
}

/*
 * Return the paths whose foreign key has this column: those that lead through the column, when
 * there are any, otherwise those that lead beside it.
 */
static List *
paths_with_column(const List *paths, AttrNumber attnum)
{
	List	 *through = NIL;
	List	 *beside = NIL;
	ListCell *cell;

	foreach(cell, paths)
	{
		OwnerPath *path = lfirst(cell);

		if (path->uid_attnum == attnum)
			return list_make1(path);
		if (!has_column(path, attnum))
			continue;
		if (path->uid_attnum == 0)
			through = lappend(through, path);
		else
			beside = lappend(beside, path);
	}
	return without_duplicates(through != NIL ? through : beside);
}

List *
owner_path_with_column(unsigned int table, int16_t attnum, const List *known)
{
	List *paths = paths_with_column(all_paths(table, known), attnum);

	return paths != NIL ? paths : paths_with_column(owner_path_partial(table, known), attnum);
}
