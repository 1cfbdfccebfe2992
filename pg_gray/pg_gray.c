/*
 * pg_gray.c: the extension's table of contents
 *
 * Folders, each of which includes only folders above it in this list (its README says which):
 *
 *   ../routing  rules that the gateway follows, too
 *   postgres   statements, roles, relations, snapshots and plans of PostgreSQL
 *   release    a release as the registry has it: its row, its twins, its rights
 *   user       a user's uid, state, locks, attempts and stay in gray
 *   owner      which user a row belongs to
 *   reference  foreign keys, and the rows at their other end
 *   structure  what a table consists of, made anew and compared
 *   unique     unique values across both sides
 *   fence      the triggers that guard the side where the user's data is not
 *   own        tables that only version 2 has: found, registered, decided on
 *   clone      gray tables and views made of production's
 *   move       one user there (migrate) and home (home_*): see move.c
 *   check      gray_check: what would go wrong with a release
 *   functions  the SQL functions that need several of these folders
 *
 * Words that docs/concepts.md does not have:
 *
 *   twin       a production table and its gray table; also a pair of their columns
 *   own table  a table that only version 2 has, and whose rows belong to users
 *   parked     of a row of an own table: put aside while its user is at home
 *   lone       a column that only one of two twins has
 *   piece      a part of a table besides its columns: an index, a constraint, a policy
 *   stay       the time from a user's move to gray until the move home
 *   kept       a value that only gray can hold, stored for the user's next stay
 *   untouched  a row that nobody has written since it was moved
 *   surplus    gray rows without a key that production has no equal row for
 *   absent     a row that is missing on one side although nobody deleted it there
 *   failed row the row at which a move failed
 *   prepared   the statements of a release's moves and what they are made of, as a session keeps them
 *   together   users who can come home only in one transaction
 *   route      the owner path of a table on one side, as attribute numbers
 *   orphan     a row whose owner row was not there yet when it was written
 *   nobody     the owner of a row whose owner path ends in a null
 *   rival      another user's row with the same unique value, on the other side
 *   shared     of a table outside the release: rows of several users refer to its rows
 *   silent     of a write: no trigger of the application fires
 *   late       of a unique index: filled when all rows of a statement are written
 *   hook       a function of the application that a move calls
 *   finding    an error or a warning of gray_check
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "postgres/session_cache.h"
#include "user/locked_users.h"
#include "fence/fence_mode.h"
#include "fence/fence_row.h"
#include "fence/fence_skip.h"
#include "postgres/small_user_plan.h"
#include "move/late_unique.h"
#include "move/move.h"
#include "move/silent_write.h"
#include "move/home_replace.h"
#include "postgres/role.h"
#include "postgres/role_guard.h"
#include "postgres/rule.h"
#include "fence/session_side.h"
#include "user/user_lock.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	session_cache_init();
	role_init();
	user_lock_init();
	move_init();
	home_replace_init();
	silent_write_init();
	small_user_plan_init();
	role_guard_init();
	rule_init();
	late_unique_init();
	locked_users_init();
	fence_orphan_init();
	fence_mode_init();
	fence_skip_init();
	session_side_init();
	MarkGUCPrefixReserved("pg_gray");
}
