/*
 * log.h: writes the log, one line for each event, to standard error
 */
#ifndef GATEWAY_BASE_LOG_H
#define GATEWAY_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum LogLevel
{
	LOG_DEBUG,	 /* a request that needed nothing special */
	LOG_INFO,	 /* an event that an operator may want to know later */
	LOG_WARNING, /* something is wrong, and the gateway worked round it */
	LOG_ERROR	 /* a person should look at it */
} LogLevel;

extern bool log_level_parse(const char *text, LogLevel *level);

/* Lines below this level are not written. */
extern void log_set_level(LogLevel level);
extern bool log_wants(LogLevel level);

/*
 * Write the lines that were kept, and how many were lost. To be called now and then. The log never
 * waits: a line that can't be written at once is kept, up to a bound (outlet.h), and further lines
 * are lost.
 */
extern void log_flush(void);

/* Return how many lines this process has lost so far. */
extern uint64_t log_lost(void);

/* Forget, in a child, the lines that were kept and counted: they are the parent's. */
extern void log_forked(void);

/*
 * Write "time [pid] level: message". Control characters and bytes above ASCII are written as \xNN,
 * so that no client can forge a line.
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
 * Return the bytes in double quotes. Quotes and backslashes are escaped, and the bytes are cut
 * after 255. The memory is static; the next four calls leave it alone.
 */
extern const char *log_quote(const char *bytes, size_t length);

#endif /* GATEWAY_BASE_LOG_H */
