/*
 * release_name.c: checks the name of a release
 */
#include "routing/release_name.h"

#include <string.h>

bool
release_name_is_valid(const char *text)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
							   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							   "0123456789_-";
	size_t			  length = strlen(text);

	return length > 0 && length <= RELEASE_NAME_MAX_BYTES && strspn(text, good) == length;
}
