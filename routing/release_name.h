/*
 * release_name.h: checks the name of a release
 *
 * Pure code.  The name goes into HTTP headers, metrics, notifications and file names.
 */
#ifndef ROUTING_RELEASE_NAME_H
#define ROUTING_RELEASE_NAME_H

#include <stdbool.h>

/* PostgreSQL's type name holds as many bytes. */
#define RELEASE_NAME_MAX_BYTES 63

/*
 * Is the text a valid name?  A valid name consists of ASCII letters, digits, _ and -, and has 1 to
 * RELEASE_NAME_MAX_BYTES bytes.  The constraint of gray.release.release has the same rule;
 * regress/sql/release_name.sql compares the two.
 */
extern bool release_name_is_valid(const char *text);

#endif /* ROUTING_RELEASE_NAME_H */
