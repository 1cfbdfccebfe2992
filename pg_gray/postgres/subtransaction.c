/*
 * subtransaction.c: runs code that may fail in a subtransaction
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "postgres/subtransaction.h"
#include "routing/sqlstate.h"

bool
subtransaction_time_cures(const ErrorData *error)
{
	return sqlstate_time_cures(unpack_sql_state(error->sqlerrcode));
}

ErrorData *
subtransaction_run(bool (*body)(void *), void *argument)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		if (body(argument))
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return error;
}

typedef struct Trial
{
	void (*body)(void *argument);
	void *argument;
} Trial;

static bool
run_trial(void *argument)
{
	Trial *trial = argument;

	trial->body(trial->argument);
	return true;
}

static bool
run_in_vain(void *argument)
{
	(void) run_trial(argument);
	return false;
}

/* True when the error would have hit any other action as well. */
static bool
is_of_the_moment(const ErrorData *error)
{
	return subtransaction_time_cures(error) ||
		   ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_SYSTEM_ERROR ||
		   error->sqlerrcode == ERRCODE_DATA_CORRUPTED ||
		   error->sqlerrcode == ERRCODE_INDEX_CORRUPTED;
}

/* It says nothing about what was read. */
static bool
is_of_the_server(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_OPERATOR_INTERVENTION || category == ERRCODE_INSUFFICIENT_RESOURCES;
}

static ErrorData *
try(bool (*run)(void *argument), Trial *trial)
{
	ErrorData *error = subtransaction_run(run, trial);

	if (error != NULL && is_of_the_moment(error))
		ReThrowError(error);
	return error;
}

ErrorData *
subtransaction_try(void (*body)(void *), void *argument)
{
	return try(run_trial, &(Trial){body, argument});
}

ErrorData *
subtransaction_look(void (*body)(void *), void *argument)
{
	return try(run_in_vain, &(Trial){body, argument});
}

static bool
run_read_only(void *argument)
{
	XactReadOnly = true; /* until the subtransaction ends */
	return run_in_vain(argument);
}

ErrorData *
subtransaction_read(void (*body)(void *), void *argument)
{
	ErrorData *error = subtransaction_run(run_read_only, &(Trial){body, argument});

	if (error != NULL && is_of_the_server(error))
		ReThrowError(error);
	return error;
}
