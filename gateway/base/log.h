/*
 * log.h: one line per thing worth knowing, on standard error
 */
#ifndef GATEWAY_BASE_LOG_H
#define GATEWAY_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum LogLevel
{
	LOG_DEBUG,	 /* each request that took the plain way */
	LOG_INFO,	 /* what an operator may want to know later */
	LOG_WARNING, /* something is not as it should be, and was worked round */
	LOG_ERROR	 /* a person should look */
} LogLevel;

extern bool log_level_parse(const char *text, LogLevel *level);

/* Lines below this level are not written. */
extern void log_set_level(LogLevel level);
extern bool log_wants(LogLevel level);

/*
 * Nobody waits for the log: what can't be written at once is kept, up to a bound (outlet.h), and
 * further lines are lost.  To be called now and then: writes what was kept, and how many were lost.
 */
extern void log_flush(void);

/* Lines that this process has lost so far. */
extern uint64_t log_lost(void);

/* In a child: what was kept and counted is the parent's. */
extern void log_forked(void);

/*
 * Writes "time [pid] level: message".  Control characters and bytes above
 * ASCII come out as \xNN, so that no client can forge a line.
 */
extern void log_write(LogLevel level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_debug(...) \
	do \
	{ \
		if (log_wants(LOG_DEBUG)) \
			log_write(LOG_DEBUG, __VA_ARGS__); \
	} while (0)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)

/*
 * The bytes in double quotes, with quotes and backslashes escaped, cut after
 * 255 bytes.  Static memory, good for the next four calls.
 */
extern const char *log_quote(const char *bytes, size_t length);

#endif /* GATEWAY_BASE_LOG_H */
