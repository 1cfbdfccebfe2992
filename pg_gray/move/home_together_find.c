/*
 * home_together_find.c: finds the users because of whom a user can't come home
 *
 * The search runs after the failure, when the user is no longer locked.  Its answer may be out of
 * date; then the next try finds out.
 *
 * A way home may want a unique value that another user has in production.  To find that user, the
 * index's keys are formed of p, and of n: the production row that a gray row would become.  An
 * exclusion constraint has no keys that could be compared so.
 */
#include "postgres.h"

#include "access/genam.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "move/home_together.h"
#include "move/home_together_find.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "postgres/definition.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/sql_text.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/twin_sql.h"
#include "user/uid.h"

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

/* Add the owners of a query whose rows are uids. */
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

/* Find the users' rows on side `mine` whose twins belong to another user. */
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
	const TwinSet *set = search->move->prepared->set;

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

/*
 * For rows c that refer to rows r: add the owners of one end whose other end belongs to the users.
 */
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

/* The constraint may have another name on the other side, so its table is known by its twin. */
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

/* Return false when the error belongs to no foreign key of the twin. */
static bool
find_referrers(Search *search, const Twin *twin, Side side)
{
	bool	  any = false;
	ListCell *cell;

	foreach(cell, reference_list(&search->move->prepared->references, twin, side))
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

/*
 * A row that was given away is not deleted when both users come home, so rows outside that refer
 * to it can stay.
 */
static void
find_all_referrers(Search *search)
{
	const TwinSet *set = search->move->prepared->set;
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
 * Unique values
 */

static void
find_value(Search *search)
{
	StringInfoData sql;

	initStringInfo(&sql);
	if (together_value_append(&sql, search->move->prepared->set, search->error))
		add_owners(search, &sql);
}

static void
find_as_owner(void *argument)
{
	Search	  *search = argument;
	RoleSwitch before;

	role_become(&before, search->move->prepared->owner_role);
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
	return move->kind == MOVE_BACK && move->prepared != NULL && move->args.count > 0 &&
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

/* The violated index, open; or null. */
static Relation
open_index(const ErrorData *error)
{
	Oid		 schema;
	Oid		 oid;
	Relation index;

	if (error->schema_name == NULL || error->constraint_name == NULL)
		return NULL;
	schema = get_namespace_oid(error->schema_name, true);
	oid = get_relname_relid(error->constraint_name, schema);
	if (!OidIsValid(oid) || get_rel_relkind(oid) != RELKIND_INDEX)
		return NULL;
	index = index_open(oid, AccessShareLock);
	if (index->rd_index->indisunique)
		return index;
	index_close(index, NoLock);
	return NULL;
}

static char *
print(Relation index, Node *expression, const char *alias)
{
	return deparse_expression(expression, deparse_context_for(alias, index->rd_index->indrelid),
							  true, false);
}

static char *
column_of(Relation index, AttrNumber attnum, const char *alias)
{
	return psprintf("%s.%s", alias,
					quote_identifier(get_attname(index->rd_index->indrelid, attnum, false)));
}

/* Append: p and n have the same key. */
static void
append_same_key(StringInfo sql, Relation index)
{
	List	 *expressions = definition_index_expressions(index);
	ListCell *expression = list_head(expressions);

	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		AttrNumber attnum = index->rd_index->indkey.values[i];
		Oid		   type = TupleDescAttr(RelationGetDescr(index), i)->atttypid;
		char	  *p;
		char	  *n;

		if (attnum != 0)
		{
			p = column_of(index, attnum, "p");
			n = column_of(index, attnum, "n");
		}
		else
		{
			p = print(index, lfirst(expression), "p");
			n = print(index, lfirst(expression), "n");
			expression = lnext(expressions, expression);
		}
		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		sql_text_equal(sql, psprintf("(%s)", p), type, psprintf("(%s)", n), type);
	}
}

static void
append_predicate(StringInfo sql, Relation index)
{
	List *predicate = definition_index_predicate(index);
	Node *all;

	if (predicate == NIL)
		return;
	all = (Node *) make_ands_explicit(predicate);
	appendStringInfo(sql, " AND (%s) AND (%s)", print(index, all, "p"), print(index, all, "n"));
}

/* Append a SELECT of the values that a gray row g gives to production's columns. */
static void
append_row(StringInfo sql, const Twin *twin)
{
	const char *separator = "";

	appendStringInfoString(sql, "SELECT ");
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (!column_is_pair(column))
			continue;
		appendStringInfoString(sql, separator);
		separator = ", ";
		twin_sql_value(sql, column, SIDE_GRAY);
		appendStringInfo(sql, " AS %s", column->name[SIDE_PRODUCTION]);
	}
}

bool
together_value_append(StringInfo sql, const TwinSet *set, const ErrorData *error)
{
	Relation	index = open_index(error);
	const Twin *twin = NULL;

	if (index != NULL)
		twin = twin_find(set, SIDE_PRODUCTION, partition_root(index->rd_index->indrelid));
	if (twin != NULL)
	{
		appendStringInfoString(sql, "SELECT DISTINCT ");
		twin_sql_owner(sql, twin, SIDE_PRODUCTION, "p");
		appendStringInfo(sql, " FROM %s g CROSS JOIN LATERAL (", twin->table[SIDE_GRAY]);
		append_row(sql, twin);
		appendStringInfo(sql, ") n JOIN %s p ON ", twin->table[SIDE_PRODUCTION]);
		append_same_key(sql, index);
		append_predicate(sql, index);
		appendStringInfoString(sql, " WHERE ");
		twin_sql_owned(sql, twin, SIDE_GRAY, "g");
		appendStringInfoString(sql, " AND (");
		twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
		appendStringInfoString(sql, ") IS NOT TRUE");
	}
	if (index != NULL)
		index_close(index, NoLock);
	return twin != NULL;
}
