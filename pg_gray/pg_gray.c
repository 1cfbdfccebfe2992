/*
 * pg_gray.c: the extension's table of contents
 *
 *   registry   release, release_cache, twin, mapping, catalog; switch (create, open, close),
 *              release_drop; cached (what a session remembers)
 *   structure  clone (owner_path, owner_collation), diff, check
 *   users      uid, cohort, user_state, state_table, user_lock, user (the SQL functions)
 *   moves      move (all or nothing), nested (not within one another), playbook and statement
 *              (what is prepared), migrate, migrate_back, change (what was written in gray), merge,
 *              multiset (content, row_image), replace, keep (what only gray can hold), attempt
 *   writing    twin_sql, quiet (no triggers), rule (no rules), late_index, reference and
 *              integrity (foreign keys)
 *   guarding   fence (its triggers), fence_row, fence_orphan, fence_truncate, fence_skip,
 *              enter, session_side; fence_verdict (may this row be written?), fence_user,
 *              fence_memory, owner_set, latest, fence_table, owner_route, fence_path, fence_nobody;
 *              fence_reference (rows that a foreign key's action reaches), fence_key;
 *              reference_action, release_table, reference_error, key_look, slot_value
 *   sharing    shared (triggers on tables outside the release), shared_row, shared_table;
 *              reference_choice (how far an action may reach)
 *   unique     rival (another user's row with the same key), rival_table, rival_owner;
 *              unique_index, unique_find, unique_switch
 *   telling    notify, roster, verify
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "cached.h"
#include "fence_memory.h"
#include "fence_orphan.h"
#include "fence_skip.h"
#include "index_plan.h"
#include "late_index.h"
#include "move.h"
#include "quiet.h"
#include "replace.h"
#include "role.h"
#include "rule.h"
#include "session_side.h"
#include "user_lock.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	cached_init();
	role_init();
	user_lock_init();
	move_init();
	replace_init();
	quiet_init();
	index_plan_init();
	rule_init();
	late_index_init();
	fence_memory_init();
	fence_orphan_init();
	fence_skip_init();
	session_side_init();
	MarkGUCPrefixReserved("pg_gray");
}
