/*
 * pg_gray.c: the extension's table of contents
 *
 *   registry   release, twin, catalog; switch (create, drop, open, close)
 *   structure  clone, check
 *   users      uid, cohort, user_state, state_table, user_lock, user (the SQL functions)
 *   moves      move (all or nothing), migrate, migrate_back, attempt
 *   writing    twin_sql, quiet (no triggers), integrity (foreign keys)
 *   guarding   fence (its triggers), fence_row, fence_truncate, enter; fence_user,
 *              fence_memory (what is checked already), fence_table (what is known),
 *              fence_path (following an owner path)
 *   unique     rival (another user's row with the same key), rival_table, rival_owner;
 *              unique_index, unique_find, unique_switch
 *   telling    notify, roster, verify
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "fence_memory.h"
#include "fence_table.h"
#include "fence_user.h"
#include "move.h"
#include "playbook.h"
#include "quiet.h"
#include "release_cache.h"
#include "rival_table.h"
#include "role.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	role_init();
	move_init();
	quiet_init();
	playbook_init();
	release_cache_init();
	fence_table_init();
	fence_memory_init();
	fence_user_init();
	rival_table_init();
	MarkGUCPrefixReserved("pg_gray");
}
