/*
 * empty_trigger.c: a trigger that does nothing, the least that a fence can cost
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(empty_trigger);

Datum
empty_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;

	return PointerGetDatum(data->tg_newtuple != NULL ? data->tg_newtuple : data->tg_trigtuple);
}
