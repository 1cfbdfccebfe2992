/*
 * check_shared.c: clean-ups of shared rows that would reach the other side
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check_shared.h"
#include "reference_action.h"
#include "reference_choice.h"
#include "relation.h"
#include "release.h"
#include "shared.h"

/* The gray key of a name that production's has too is not told again. */
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
	foreach(cell, shared_targets(release))
		check_target(release, lfirst(cell), findings);
}
