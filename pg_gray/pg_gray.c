/*
 * pg_gray.c: the extension's table of contents
 *
 *   registry   release, twin, catalog; switch (create, drop, open, close)
 *   structure  clone, check
 *   users      uid, cohort, user_state, state_table, user_lock, user (the SQL functions)
 *   moves      move (all or nothing), migrate, migrate_back, attempt
 *   writing    twin_sql, quiet (no triggers), integrity (foreign keys)
 *   guarding   fence (its triggers), fence_row, fence_orphan, fence_truncate, fence_skip,
 *              enter; fence_verdict (may this row be written?), fence_user, fence_memory,
 *              owner_set, latest, fence_table, fence_path, fence_nobody
 *   telling    notify, roster, verify
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "fence_memory.h"
#include "fence_orphan.h"
#include "fence_skip.h"
#include "fence_table.h"
#include "fence_user.h"
#include "move.h"
#include "quiet.h"
#include "role.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	role_init();
	move_init();
	quiet_init();
	fence_table_init();
	fence_memory_init();
	fence_user_init();
	fence_orphan_init();
	fence_skip_init();
	MarkGUCPrefixReserved("pg_gray");
}
