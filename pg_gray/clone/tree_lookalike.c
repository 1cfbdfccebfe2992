/*
 * tree_lookalike.c: finds tables that look like tables of users by a column's name, but that no
 * foreign key connects with the tree
 *
 * Names are compared without case and underscores: user_id, userId and USERID are the same name.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/tree_lookalike.h"
#include "owner/owner_path.h"
#include "postgres/query.h"
#include "user/uid.h"

/*
 * Names
 */

/* The name in lower case, without underscores. */
static char *
plain(const char *name)
{
	char *result = pstrdup(name);
	char *end = result;

	for (const char *next = name; *next != '\0'; next++)
	{
		if (*next != '_')
			*end++ = pg_tolower((unsigned char) *next);
	}
	*end = '\0';
	return result;
}

static bool
ends_with(const char *name, const char *ending)
{
	size_t length = strlen(name);

	return length > strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0;
}

/*
 * The singular of an English word: "user" of "users", "company" of "companies", "box" of "boxes".
 */
static char *
singular(const char *name)
{
	int length = strlen(name);

	if (ends_with(name, "ies"))
		return psprintf("%.*sy", length - 3, name);
	if (ends_with(name, "ses") || ends_with(name, "xes") || ends_with(name, "ches"))
		return pnstrdup(name, length - 2);
	if (ends_with(name, "s") && !ends_with(name, "ss"))
		return pnstrdup(name, length - 1);
	return pstrdup(name);
}

/* Does the column's name say nothing about whom the row belongs to? */
static bool
is_generic(const char *plain_name)
{
	static const char *const names[] = {"id",  "uuid", "guid", "key", "pk",
										"oid", "code", "name", "no",  "number"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (strcmp(plain_name, names[i]) == 0)
			return true;
	}
	return false;
}

static List *
add_name(List *names, const char *name)
{
	return list_append_unique(names, makeString(plain(name)));
}

/*
 * Add the names that the root's name suggests: "user_id" and "user" for users.id, "user_id" for
 * auth_user.id.
 */
static List *
add_root_names(List *names, Oid root, const char *uid_column)
{
	char *table = singular(get_rel_name(root));
	char *last = strrchr(table, '_');

	names = add_name(names, table);
	names = add_name(names, psprintf("%s_%s", table, uid_column));
	if (last != NULL && last[1] != '\0')
		names = add_name(names, psprintf("%s_%s", last + 1, uid_column));
	return names;
}

/* The names that uid columns of the tree have, or are likely to have. */
static List *
uid_names(const Tree *tree)
{
	List	 *names = NIL;
	ListCell *cell;
	ListCell *candidate;

	foreach(cell, tree->tables)
	{
		const TreeTable *table = lfirst(cell);
		List			*paths = list_copy(table->candidates);

		if (table->owner != NULL)
			paths = lappend(paths, table->owner);
		foreach(candidate, paths)
		{
			const OwnerPath *path = lfirst(candidate);
			char			*name;

			if (path->uid_attnum == 0)
				continue;
			name = get_attname(path->table, path->uid_attnum, false);
			if (table->distance == 0)
				names = add_root_names(names, table->relation, name);
			if (!is_generic(plain(name)))
				names = add_name(names, name);
		}
	}
	return names;
}

static Datum
text_array(const List *strings)
{
	Datum	 *values = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int		  count = 0;
	ListCell *cell;

	foreach(cell, strings)
		values[count++] = CStringGetTextDatum(strVal(lfirst(cell)));
	return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT));
}

uintptr_t
lookalike_names(const List *paths)
{
	List	 *names = NIL;
	ListCell *cell;

	foreach(cell, paths)
	{
		const OwnerPath *path = lfirst(cell);
		char			*name;

		if (path == NULL || path->uid_attnum == 0)
			continue;
		name = get_attname(path->table, path->uid_attnum, false);
		if (is_generic(plain(name)))
			names = add_root_names(names, path->table, name);
		else
			names = add_name(names, name);
	}
	return text_array(names);
}

/*
 * Tables
 */

static List *
taken(const Tree *tree, const List *registered)
{
	List	 *tables = list_copy(tree->left_out);
	ListCell *cell;

	foreach(cell, tree->tables)
		tables = lappend_oid(tables, ((TreeTable *) lfirst(cell))->relation);
	foreach(cell, registered)
		tables = lappend_oid(tables, ((OwnerPath *) lfirst(cell))->table);
	return tables;
}

/* clang-format off */

#define SELECT_LOOKALIKES \
	"SELECT c.oid, format('%I.%I', n.nspname, c.relname), a.attname, a.atttypid" \
	" FROM pg_class c" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" JOIN pg_attribute a ON a.attrelid = c.oid" \
	" WHERE c.relkind IN ('r', 'p')" \
	" AND NOT c.relispartition" \
	" AND c.relpersistence <> 't'" \
	" AND n.nspname !~ '^pg_'" \
	" AND n.nspname NOT IN ('information_schema', 'gray')" \
	" AND n.nspname NOT IN (SELECT gray_schema FROM gray.release)" \
	" AND c.oid <> ALL ($1)" \
	" AND a.attnum > 0" \
	" AND NOT a.attisdropped" \
	" AND lower(replace(a.attname::text, '_', '') COLLATE \"C\") = ANY ($2)" \
	" AND NOT EXISTS (" \
		"SELECT 1" \
		" FROM pg_constraint k" \
		" WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey))" \
	" AND NOT EXISTS (" \
		"SELECT 1" \
		" FROM pg_depend d" \
		" WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')" \
	" AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid)" \
	" ORDER BY n.nspname, c.relname, a.attnum"

/* clang-format on */

List *
lookalike_find(const Tree *tree, const List *registered)
{
	const OwnerPath *root = ((TreeTable *) linitial(tree->tables))->owner;
	QueryArgs		 args = {0};
	List			*lookalikes = NIL;
	uint64			 rows;

	if (root->uid_attnum == 0)
		return NIL;
	query_arg_oids(&args, taken(tree, registered));
	query_arg(&args, TEXTARRAYOID, text_array(uid_names(tree)));
	rows = query_run(SELECT_LOOKALIKES, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Lookalike *lookalike = palloc(sizeof(Lookalike));
		Lookalike *last = lookalikes == NIL ? NULL : llast(lookalikes);

		lookalike->table = query_oid(row, 1);
		lookalike->name = query_text(row, 2);
		lookalike->column = query_text(row, 3);
		if (OidIsValid(uid_wider(owner_path_uid_type(root), getBaseType(query_oid(row, 4)))) &&
			(last == NULL || last->table != lookalike->table))
			lookalikes = lappend(lookalikes, lookalike);
	}
	return lookalikes;
}
