/*
 * secret.h: values that do not stand in the configuration file themselves
 */
#ifndef GATEWAY_CONFIG_SECRET_H
#define GATEWAY_CONFIG_SECRET_H

/*
 * The value, or what it points to: file:/PATH, credential:NAME (a file in
 * $CREDENTIALS_DIRECTORY) or env:NAME, without one newline at the end.  Owned by the
 * caller; NULL: problem (static) says why.
 */
extern char *secret_read(const char *value, const char **problem);

/* The same for a file's path: /PATH or credential:NAME. */
extern char *secret_path(const char *value, const char **problem);

/*
 * The file that the secret stands in: own, where the value itself is given there; borrowed
 * from either.  NULL: none, or one that systemd looks after.
 */
extern const char *secret_file(const char *value, const char *own);

#endif /* GATEWAY_CONFIG_SECRET_H */
