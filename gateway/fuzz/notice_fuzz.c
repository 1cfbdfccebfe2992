/*
 * notice_fuzz.c: what a notification says, whoever sent it
 */
#include "fuzz.h"

#include "notice.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Span   payload = {(const char *) data, size};
	Notice notice = notice_parse(payload, "v2");

	if (notice.kind == NOTICE_STATE || notice.kind == NOTICE_LISTED)
		PROMISE(notice.uid.bytes >= payload.bytes &&
				notice.uid.bytes + notice.uid.length <= payload.bytes + size);
	PROMISE(notice.kind != NOTICE_PERCENT || notice.percent_hundredths <= 10000);
	PROMISE(notice.kind == NOTICE_OTHER_RELEASE || (size >= 2 && memcmp(data, "v2", 2) == 0) ||
			notice.kind == NOTICE_RELOAD);
	return 0;
}
