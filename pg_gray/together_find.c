/*
 * together_find.c: on whose account a user can't come home
 *
 * Asked after the failure, when the user is no longer locked: the answer may be out of date, but
 * then the next try finds out.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "move.h"
#include "reference.h"
#include "reference_sql.h"
#include "relation.h"
#include "release.h"
#include "role.h"
#include "statement.h"
#include "subtransaction.h"
#include "together.h"
#include "together_find.h"
#include "together_value.h"
#include "twin_sql.h"
#include "uid.h"

typedef struct Search
{
	Move			*move;
	const ErrorData *error;
	List			*found; /* Uid */
} Search;

static void
add_owner(Search *search, const char *text)
{
	Uid		 *uid;
	ListCell *cell;

	if (text == NULL)
		return;
	uid = uid_from_text(text, search->move->release);
	foreach(cell, search->found)
	{
		if (uid_equal(uid->type, uid->value, ((Uid *) lfirst(cell))->value))
			return;
	}
	search->found = lappend(search->found, uid);
}

/* Of a query whose rows are uids. */
static void
add_owners(Search *search, StringInfo sql)
{
	QueryArgs args = search->move->args;
	uint64	  rows;

	appendStringInfo(sql, " LIMIT %d", TOGETHER_MAX + 1);
	rows = statement_run_once(search->move, sql->data, &args);
	for (uint64 row = 0; row < rows; row++)
		add_owner(search, query_text(row, 1));
}

static void
append_not_owned(StringInfo sql, const Twin *twin, Side side, const char *alias)
{
	appendStringInfoString(sql, " AND (");
	twin_sql_owned(sql, twin, side, alias);
	appendStringInfoString(sql, ") IS NOT TRUE");
}

/*
 * Rows
 */

/* The users' rows on side `mine` whose twins are somebody else's. */
static void
find_twins(Search *search, const Twin *twin, Side mine)
{
	Side		   theirs = mine == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;
	StringInfoData sql;

	if (twin->key_count == 0)
		return;
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT DISTINCT ");
	twin_sql_owner(&sql, twin, theirs, twin_sql_alias(theirs));
	appendStringInfo(&sql, " FROM %s g JOIN %s p ON ", twin->table[SIDE_GRAY],
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&sql, twin);
	appendStringInfoString(&sql, " WHERE ");
	twin_sql_owned(&sql, twin, mine, twin_sql_alias(mine));
	append_not_owned(&sql, twin, theirs, twin_sql_alias(theirs));
	add_owners(search, &sql);
}

static void
find_all_twins(Search *search, Side mine)
{
	const TwinSet *set = search->move->playbook->set;

	for (int i = 0; i < set->count; i++)
		find_twins(search, &set->twins[i], mine);
}

/*
 * References
 */

typedef struct End
{
	const Twin *twin;
	const char *alias;
} End;

/* Of the rows c that refer to rows r: the owners of one end, where the other is the users'. */
static void
find_end(Search *search, const Reference *reference, End mine, End theirs)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT DISTINCT ");
	twin_sql_owner(&sql, theirs.twin, reference->side, theirs.alias);
	appendStringInfo(&sql, " FROM %s c JOIN %s r ON ", relation_name(reference->key->conrelid),
					 relation_name(reference->key->confrelid));
	reference_sql_refers(&sql, reference->key, "c", "r");
	appendStringInfoString(&sql, " WHERE ");
	twin_sql_owned(&sql, mine.twin, reference->side, mine.alias);
	append_not_owned(&sql, theirs.twin, reference->side, theirs.alias);
	add_owners(search, &sql);
}

/* The constraint may have another name on the other side: its table is known by its twin. */
static bool
is_of_error(const Search *search, const Reference *reference)
{
	const char *table = search->error->table_name;

	if (reference->parent == NULL || reference->to_owner || table == NULL)
		return false;
	return strcmp(table, get_rel_name(reference->key->conrelid)) == 0 ||
		   strcmp(table, get_rel_name(reference->twin->relation[SIDE_PRODUCTION])) == 0 ||
		   strcmp(table, get_rel_name(reference->twin->relation[SIDE_GRAY])) == 0;
}

/* Returns false when the error is of no foreign key of the twin. */
static bool
find_referrers(Search *search, const Twin *twin, Side side)
{
	bool	  any = false;
	ListCell *cell;

	foreach(cell, reference_list(search->move->playbook, twin, side))
	{
		const Reference *reference = lfirst(cell);
		End				 child = {twin, "c"};
		End				 parent = {reference->parent, "r"};

		if (!is_of_error(search, reference))
			continue;
		any = true;
		find_end(search, reference, parent, child);
		find_end(search, reference, child, parent);
	}
	return any;
}

/* A row that was given away is not deleted when both come home: who refers to it from outside still can. */
static void
find_all_referrers(Search *search)
{
	const TwinSet *set = search->move->playbook->set;
	bool		   any = false;

	for (int i = 0; i < set->count; i++)
	{
		any |= find_referrers(search, &set->twins[i], SIDE_GRAY);
		any |= find_referrers(search, &set->twins[i], SIDE_PRODUCTION);
	}
	if (!any)
		find_all_twins(search, SIDE_PRODUCTION);
}

/*
 * All of it
 */

static void
find_value(Search *search)
{
	StringInfoData sql;

	initStringInfo(&sql);
	if (together_value_append(&sql, search->move->playbook->set, search->error))
		add_owners(search, &sql);
}

static void
find_as_owner(void *argument)
{
	Search	  *search = argument;
	RoleSwitch before;

	role_become(&before, search->move->playbook->owner_role);
	role_yield_soon();
	role_pin_formats(&search->move->release->formats);
	twin_sql_set_together(search->move->together != NIL);
	if (search->move->gave)
		find_all_twins(search, SIDE_PRODUCTION);
	else if (search->error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION)
		find_all_referrers(search);
	else
	{
		find_all_twins(search, SIDE_GRAY);
		find_value(search);
	}
	role_return(&before);
}

bool
together_find_applies(const Move *move, const ErrorData *error)
{
	return move->kind == MOVE_BACK && move->playbook != NULL && move->args.count > 0 &&
		   (error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION ||
			error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION);
}

List *
together_find(Move *move, const ErrorData *error)
{
	Search search = {.move = move, .error = error};

	if (!together_find_applies(move, error))
		return NIL;
	(void) subtransaction_look(find_as_owner, &search);
	twin_sql_set_together(false);
	return search.found;
}
