/*
 * content.h: what a row holds, as one text, to be compared without a key
 */
#ifndef CONTENT_H
#define CONTENT_H

#include "twin.h"

struct StringInfoData;

/*
 * Append the content of row p or g: equal for two rows just when a way home has nothing to
 * write.  Of p it is what that was, or would be, as a gray row.
 *
 * A type's text holds all of its value, as pg_dump relies on too, and each type has one, while
 * many have no equality.  The formats must be pinned (role_pin_formats).
 */
extern void content_append(struct StringInfoData *sql, const Twin *twin, Side side);

#endif /* CONTENT_H */
