/*
 * notice_fuzz.c: what a notification asks for, whoever sent it
 */
#include "fuzz.h"

#include "roster/notice.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned group = 0;
	Notice	 notice = notice_parse((Span){(const char *) data, size}, "v2", &group);

	PROMISE(notice != NOTICE_RELOAD || (size == 9 && memcmp(data, "v2 reload", 9) == 0));
	PROMISE(notice == NOTICE_OTHER_RELEASE || (size >= 2 && memcmp(data, "v2", 2) == 0));
	PROMISE(group < 4096);
	return 0;
}
