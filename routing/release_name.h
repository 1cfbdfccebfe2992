/*
 * release_name.h: what a release may be called
 *
 * Pure.  The name goes into HTTP headers, metrics, notifications and file names.
 */
#ifndef ROUTING_RELEASE_NAME_H
#define ROUTING_RELEASE_NAME_H

#include <stdbool.h>

/* As many as PostgreSQL's type name holds. */
#define RELEASE_NAME_MAX_BYTES 63

/*
 * Is the text a good name: ASCII letters, digits, _ and -, at least one and not too many of them?
 * The constraint of gray.release.release has the same rule; regress/sql/release_name.sql compares both.
 */
extern bool release_name_is_valid(const char *text);

#endif /* ROUTING_RELEASE_NAME_H */
