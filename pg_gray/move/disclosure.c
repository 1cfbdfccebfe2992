/*
 * disclosure.c: decides who is told the details of a failed move
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "move/disclosure.h"
#include "postgres/catalog.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "user/uid.h"

static bool
may_read(Oid role)
{
	return pg_class_aclcheck(catalog_relation("incidents"), role, ACL_SELECT) == ACLCHECK_OK;
}

/*
 * The caller may be the owner of a SECURITY DEFINER function; the client hears only messages that
 * the session's user may hear.
 */
bool
disclosure_is_full(unsigned int caller)
{
	return may_read(caller) && may_read(GetSessionUserId());
}

int
disclosure_begin(bool full)
{
	int level = NewGUCNestLevel();

	if (!full)
		role_pin_setting("client_min_messages", "error");
	return level;
}

void
disclosure_end(int level)
{
	AtEOXact_GUC(false, level);
}

/* Return the whole error as one text, for the log. */
static char *
whole(const ErrorData *error)
{
	return psprintf("%s%s%s%s%s", error->message, error->detail ? "\n" : "",
					error->detail ? error->detail : "", error->context ? "\n" : "",
					error->context ? error->context : "");
}

static void
warn_in_full(const Release *release, const Uid *uid, State state, const ErrorData *error)
{
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("user \"%s\" of release \"%s\" is %s: %s", uid->text, release->name,
					state_name(state), error->message),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 errhint("SELECT * FROM gray.incidents; mend it, then SELECT gray_reset(%s, '%s').",
					 quote_literal_cstr(uid->text), release->name)));
}

void
disclosure_warn(const Release *release, const Uid *uid, State state, int64_t incident,
				const ErrorData *error, bool full)
{
	if (full)
		warn_in_full(release, uid, state, error);
	else
		ereport(WARNING,
				(errcode(error->sqlerrcode),
				 errmsg("user \"%s\" of release \"%s\" is %s: incident " INT64_FORMAT, uid->text,
						release->name, state_name(state), incident),
				 errdetail_log("%s", whole(error)),
				 errhint("Who may read gray.incidents sees why: SELECT * FROM gray.incidents WHERE release = '%s' AND incident = " INT64_FORMAT
						 ";",
						 release->name, incident)));
}

/* Functions of the application can raise any SQLSTATE, but can't set the name of a C function. */
static bool
is_cancellation(const ErrorData *error)
{
	return error->funcname != NULL && strcmp(error->funcname, "ProcessInterrupts") == 0;
}

void
disclosure_raise(const Release *release, const Uid *uid, ErrorData *error)
{
	if (is_cancellation(error))
	{
		error->context = NULL;
		ReThrowError(error);
	}
	ereport(ERROR,
			(errcode(error->sqlerrcode),
			 errmsg("user \"%s\" of release \"%s\" could not be moved", uid->text, release->name),
			 errdetail_log("%s", whole(error)),
			 subtransaction_time_cures(error)
				 ? errhint("Nothing was changed. Try again; the server's log says why.")
				 : errhint("Nothing was changed. The server's log says why.")));
}
