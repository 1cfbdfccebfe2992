/*
 * row_image.c: compares rows and their values bit for bit
 *
 * A type may have no equality operator, or one by which different values are equal, and the text
 * of a value may tell less than the value.  So rows without a key are compared by their bytes, as
 * record_image_eq compares them.  PostgreSQL groups by a type's own equality, so the image is a
 * bytea, whose equality is that of the bytes.
 *
 *   hash    a hash of all following bytes, so that a sort is decided by the first bytes
 *   values  each with a mark for null; a value of variable length has its length before it
 *
 * The storage of a value does not count (compressed, out of line or with a short header), nor does
 * the header of a composite value, which tells of the row that it was taken from.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "postgres/row_image.h"

PG_FUNCTION_INFO_V1(row_image);

static void append_row(StringInfo image, HeapTupleHeader row);

static void
append_varlena(StringInfo image, Datum value)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);
	uint32			length = VARSIZE_ANY_EXHDR(bytes);

	appendBinaryStringInfo(image, (char *) &length, sizeof(length));
	appendBinaryStringInfo(image, VARDATA_ANY(bytes), length);
	if ((Pointer) bytes != DatumGetPointer(value))
		pfree(bytes);
}

static void
append_value(StringInfo image, Form_pg_attribute attribute, Datum value)
{
	if (attribute->attbyval)
		appendBinaryStringInfo(image, (char *) &value, sizeof(value));
	else if (attribute->attlen > 0)
		appendBinaryStringInfo(image, DatumGetPointer(value), attribute->attlen);
	else if (attribute->attlen == -2)
		appendBinaryStringInfo(image, DatumGetCString(value), strlen(DatumGetCString(value)) + 1);
	else if (type_is_rowtype(attribute->atttypid))
		append_row(image, DatumGetHeapTupleHeader(value));
	else
		append_varlena(image, value);
}

static void
append_row(StringInfo image, HeapTupleHeader row)
{
	TupleDesc descriptor =
		lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row), .t_data = row};
	Datum		 *values = palloc(sizeof(Datum) * descriptor->natts);
	bool		 *nulls = palloc(sizeof(bool) * descriptor->natts);

	check_stack_depth();
	heap_deform_tuple(&tuple, descriptor, values, nulls);
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (attribute->attisdropped)
			continue;
		appendStringInfoCharMacro(image, nulls[i]);
		if (!nulls[i])
			append_value(image, attribute, values[i]);
	}
	pfree(values);
	pfree(nulls);
	ReleaseTupleDesc(descriptor);
}

Datum
row_image(PG_FUNCTION_ARGS)
{
	uint64		   hash = 0;
	StringInfoData image;

	initStringInfo(&image);
	appendStringInfoSpaces(&image, VARHDRSZ + sizeof(hash));
	append_row(&image, PG_GETARG_HEAPTUPLEHEADER(0));
	hash = hash_bytes_extended((unsigned char *) image.data + VARHDRSZ + sizeof(hash),
							   image.len - VARHDRSZ - sizeof(hash), 0);
	SET_VARSIZE(image.data, image.len);
	memcpy(VARDATA(image.data), &hash, sizeof(hash));
	PG_RETURN_BYTEA_P(image.data);
}

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
