/*
 * log.c: writes the log, one line for each event, to standard error
 */
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/outlet.h"

#define LINE_MAX_BYTES 4096
#define QUOTE_MAX_BYTES 255
#define QUOTES_AT_ONCE 4
#define PATIENCE_MS 1000 /* how long the end of the process waits for a reader */

static const char *const level_names[] = {"debug", "info", "warning", "error"};
static LogLevel			 lowest_level = LOG_INFO;
static Outlet			 outlet = OUTLET_NONE;
static bool				 opened;

bool
log_level_parse(const char *text, LogLevel *level)
{
	for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
	{
		if (strcmp(text, level_names[i]) == 0)
		{
			*level = (LogLevel) i;
			return true;
		}
	}
	return false;
}

void
log_set_level(LogLevel level)
{
	lowest_level = level;
}

bool
log_wants(LogLevel level)
{
	return level >= lowest_level;
}

/* Write the prefix to line, which has room for LINE_MAX_BYTES. Return its length. */
static size_t
line_prefix(char *line, LogLevel level)
{
	struct timespec now;
	struct tm		utc;
	size_t			length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	length = strftime(line, LINE_MAX_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
	return length + (size_t) snprintf(line + length, LINE_MAX_BYTES - length,
									  ".%03ldZ [%d] %s: ", now.tv_nsec / 1000000, (int) getpid(),
									  level_names[level]);
}

static void
close_outlet(void)
{
	outlet_close(&outlet, PATIENCE_MS);
}

static void
open_outlet(void)
{
	opened = true;
	outlet_open(&outlet, fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
	atexit(close_outlet);
}

static void
put_line(const char *line, size_t length)
{
	outlet_put(&outlet, line, length);
	outlet_flush(&outlet);
}

void
log_flush(void)
{
	uint64_t lost = outlet_flush(&outlet) ? outlet_tell(&outlet) : 0;
	char	 line[LINE_MAX_BYTES];
	size_t	 length;

	if (lost == 0)
		return;
	length = line_prefix(line, LOG_WARNING);
	length += (size_t) snprintf(line + length, sizeof(line) - length,
								"%llu lines of the log were lost\n", (unsigned long long) lost);
	put_line(line, length);
}

uint64_t
log_lost(void)
{
	return outlet.lost_ever;
}

void
log_forked(void)
{
	outlet_forked(&outlet);
}

void
log_write(LogLevel level, const char *format, ...)
{
	char	message[LINE_MAX_BYTES];
	char	line[LINE_MAX_BYTES];
	size_t	length;
	va_list arguments;

	if (!log_wants(level))
		return;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);

	length = line_prefix(line, level);
	for (const char *byte = message; *byte != '\0' && length < sizeof(line) - 6; byte++)
	{
		if ((unsigned char) *byte >= 0x20 && (unsigned char) *byte < 0x7f)
			line[length++] = *byte;
		else
			length += (size_t) snprintf(line + length, 5, "\\x%02x", (unsigned char) *byte);
	}
	line[length++] = '\n';

	if (!opened)
		open_outlet();
	log_flush();
	put_line(line, length);
}

const char *
log_quote(const char *bytes, size_t length)
{
	static char		quotes[QUOTES_AT_ONCE][QUOTE_MAX_BYTES * 4 + 8];
	static unsigned turn;
	char		   *quote = quotes[turn++ % QUOTES_AT_ONCE];
	char		   *end = quote;

	*end++ = '"';
	for (size_t i = 0; i < length && i < QUOTE_MAX_BYTES; i++)
	{
		unsigned char byte = (unsigned char) bytes[i];

		if (byte == '"' || byte == '\\')
			*end++ = '\\';
		if (byte >= 0x20 && byte < 0x7f)
			*end++ = (char) byte;
		else
			end += sprintf(end, "\\x%02x", byte);
	}
	if (length > QUOTE_MAX_BYTES)
	{
		memcpy(end, "...", 3);
		end += 3;
	}
	*end++ = '"';
	*end = '\0';
	return quote;
}
