/*
 * row_image.h: compares rows and their values bit for bit
 */
#ifndef PG_GRAY_POSTGRES_ROW_IMAGE_H
#define PG_GRAY_POSTGRES_ROW_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

struct TupleTableSlot;

/* True when an attribute of two rows of one table has the same value, bit for bit. */
extern bool slot_value_same(struct TupleTableSlot *a, struct TupleTableSlot *b, int16_t attnum);

/* Read the values of some attributes; return false when one is null. */
extern bool slot_value_take(struct TupleTableSlot *row, const int16_t *attnums, int count,
							uintptr_t *values);

#endif /* PG_GRAY_POSTGRES_ROW_IMAGE_H */
