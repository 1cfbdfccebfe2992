/*
 * fence_hook.c: refuses writes of a hook to tables that both versions have
 */
#include "postgres.h"

#include "utils/rel.h"

#include "fence/fence_hook.h"
#include "fence/fence_table.h"
#include "postgres/relation.h"

static bool		 is_running;
static HookEvent running;

void
fence_hook_begin(HookEvent event)
{
	is_running = true;
	running = event;
}

void
fence_hook_end(void)
{
	is_running = false;
}

static void
raise_wrote(Relation relation, Side side)
{
	const char *name = relation_name(RelationGetRelid(relation));

	if (side == SIDE_PRODUCTION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("hook wrote table %s, which version 2 has, too", name),
				 errhint(
					 "A hook after_home writes production; after_migrate, its rows are frozen already."),
				 errtable(relation)));
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("hook wrote table %s, which production has, too", name),
					errhint("gray_map says how its columns are made."), errtable(relation)));
}

void
fence_hook_refuse(Relation relation, const Trigger *fence)
{
	const FenceTable *table;

	if (!is_running)
		return;
	table = fence_table_get(relation, fence);
	if (table->own || (table->side == SIDE_PRODUCTION && running == HOOK_AFTER_HOME))
		return;
	raise_wrote(relation, table->side);
}

void
fence_hook_refuse_truncate(Relation relation)
{
	if (is_running)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("hook truncated table %s, which has rows of other users",
							   relation_name(RelationGetRelid(relation))),
						errhint("DELETE the rows of the user."), errtable(relation)));
}
