/*
 * fence_mode.c: decides whether a row whose owner's data is on the other side is refused or skipped
 *
 * The first row that comes to a fence may load the library in the middle of a statement.  This
 * statement began without pg_gray.fence.  If the mode is skip, the statement is refused, and the
 * client tries it again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "fence/fence_mode.h"
#include "user/call.h"

typedef enum FenceMode
{
	MODE_CHECK,
	MODE_SKIP
} FenceMode;

static const struct config_enum_entry modes[] = {{"check", MODE_CHECK, false},
												 {"skip", MODE_SKIP, false},
												 {NULL, 0, false}};

static int mode = MODE_CHECK;

/* Start time of the client's statement that loaded the library. */
static TimestampTz loaded_by;

PG_FUNCTION_INFO_V1(gray_set_fence);

bool
fence_mode_is_skip(void)
{
	return mode == MODE_SKIP;
}

void
fence_mode_refuse_first(void)
{
	if (mode != MODE_SKIP || GetCurrentStatementStartTimestamp() != loaded_by)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg(
				 "pg_gray.fence = skip could not be heeded by the first statement of this session"),
			 errdetail(
				 "A row is of a user whose data is on the other side, and the statement had begun before pg_gray was loaded."),
			 errhint(
				 "Nothing was written. Try the transaction again in this session. SELECT gray_set_fence('skip') instead of SET, or session_preload_libraries = 'pg_gray' for the role, loads it before.")));
}

/* SET does the same, but does not load the library. */
Datum
gray_set_fence(PG_FUNCTION_ARGS)
{
	call_refuse_null(fcinfo, 0, "mode");
	(void) set_config_option("pg_gray.fence", text_to_cstring(PG_GETARG_TEXT_PP(0)), PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SET, true, 0, false);
	PG_RETURN_VOID();
}

void
fence_mode_init(void)
{
	DefineCustomEnumVariable("pg_gray.fence",
							 "What becomes of a row whose owner's data is on the other side.",
							 "check refuses the statement, skip leaves the row alone and tells how many there were.",
							 &mode, MODE_CHECK, modes, PGC_USERSET, 0, NULL, NULL, NULL);
	if (!process_shared_preload_libraries_in_progress)
		loaded_by = GetCurrentStatementStartTimestamp();
}
