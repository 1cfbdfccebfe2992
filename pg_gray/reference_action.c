/*
 * reference_action.c: what a foreign key does to rows when the row they refer to goes
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "partition.h"
#include "query.h"
#include "reference_action.h"
#include "release.h"

StaticAssertDecl(REFERENCE_MAX_COLUMNS == INDEX_MAX_KEYS, "a foreign key has no more columns");

bool
reference_action_load(unsigned int constraint, ReferenceAction *action)
{
	HeapTuple		   tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	Form_pg_constraint form;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", constraint);
	form = (Form_pg_constraint) GETSTRUCT(tuple);
	memset(action, 0, sizeof(ReferenceAction));
	if (form->contype == CONSTRAINT_FOREIGN)
	{
		action->constraint = constraint;
		action->name = pstrdup(NameStr(form->conname));
		action->referrer = form->conrelid;
		action->referred = form->confrelid;
		action->on_delete = form->confdeltype;
		action->on_update = form->confupdtype;
		DeconstructFkConstraintRow(tuple, &action->count, action->referring_columns,
								   action->referred_columns, action->equal, NULL, NULL, NULL, NULL);
	}
	ReleaseSysCache(tuple);
	return OidIsValid(action->constraint);
}

static bool
is_set(char action)
{
	return action == FKCONSTR_ACTION_SETNULL || action == FKCONSTR_ACTION_SETDEFAULT;
}

bool
reference_action_on_delete(const ReferenceAction *action)
{
	return action->on_delete == FKCONSTR_ACTION_CASCADE || is_set(action->on_delete);
}

/* ON UPDATE CASCADE takes nothing away: both twins follow. */
bool
reference_action_on_update(const ReferenceAction *action)
{
	return is_set(action->on_update);
}

static const char *
word(char action)
{
	switch (action)
	{
		case FKCONSTR_ACTION_CASCADE:
			return "CASCADE";
		case FKCONSTR_ACTION_SETNULL:
			return "SET NULL";
		case FKCONSTR_ACTION_SETDEFAULT:
			return "SET DEFAULT";
		case FKCONSTR_ACTION_RESTRICT:
			return "RESTRICT";
		default:
			return "NO ACTION";
	}
}

char *
reference_action_text(const ReferenceAction *action)
{
	if (action->on_update == FKCONSTR_ACTION_NOACTION)
		return psprintf("ON DELETE %s", word(action->on_delete));
	return psprintf("ON DELETE %s ON UPDATE %s", word(action->on_delete), word(action->on_update));
}

/*
 * Listing
 */

/* A key of the release's that acts on rows when others go; in the current memory context. */
static ReferenceAction *
outside_action(const Release *release, const List *tables, Oid constraint)
{
	ReferenceAction *action = palloc(sizeof(ReferenceAction));
	Side			 ignored;

	if (!reference_action_load(constraint, action) ||
		!(reference_action_on_delete(action) || reference_action_on_update(action)))
		return NULL;
	action->table = release_table_find(tables, action->referrer, &action->side);
	if (action->table == NULL || release_table_find(tables, action->referred, &ignored) != NULL ||
		get_rel_namespace(action->referred) == get_namespace_oid(release->gray_schema, true))
		return NULL;
	return action;
}

static int
compare(const ListCell *a, const ListCell *b)
{
	const ReferenceAction *left = lfirst(a);
	const ReferenceAction *right = lfirst(b);

	if (left->table->position != right->table->position)
		return left->table->position - right->table->position;
	if (left->side != right->side)
		return (int) left->side - (int) right->side;
	if (left->referrer != right->referrer)
		return strcmp(get_rel_name(left->referrer), get_rel_name(right->referrer));
	return strcmp(left->name, right->name);
}

/* What PostgreSQL adds for each partition of either table is left out. */
static List *
list_where(const Release *release, const char *condition, QueryArgs *args)
{
	List  *actions = NIL;
	List  *tables = release_table_list(release);
	uint64 rows =
		query_run(psprintf("SELECT oid FROM pg_catalog.pg_constraint"
						   " WHERE contype = 'f' AND conparentid = 0"
						   " AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('n', 'd'))%s",
						   condition),
				  args);

	/* Loading runs no query. */
	for (uint64 row = 0; row < rows; row++)
	{
		ReferenceAction *action = outside_action(release, tables, query_oid(row, 1));

		if (action != NULL)
			actions = lappend(actions, action);
	}
	list_sort(actions, compare);
	return actions;
}

List *
reference_action_list(const Release *release)
{
	return list_where(release, "", NULL);
}

List *
reference_action_list_to(const Release *release, const List *referred)
{
	QueryArgs args = {0};

	query_arg_oids(&args, referred);
	return list_where(release, " AND confrelid = ANY ($1)", &args);
}
