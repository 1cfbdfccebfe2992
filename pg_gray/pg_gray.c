/*
 * pg_gray.c: the extension's table of contents
 *
 *   registry   registry (its rows), release, release_cache, twin (twin_lone, twin_mapping,
 *              twin_kept, twin_shape, twin_remember), mapping (what gray_map may map), expression,
 *              catalog, words; switch (create, open, close), release_drop; cached (what a session
 *              remembers)
 *   structure  clone, clonable, structure, piece, piece_sql, path, rename, foreign_key, rewire,
 *              publication; owner_path, owner_outside, owner_collation; partition,
 *              partition_clone, partition_find, partition_cover; view, view_clone, view_obstacle,
 *              view_row, reader; clone_tree, tree, tree_owner, tree_call, choice, question,
 *              preview, lookalike, shared_key; diff, diff_column, diff_partition
 *   checking   check, finding; check_try, check_count, check_trial, check_row, check_name, body
 *              (what they look with); check_* (one for each kind of finding)
 *   users      uid, bucket, cohort, user_state, state_table, user_lock, user (the SQL functions),
 *              presence (has a user any rows?)
 *   moves      move (all or nothing), nested (not within one another), subtransaction, attempt,
 *              culprit (the row that it failed at); playbook and statement (what is prepared),
 *              index_plan, belief; migrate, copy, partition_copy; migrate_back, stay (what the
 *              migration remembered), change and untouched (what was written in gray), missing,
 *              absence, meaning, refuse, pending, outside (what can't come home); together and
 *              together_* (users who need each other); merge,
 *              merge_altered, multiset (content, row_image, places), replace; keep, keep_former
 *              (what only gray can hold)
 *   writing    twin_sql, quiet (no triggers), rule (no rules), late_index, reference, reference_sql
 *              and integrity (foreign keys)
 *   guarding   fence (its triggers), own_trigger (fired by one of ours?), fence_row, fence_orphan,
 *              fence_truncate, fence_skip, enter, session_side; fence_verdict (may this row be written?), fence_user, fence_memory,
 *              owner_set, latest, fence_table, owner_route, fence_path, fence_nobody;
 *              fence_reference (rows that a foreign key's action reaches), fence_key;
 *              reference_action, release_table, reference_error, key_look, slot_value
 *   sharing    shared (triggers on tables outside the release), shared_row, shared_table;
 *              reference_choice (how far an action may reach)
 *   unique     rival (another user's row with the same key), rival_table, rival_owner;
 *              unique_index, unique_find, unique_switch
 *   rights     ownership (whose a release is), admit (what owners of tables need), grant (kinds of
 *              roles), schema (who may create in the gray schema), privilege
 *   gateways   gateway (leases), announcement (all hold first), roster (what they read)
 *   telling    notify, verify, monitor (behind the views), disclosure (who is told of rows)
 *   SQL        query, call (what every function begins and ends with), rows, role, relation;
 *              role_guard (whose tables a statement touches) and owned (what the relcache computes
 *              of them), key_values (between tables of two owners)
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
#include "role_guard.h"
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
	role_guard_init();
	rule_init();
	late_index_init();
	fence_memory_init();
	fence_orphan_init();
	fence_skip_init();
	session_side_init();
	MarkGUCPrefixReserved("pg_gray");
}
