/*
 * secret.h: values that do not stand in the configuration file themselves
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>

/*
 * The value, or what it points to: file:/PATH, credential:NAME (a file in
 * $CREDENTIALS_DIRECTORY) or env:NAME, without one newline at the end.  Owned by the
 * caller; NULL: problem (static) says why.
 */
extern char *secret_read(const char *value, const char **problem);

/* The same for a file's path: /PATH or credential:NAME. */
extern char *secret_path(const char *value, const char **problem);

/* Does the value itself stand in the file? */
extern bool secret_is_plain(const char *value);

#endif /* SECRET_H */
