/*
 * reference_choice.c: decides how far the action of a foreign key may reach
 *
 * A choice is stored under the names of table and constraint.  There are no choices for foreign
 * keys between the tables of a release.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_constraint.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "reference/reference_action.h"
#include "reference/reference_choice.h"
#include "release/ownership.h"
#include "release/release.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_set_reference);

static const char *const policy_names[] = {NULL, "session side", "either side"};

/*
 * Reading
 */

/*
 * Return the production table that is the twin of a gray table, or of the root of its partition;
 * or 0.
 */
static Oid
production_table(const ReferenceAction *action)
{
	ListCell *cell;

	if (action->side == SIDE_PRODUCTION)
		return action->referrer;
	if (action->referrer == action->table->relation[SIDE_GRAY])
		return action->table->relation[SIDE_PRODUCTION];
	foreach(cell, partition_all(action->table->relation[SIDE_PRODUCTION]))
	{
		if (strcmp(get_rel_name(lfirst_oid(cell)), get_rel_name(action->referrer)) == 0)
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

char *
reference_choice_table(const ReferenceAction *action)
{
	Oid				production = production_table(action);
	ReferenceAction twin;

	if (OidIsValid(production))
	{
		Oid constraint = get_relation_constraint_oid(production, action->name, true);

		if (OidIsValid(constraint) && reference_action_load(constraint, &twin))
			return relation_name(production);
	}
	return relation_name(action->referrer);
}

static ReferencePolicy
policy_parse(const char *name)
{
	for (int i = POLICY_SESSION_SIDE; i <= POLICY_EITHER_SIDE; i++)
	{
		if (strcmp(policy_names[i], name) == 0)
			return (ReferencePolicy) i;
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown policy \"%s\" for a foreign key", name),
					errhint("Policies are 'session side' and 'either side'; null is the default.")));
}

ReferencePolicy
reference_choice(const Release *release, const ReferenceAction *action)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, reference_choice_table(action));
	query_arg_text(&args, action->name);
	if (query_run("SELECT policy FROM gray.reference_choice WHERE release_id = $1"
				  " AND referrer = $2 AND constraint_name::text = $3",
				  &args) == 0)
		return POLICY_DEFAULT;
	return policy_parse(query_text(0, 1));
}

char *
reference_choice_statement(const Release *release, const char *table, const char *constraint,
						   ReferencePolicy policy)
{
	return psprintf("SELECT gray_set_reference(%s, %s, %s, %s);", quote_literal_cstr(table),
					quote_literal_cstr(constraint), quote_literal_cstr(policy_names[policy]),
					quote_literal_cstr(release->name));
}

/*
 * Choosing
 */

/* Return the foreign key from which a partition's key was made; the key itself when it was not. */
static Oid
top_constraint(Oid constraint)
{
	Oid parent = constraint;

	while (OidIsValid(parent))
	{
		HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(parent));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for constraint %u", parent);
		constraint = parent;
		parent = ((Form_pg_constraint) GETSTRUCT(tuple))->conparentid;
		ReleaseSysCache(tuple);
	}
	return constraint;
}

static void
find_key(const Release *release, const List *tables, Oid table, const char *name,
		 ReferenceAction *action)
{
	const ReleaseTable *found = NULL;
	Side				side;
	Oid					constraint;

	if (get_rel_name(table) == NULL || (found = release_table_find(tables, table, &side)) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a table of release \"%s\"",
						get_rel_name(table) == NULL ? "it" : relation_name(table), release->name),
				 errhint("Name the table that has the foreign key.")));
	constraint = get_relation_constraint_oid(table, name, true);
	if (!OidIsValid(constraint) || !reference_action_load(top_constraint(constraint), action))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("table %s has no foreign key \"%s\"", relation_name(table), name),
						errhint("SELECT * FROM gray_check('%s') lists the keys that have a choice.",
								release->name)));
	action->table = found;
	action->side = side;
}

static void
refuse_without_choice(const Release *release, const List *tables, const ReferenceAction *action)
{
	Side ignored;

	if (release_table_find(tables, action->referred, &ignored) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("foreign key \"%s\" of table %s leads to a table of the release",
						action->name, relation_name(action->referrer)),
				 errdetail("A policy says how far an action on rows outside the release may reach."),
				 errhint("SELECT * FROM gray_check('%s') lists the keys that have a choice.",
						 release->name)));
	if (!reference_action_on_delete(action) && !reference_action_on_update(action))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("foreign key \"%s\" of table %s takes nothing away on either side",
							   action->name, relation_name(action->referrer)),
						errdetail("It is %s.", reference_action_text(action)),
						errhint("Nothing is to be chosen for it.")));
}

static void
choose(const Release *release, const ReferenceAction *action, ReferencePolicy policy)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, reference_choice_table(action));
	query_arg_text(&args, action->name);
	if (policy == POLICY_DEFAULT)
	{
		query_run("DELETE FROM gray.reference_choice WHERE release_id = $1 AND referrer = $2"
				  " AND constraint_name::text = $3",
				  &args);
		return;
	}
	query_arg_text(&args, policy_names[policy]);
	query_run("INSERT INTO gray.reference_choice (release_id, referrer, constraint_name, policy)"
			  " VALUES ($1, $2, $3::name, $4) ON CONFLICT (release_id, referrer, constraint_name)"
			  " DO UPDATE SET policy = EXCLUDED.policy",
			  &args);
}

Datum
gray_set_reference(PG_FUNCTION_ARGS)
{
	ReleaseCall		call;
	ReferencePolicy policy = POLICY_DEFAULT;
	List		   *tables;
	ReferenceAction action;

	call_refuse_null(fcinfo, 0, "referrer");
	call_refuse_null(fcinfo, 1, "constraint_name");
	if (!PG_ARGISNULL(2))
		policy = policy_parse(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	call_begin(&call, fcinfo, 3);
	release_lock(call.release);
	ownership_require(call.release, call.before.user, "say how far actions reach");
	call.release = release_load_with_tables(call.release->name);
	tables = release_table_list(call.release);
	find_key(call.release, tables, PG_GETARG_OID(0), call_name(fcinfo, 1), &action);
	if (policy != POLICY_DEFAULT)
		refuse_without_choice(call.release, tables, &action);
	choose(call.release, &action, policy);
	call_end(&call);
	PG_RETURN_VOID();
}
