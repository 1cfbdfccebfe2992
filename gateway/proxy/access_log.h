/*
 * access_log.h: the file with a line for each request
 *
 * One for the process.  Lines are collected and written together, at least
 * at every sweep, always whole and at the end of the file, so that several
 * processes can share it.
 */
#ifndef GATEWAY_PROXY_ACCESS_LOG_H
#define GATEWAY_PROXY_ACCESS_LOG_H

#include "base/access_line.h"
#include "config/settings.h"

struct Exchange;

/*
 * Opens what the settings say, if they want one, in place of what was open: also
 * the same path once more, after the file was moved away.  False, with errno:
 * it stays as it was.
 */
extern bool access_log_open(const Settings *settings);

/* Writes what is there, without waiting; what is not taken is kept, up to a bound (outlet.h). */
extern void access_log_flush(void);

/* Waits a second for a reader that is slow. */
extern void access_log_close(void);

/* Lines that this process has lost so far. */
extern uint64_t access_log_lost(void);

/* Is there one? */
extern bool access_log_wanted(void);

/* A request is over. */
extern void access_log_exchange(const struct Exchange *exchange);

/* Something was refused before it was a request. */
extern void access_log_refused(const char *client, const char *release, unsigned status);

#endif /* GATEWAY_PROXY_ACCESS_LOG_H */
