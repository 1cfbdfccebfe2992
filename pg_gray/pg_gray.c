/*
 * pg_gray.c: the extension's table of contents
 *
 *   registry   release, twin, catalog; switch (create, drop, open, close)
 *   structure  clone, check
 *   users      uid, cohort, user_state, user_lock, user (the SQL functions)
 *   moves      move (all or nothing), migrate, migrate_back, attempt
 *   writing    twin_sql, quiet (no triggers), integrity (foreign keys)
 *   guarding   fence, fence_table; rival (unique values), rival_table, unique_index
 *   telling    notify, roster, verify
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "fence_table.h"
#include "move.h"
#include "quiet.h"
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
	fence_table_init();
	rival_table_init();
	MarkGUCPrefixReserved("pg_gray");
}
