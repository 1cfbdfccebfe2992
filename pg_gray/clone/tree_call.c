/*
 * tree_call.c: writes the call of gray_clone_tree that makes the same tree again
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"

#include "clone/tree_call.h"
#include "owner/owner_outside.h"
#include "owner/owner_path.h"
#include "postgres/relation.h"

/*
 * A member of a JSON object: "public.messages": "from_id", or with {"holds_uid": "from_id"} as its
 * value.
 */
static char *
make_member(const TreeTable *table, const char *value, bool holds_uid)
{
	StringInfoData text;

	initStringInfo(&text);
	escape_json(&text, table->name);
	appendStringInfoString(&text, holds_uid ? ": {\"holds_uid\": " : ": ");
	escape_json(&text, value);
	if (holds_uid)
		appendStringInfoChar(&text, '}');
	return text.data;
}

static bool
is_candidate(const TreeTable *table, const OwnerPath *path)
{
	ListCell *cell;

	foreach(cell, table->candidates)
	{
		if (owner_path_same(lfirst(cell), path))
			return true;
	}
	return false;
}

/* The path is named by a column that no other path of the table has, if there is such a column. */
char *
tree_call_member(const TreeTable *table, const OwnerPath *path)
{
	List *others =
		is_candidate(table, path) ? table->candidates : list_make1(unconstify(OwnerPath *, path));
	char *column = owner_path_column(path, others);

	return make_member(table, column != NULL ? column : owner_path_text(path), false);
}

char *
tree_call_choice(const TreeTable *table, const OwnerPath *path)
{
	return psprintf("choices => %s",
					quote_literal_cstr(psprintf("{%s}", tree_call_member(table, path))));
}

/*
 * Do foreign keys leave no other answer?  A key that only the partitions have does not count, since
 * a new partition may lack it.
 */
static bool
goes_without_saying(const TreeTable *table)
{
	const OwnerPath *only;

	if (list_length(table->candidates) != 1 || table->owner == NULL)
		return false;
	only = linitial(table->candidates);
	return owner_path_same(table->owner, only) && !only->of_partitions;
}

/* The owner paths of all tables that a foreign key may lead to. */
static List *
all_known(const Tree *tree, const List *registered)
{
	List	 *known = list_copy(registered);
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		const TreeTable *table = lfirst(cell);
		OwnerPath		*path = palloc0(sizeof(OwnerPath));

		path->table = table->relation;
		known = lappend(known, table->owner != NULL ? table->owner : path);
	}
	return known;
}

/*
 * As tree_call_member, for a path that the caller may have chosen.  If the path's column holds the
 * uid in spite of a foreign key that leads elsewhere, the member says holds_uid.
 */
static char *
member_of(const TreeTable *table, const OwnerPath *path, const List *known)
{
	if (path->uid_attnum == 0 || !owner_outside_refers(path->table, path->uid_attnum, known))
		return tree_call_member(table, path);
	return make_member(table, get_attname(path->table, path->uid_attnum, false), true);
}

static void
append_member(StringInfo members, const char *member)
{
	appendStringInfo(members, "%s%s", members->len == 0 ? "" : ", ", member);
}

/* Append a member for each table of the release that is not in the tree. */
static void
append_others(StringInfo members, const Tree *tree, const List *registered, const List *known)
{
	ListCell *cell;

	foreach(cell, registered)
	{
		OwnerPath *path = lfirst(cell);
		TreeTable  other = {.relation = path->table};

		if (tree_table(tree, path->table) != NULL)
			continue;
		other.name = relation_name(path->table);
		append_member(members, member_of(&other, path, known));
	}
}

static char *
choices(const Tree *tree, const List *registered)
{
	List		  *known = all_known(tree, registered);
	StringInfoData members;
	ListCell	  *cell;

	initStringInfo(&members);
	foreach(cell, tree->tables)
	{
		const TreeTable *table = lfirst(cell);
		const OwnerPath *path;

		if (table->distance == 0 || goes_without_saying(table))
			continue;
		path = table->owner != NULL ? table->owner : owner_path_likeliest(table->candidates);
		append_member(&members, member_of(table, path, known));
	}
	append_others(&members, tree, registered, known);
	return members.data;
}

/* The tables left out, as "'public.logs', 'public.events'". */
static char *
left_out(const Tree *tree)
{
	StringInfoData names;
	ListCell	  *cell;

	initStringInfo(&names);
	foreach(cell, tree->left_out)
		append_member(&names, quote_literal_cstr(relation_name(lfirst_oid(cell))));
	return names.data;
}

char *
tree_call_text(const Tree *tree, const List *registered, const char *uid_column, const char *release)
{
	const TreeTable *root = linitial(tree->tables);
	StringInfoData	 call;
	char			*members = choices(tree, registered);
	char			*names = left_out(tree);

	initStringInfo(&call);
	appendStringInfo(&call, "SELECT * FROM gray_clone_tree(%s, %s", quote_literal_cstr(root->name),
					 quote_literal_cstr(uid_column));
	if (*members != '\0')
		appendStringInfo(&call, ", choices => %s", quote_literal_cstr(psprintf("{%s}", members)));
	if (*names != '\0')
		appendStringInfo(&call, ", leave_out => ARRAY[%s]", names);
	appendStringInfo(&call, ", release => %s);", quote_literal_cstr(release));
	return call.data;
}
