/*
 * content.h: what a row holds, as one value, to be compared without a key
 */
#ifndef CONTENT_H
#define CONTENT_H

#include "twin.h"

struct Altered;
struct StringInfoData;

/*
 * Append the content of row p or g: equal for two rows just when a way home has nothing to
 * write.  Of p it is what that was, or would be, as a gray row.
 *
 * Values are compared bit for bit, as where there is a key (see row_image.c).
 *
 * With `altered`, which may be null, pairs that are new since are left out: what is empty on one side
 * says nothing.  One that was altered since counts as what production can hold of it.
 */
extern void content_append(struct StringInfoData *sql, const Twin *twin, Side side,
						   const struct Altered *altered);

#endif /* CONTENT_H */
