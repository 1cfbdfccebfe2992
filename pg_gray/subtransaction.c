/*
 * subtransaction.c: trying something that may fail
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "subtransaction.h"

/* It would have befallen anything else as well. */
static bool
is_of_the_moment(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
			return true;
		default:
			return error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
				   error->sqlerrcode == ERRCODE_DATA_CORRUPTED ||
				   error->sqlerrcode == ERRCODE_INDEX_CORRUPTED;
	}
}

static ErrorData *
run(void (*body)(void *), void *argument, bool in_vain)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		body(argument);
		if (in_vain)
			RollbackAndReleaseCurrentSubTransaction();
		else
			ReleaseCurrentSubTransaction();
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
	if (error != NULL && is_of_the_moment(error))
		ReThrowError(error);
	return error;
}

ErrorData *
subtransaction_try(void (*body)(void *), void *argument)
{
	return run(body, argument, false);
}

ErrorData *
subtransaction_look(void (*body)(void *), void *argument)
{
	return run(body, argument, true);
}
