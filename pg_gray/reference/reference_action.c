/*
 * reference_action.c: describes the action of a foreign key on the rows that refer to a deleted
 * row, and raises the error for a row that is still referred to
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "postgres/partition.h"
#include "postgres/query.h"
#include "reference/reference_action.h"
#include "release/release.h"

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

/* ON UPDATE CASCADE takes nothing away: both twins get the new value. */
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

/*
 * Return the action of a foreign key of the release that acts on rows when rows outside are
 * deleted; null for any other.  In the current memory context.
 */
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

/* Foreign keys that PostgreSQL adds for each partition of either table are left out. */
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

	/* Loading runs no query, so the result of this one stays. */
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

static bool
may_read(Oid table, const int16 *columns, int count)
{
	if (check_enable_rls(table, InvalidOid, true) == RLS_ENABLED)
		return false;
	if (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (int i = 0; i < count; i++)
	{
		if (pg_attribute_aclcheck(table, columns[i], GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

static char *
value_text(Oid type, Datum value)
{
	Oid	 output;
	bool is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

/* Return "Key (a, b)=(1, 2)", as far as the writer may see it. */
static char *
describe(const ReferenceAction *action, const ReferenceValues *key)
{
	StringInfoData names;
	StringInfoData values;

	if (!may_read(key->referred, key->columns, action->count))
		return "The key";
	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < action->count; i++)
	{
		const char *separator = i == 0 ? "" : ", ";
		Oid type = key->types != NULL ? key->types[i] : get_atttype(key->referred, key->columns[i]);

		appendStringInfo(&names, "%s%s", separator,
						 get_attname(key->referred, key->columns[i], false));
		appendStringInfo(&values, "%s%s", separator, value_text(type, key->values[i]));
	}
	return psprintf("Key (%s)=(%s)", names.data, values.data);
}

static int
err_constraint(const ReferenceAction *action)
{
	err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(action->referrer)));
	err_generic_string(PG_DIAG_TABLE_NAME, get_rel_name(action->referrer));
	err_generic_string(PG_DIAG_CONSTRAINT_NAME, action->name);
	return 0;
}

void
reference_error_raise(const ReferenceAction *action, const ReferenceValues *key, const char *state,
					  const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\"",
					get_rel_name(key->referred), action->name, get_rel_name(action->referrer)),
			 errdetail("%s is %s.", describe(action, key), state), errhint("%s", hint),
			 err_constraint(action)));
}
