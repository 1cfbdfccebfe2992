/*
 * check_try.c: what an attempt would raise
 */
#include "postgres.h"

#include "access/xact.h"

#include "check_try.h"
#include "subtransaction.h"

static bool
is_of_the_moment(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_OPERATOR_INTERVENTION || category == ERRCODE_INSUFFICIENT_RESOURCES;
}

typedef struct Attempted
{
	void (*run)(void *arg);
	void *arg;
} Attempted;

static bool
run_in_vain(void *arg)
{
	Attempted *attempted = arg;

	XactReadOnly = true; /* until the subtransaction ends */
	attempted->run(attempted->arg);
	return false;
}

ErrorData *
check_try(void (*run)(void *arg), void *arg)
{
	ErrorData *error = subtransaction_run(run_in_vain, &(Attempted){run, arg});

	if (error != NULL && is_of_the_moment(error))
		ReThrowError(error);
	return error;
}
