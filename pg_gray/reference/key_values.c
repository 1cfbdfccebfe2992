/*
 * key_values.c: carries the values by which rows refer to others, or are referred to
 *
 * The values are cast to the types of the foreign key's operators when they are read.  So the
 * search calls no functions of the owners of the columns' types.
 */
#include "postgres.h"

#include "executor/tstoreReceiver.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_type.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "reference/key_values.h"
#include "reference/reference_action.h"

/*
 * Types
 */

/* A polymorphic operator takes values of any type, so they are not cast. */
static Oid
taken_type(Oid wanted, Oid relation, AttrNumber attnum)
{
	return IsPolymorphicType(wanted) ? getBaseType(get_atttype(relation, attnum)) : wanted;
}

unsigned int *
key_values_referring_types(const ReferenceAction *action)
{
	Oid *types = palloc(sizeof(Oid) * Max(action->count, 1));

	for (int i = 0; i < action->count; i++)
	{
		Oid left;

		op_input_types(action->equal[i], &left, &types[i]);
		types[i] = taken_type(types[i], action->referrer, action->referring_columns[i]);
	}
	return types;
}

unsigned int *
key_values_referred_types(const ReferenceAction *action)
{
	Oid *types = palloc(sizeof(Oid) * Max(action->count, 1));

	for (int i = 0; i < action->count; i++)
	{
		Oid right;

		op_input_types(action->equal[i], &types[i], &right);
		types[i] = taken_type(types[i], action->referred, action->referred_columns[i]);
	}
	return types;
}

/*
 * Reading
 */

/* Texts that are equal by this table's collation may differ by the other table's collation. */
void
key_values_select(StringInfo sql, const char *alias, unsigned int relation, const int16_t *columns,
				  const unsigned int *types, int count)
{
	for (int i = 0; i < count; i++)
		appendStringInfo(sql, "%s%s.%s::%s%s", i == 0 ? "SELECT DISTINCT " : ", ", alias,
						 quote_identifier(get_attname(relation, columns[i], false)),
						 format_type_be_qualified(types[i]),
						 type_is_collatable(types[i]) ? " COLLATE pg_catalog.\"C\"" : "");
}

void
key_values_begin(KeyValues *values, const unsigned int *types, int count)
{
	values->count = count;
	values->types = types;
	values->store = tuplestore_begin_heap(false, false, work_mem);
	values->descriptor = CreateTemplateTupleDesc(count);
	for (int i = 0; i < count; i++)
		TupleDescInitEntry(values->descriptor, i + 1, NULL, types[i], -1, 0);
	values->slot = MakeSingleTupleTableSlot(values->descriptor, &TTSOpsMinimalTuple);
}

void
key_values_end(KeyValues *values)
{
	ExecDropSingleTupleTableSlot(values->slot);
	tuplestore_end(values->store);
	FreeTupleDesc(values->descriptor);
}

struct _DestReceiver *
key_values_receiver(KeyValues *values)
{
	DestReceiver *receiver = CreateTuplestoreDestReceiver();

	SetTuplestoreDestReceiverParams(receiver, values->store, CurrentMemoryContext, true, NULL, NULL);
	return receiver;
}

bool
key_values_next(KeyValues *values, uintptr_t *next)
{
	if (!tuplestore_gettupleslot(values->store, true, false, values->slot))
		return false;
	slot_getallattrs(values->slot);
	memcpy(next, values->slot->tts_values, sizeof(Datum) * values->count);
	return true;
}

/*
 * Printing
 */

static char *
value_text(Oid type, Datum value)
{
	Oid	 output;
	bool is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

char *
key_values_text(const KeyValues *values, const uintptr_t *of, unsigned int relation,
				const int16_t *columns)
{
	StringInfoData names;
	StringInfoData texts;

	initStringInfo(&names);
	initStringInfo(&texts);
	for (int i = 0; i < values->count; i++)
	{
		const char *separator = i == 0 ? "" : ", ";

		appendStringInfo(&names, "%s%s", separator, get_attname(relation, columns[i], false));
		appendStringInfo(&texts, "%s%s", separator, value_text(values->types[i], of[i]));
	}
	return psprintf("(%s)=(%s)", names.data, texts.data);
}
