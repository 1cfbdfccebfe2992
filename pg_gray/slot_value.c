/*
 * slot_value.c: values of two versions of a row
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "utils/datum.h"

#include "slot_value.h"

bool
slot_value_same(TupleTableSlot *a, TupleTableSlot *b, int16_t attnum)
{
	Form_pg_attribute attribute = TupleDescAttr(a->tts_tupleDescriptor, attnum - 1);
	bool			  is_null[2];
	Datum			  one = slot_getattr(a, attnum, &is_null[0]);
	Datum			  two = slot_getattr(b, attnum, &is_null[1]);

	if (is_null[0] || is_null[1])
		return is_null[0] == is_null[1];
	return datum_image_eq(one, two, attribute->attbyval, attribute->attlen);
}

bool
slot_value_take(TupleTableSlot *row, const int16_t *attnums, int count, uintptr_t *values)
{
	for (int i = 0; i < count; i++)
	{
		bool is_null;

		values[i] = slot_getattr(row, attnums[i], &is_null);
		if (is_null)
			return false;
	}
	return true;
}
