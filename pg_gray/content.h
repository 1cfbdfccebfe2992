/*
 * content.h: what a row holds, as one value, to be compared without a key
 */
#ifndef CONTENT_H
#define CONTENT_H

#include "twin.h"

struct StringInfoData;

/*
 * Append the content of row p or g: equal for two rows just when a way home has nothing to
 * write.  Of p it is what that was, or would be, as a gray row.
 *
 * Values are compared bit for bit, as where there is a key (see row_image.c).
 */
extern void content_append(struct StringInfoData *sql, const Twin *twin, Side side);

#endif /* CONTENT_H */
