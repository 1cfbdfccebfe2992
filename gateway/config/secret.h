/*
 * secret.h: reads values that are not in the configuration file itself
 */
#ifndef GATEWAY_CONFIG_SECRET_H
#define GATEWAY_CONFIG_SECRET_H

/*
 * Return the value, or the text that it points to: file:/PATH, credential:NAME (a file in
 * $CREDENTIALS_DIRECTORY) or env:NAME. One newline at the end of a file is removed. The caller
 * owns the text. NULL: problem (static) says why.
 */
extern char *secret_read(const char *value, const char **problem);

/*
 * Return the path of a file: /PATH or credential:NAME. The caller owns it. NULL: problem (static)
 * says why.
 */
extern char *secret_path(const char *value, const char **problem);

/*
 * Return the file that has the secret: own, if the setting has the value itself, or else a path
 * within value. The result is borrowed from either. NULL if there is no such file, or if systemd
 * looks after it.
 */
extern const char *secret_file(const char *value, const char *own);

#endif /* GATEWAY_CONFIG_SECRET_H */
