/*
 * check_action.c: finds foreign keys whose actions reach beyond a user's rows
 *
 *   SET NULL   an action on an owner path, by which rows lose their user
 *   shared     an action by which the clean-up of a shared row would reach rows of the other side
 */
#include "postgres.h"

#include "access/attnum.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check/check_action.h"
#include "check/check_relations.h"
#include "fence/shared_trigger.h"
#include "owner/owner_sql.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "reference/reference_action.h"
#include "reference/reference_choice.h"
#include "release/release.h"

/* clang-format off */

#define ACTION(event, column) \
	"'ON " event " ' || CASE " column " WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END"

/*
 * Each column that a foreign key sets to null or its default; and the definition with CASCADE that
 * gray's foreign key should have, if gray has the foreign key.
 */
#define SELECT_KEYS \
	CHECK_RELATIONS \
	" SELECT r.root, r.side, a.attnum, quote_ident(k.conname)," \
		" concat_ws(" \
			"', ', " ACTION("DELETE", "k.confdeltype") ", " ACTION("UPDATE", "k.confupdtype") ")," \
		" (" \
			"SELECT regexp_replace(" \
				"pg_get_constraintdef(o.oid)," \
				" ' (ON DELETE|ON UPDATE) SET (NULL|DEFAULT)( \\([^)]*\\))?', ' \\1 CASCADE', 'g')" \
			" FROM relation g" \
			" JOIN pg_constraint o ON o.conrelid = g.oid" \
			" AND o.contype = 'f'" \
			" AND o.conname = k.conname" \
			" WHERE g.position = r.position AND g.side = 'gray' AND g.oid = g.root)" \
	" FROM relation r" \
	" JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype = 'f' AND k.conparentid = 0" \
	" CROSS JOIN unnest(" \
		"CASE WHEN k.confupdtype IN ('n', 'd') THEN k.conkey" \
		" ELSE coalesce(k.confdelsetcols, k.conkey) END) AS a (attnum)" \
	" WHERE r.oid = r.root AND (k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('n', 'd'))" \
	" ORDER BY r.position, k.conname, r.side DESC, a.attnum"

/* clang-format on */

static bool
leads(const Twin *twin, Side side, AttrNumber attnum)
{
	const Column **columns;
	int			   count = owner_sql_columns(twin, &columns);

	for (int i = 0; i < count; i++)
	{
		if (columns[i]->attnum[side] == attnum)
			return true;
	}
	return false;
}

static void
add_key(const Twin *twin, Side side, uint64 row, Findings *findings)
{
	finding_add(findings, false, pstrdup(twin->table[side]),
				psprintf("foreign key %s takes rows from their user (%s): in production they belong to nobody then, and in gray it is refused",
						 query_text(row, 4), query_text(row, 5)),
				query_is_null(row, 6)
					? "Let version 1 delete such rows, or give them to somebody, before it deletes what they refer to."
					: psprintf("ALTER TABLE %1$s DROP CONSTRAINT %2$s, ADD CONSTRAINT %2$s %3$s;",
							   twin->table[SIDE_GRAY], query_text(row, 4), query_text(row, 6)));
}

/* A foreign key that both sides have gets one warning. */
void
check_set_null(const Release *release, const TwinSet *set, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;
	char	 *last = "";

	query_arg_int(&args, release->id);
	rows = query_run(SELECT_KEYS, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Side		side = side_of_label(query_text(row, 2));
		const Twin *twin = twin_find(set, side, query_oid(row, 1));
		char	   *key;

		if (twin == NULL || !leads(twin, side, query_int(row, 3)))
			continue;
		key = psprintf("%d %s", twin->position, query_text(row, 4));
		if (strcmp(key, last) != 0)
			add_key(twin, side, row, findings);
		last = key;
	}
}

/* True when production's foreign key of the same name has the finding already. */
static bool
is_told(const ReferenceAction *action)
{
	return action->side == SIDE_GRAY &&
		   strcmp(reference_choice_table(action), relation_name(action->referrer)) != 0;
}

static void
check_key(const Release *release, const ReferenceAction *action, Findings *findings)
{
	char *table = reference_choice_table(action);

	if (is_told(action) || reference_choice(release, action) != POLICY_DEFAULT)
		return;
	finding_add(findings, false, table,
				psprintf("foreign key %s to %s is %s: a clean-up there by one side is refused while live rows of the other side refer to what it deletes",
						 quote_identifier(action->name), relation_name(action->referred),
						 reference_action_text(action)),
				psprintf("%s if that is meant; or %s",
						 reference_choice_statement(release, table, action->name,
													POLICY_SESSION_SIDE),
						 reference_choice_statement(release, table, action->name,
													POLICY_EITHER_SIDE)));
}

static void
check_target(const Release *release, const SharedTarget *target, Findings *findings)
{
	if (target->is_up)
		return;
	if (target->obstacle != NULL)
		finding_add(findings, false, target->name,
					psprintf("no trigger of ours can be put on it, since %s: what one side deletes there may take rows of the other side along",
							 target->obstacle),
					psprintf("Have its owner or a superuser run: %s;", target->statement));
	else if (release->is_open)
		finding_add(findings, false, target->name,
					"our trigger is not on it, or off: what one side deletes there may take rows of the other side along",
					psprintf("SELECT gray_open(%s);", quote_literal_cstr(release->name)));
}

void
check_shared(const Release *release, Findings *findings)
{
	ListCell *cell;

	foreach(cell, reference_action_list(release))
		check_key(release, lfirst(cell), findings);
	foreach(cell, shared_trigger_targets(release))
		check_target(release, lfirst(cell), findings);
}
