/*
 * follow_fuzz.c: notifications, readings, answers and losses in any order
 */
#include "fuzz.h"

#include "../test/follow_model.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	follow_model_play(data, size);
	return 0;
}
