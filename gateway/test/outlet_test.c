/*
 * outlet_test.c: lines into what nobody reads, and what comes out later
 */
#include "gateway_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outlet.h"

#define LINES_MOST 60000
#define LINE_BYTES 50

/* Where lines come out, how they are put in, and what is read until the end. */
typedef struct Reader
{
	int	   fd;
	int	   writer; /* shared by processes that want to wait */
	Buffer got;
} Reader;

static Reader
reader_new(bool socket)
{
	Reader reader = {0};
	int	   ends[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert(socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 : pipe(ends) == 0);
	reader.fd = ends[0];
	reader.writer = ends[1];
	fcntl(reader.fd, F_SETFL, O_NONBLOCK);
	return reader;
}

static size_t
read_all(Reader *reader)
{
	size_t	before = buffer_length(&reader->got);
	ssize_t got;

	while ((got = read(reader->fd, buffer_reserve(&reader->got, 65536), 65536)) > 0)
		buffer_filled(&reader->got, (size_t) got);
	return buffer_length(&reader->got) - before;
}

static void
put(Outlet *outlet, unsigned number)
{
	char line[LINE_BYTES + 1];

	snprintf(line, sizeof(line), "%0*u\n", LINE_BYTES - 1, number);
	outlet_put(outlet, line, LINE_BYTES);
	outlet_flush(outlet);
}

/* The lines that came: 0, 1, 2 … and whole. */
static unsigned
lines_in_order(const Reader *reader)
{
	unsigned count = (unsigned) (buffer_length(&reader->got) / LINE_BYTES);

	ck_assert_uint_eq(buffer_length(&reader->got) % LINE_BYTES, 0);
	for (unsigned i = 0; i < count; i++)
		ck_assert_uint_eq(strtoul(buffer_first(&reader->got) + i * LINE_BYTES, NULL, 10), i);
	return count;
}

/* _i: a socket. */
START_TEST(test_nobody_reads)
{
	Reader	 reader = reader_new(_i);
	Outlet	 outlet = OUTLET_NONE;
	unsigned written = 0;
	unsigned kept;
	uint64_t told = 0;

	outlet_open(&outlet, dup(reader.writer));
	while (written < LINES_MOST && outlet.lost == 0)
		put(&outlet, written++);
	kept = written - 1;
	ck_assert_uint_ge(kept, OUTLET_KEPT_MOST / LINE_BYTES);
	ck_assert_uint_lt(kept, LINES_MOST);
	for (; written < kept + 10; written++)
		put(&outlet, written);
	ck_assert_int_eq(outlet.problem, EAGAIN);
	ck_assert_uint_le(buffer_length(&outlet.kept), OUTLET_KEPT_MOST);
	ck_assert_uint_eq(outlet_tell(&outlet), 0);

	/* One reading makes room, but there is one gap alone. */
	read_all(&reader);
	put(&outlet, written++);
	ck_assert_uint_eq(outlet.lost, written - kept);
	while (read_all(&reader) > 0 || told == 0)
	{
		outlet_flush(&outlet);
		told += outlet_tell(&outlet);
	}
	ck_assert_uint_eq(lines_in_order(&reader), kept);
	ck_assert_uint_eq(told, written - kept);
	ck_assert_uint_eq(outlet.lost_ever, told);
	ck_assert_uint_eq(outlet_tell(&outlet), 0);
	put(&outlet, kept);
	read_all(&reader);
	ck_assert_uint_eq(lines_in_order(&reader), kept + 1);
	ck_assert_int_eq(fcntl(reader.writer, F_GETFL) & O_NONBLOCK, 0);
	outlet_close(&outlet, 0);
	buffer_free(&reader.got);
}
END_TEST

/* What is larger than a pipe takes at once comes out whole, too. */
START_TEST(test_long_line)
{
	Reader reader = reader_new(_i);
	Outlet outlet = OUTLET_NONE;
	size_t length = 3 * OUTLET_KEPT_MOST;
	char  *line = malloc(length);

	memset(line, 'x', length);
	line[length - 1] = '\n';
	outlet_open(&outlet, dup(reader.writer));
	ck_assert(outlet_put(&outlet, line, length));
	ck_assert(!outlet_put(&outlet, "another\n", 8));
	while (!outlet_flush(&outlet))
		read_all(&reader);
	read_all(&reader);
	ck_assert_uint_eq(buffer_length(&reader.got), length);
	ck_assert_int_eq(memcmp(buffer_first(&reader.got), line, length), 0);
	outlet_close(&outlet, 0);
	buffer_free(&reader.got);
	free(line);
}
END_TEST

/* A FIFO whose reader goes in the middle of a line, and another one comes: what it had not read is still there. */
START_TEST(test_reader_goes)
{
	char   directory[] = "/tmp/outlet_test.XXXXXX";
	char   path[64];
	Outlet outlet = OUTLET_NONE;
	Reader reader = {0};
	char   line[100000];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/fifo", directory);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	reader.fd = open(path, O_RDONLY | O_NONBLOCK);
	outlet_open(&outlet, open(path, O_WRONLY));
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	outlet_put(&outlet, line, sizeof(line));
	ck_assert(!outlet_flush(&outlet));
	ck_assert(outlet.begun);
	close(reader.fd);
	put(&outlet, 0);
	ck_assert_int_eq(outlet.problem, EPIPE);
	reader.fd = open(path, O_RDONLY | O_NONBLOCK);
	while (!outlet_flush(&outlet))
		read_all(&reader);
	read_all(&reader);
	ck_assert_uint_eq(outlet.lost_ever, 0);
	ck_assert_uint_eq(buffer_length(&reader.got), sizeof(line) + LINE_BYTES);
	ck_assert_int_eq(memcmp(buffer_first(&reader.got), line, sizeof(line)), 0);
	outlet_close(&outlet, 0);
	unlink(path);
	rmdir(directory);
	buffer_free(&reader.got);
}
END_TEST

/* What is kept goes where the outlet leads next, but for the rest of a line. */
START_TEST(test_opened_anew)
{
	Reader first = reader_new(false);
	Reader next = reader_new(false);
	Outlet outlet = OUTLET_NONE;
	char   line[100000];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	outlet_open(&outlet, dup(first.writer));
	outlet_put(&outlet, line, sizeof(line));
	put(&outlet, 0);
	outlet_open(&outlet, dup(next.writer));
	ck_assert(outlet_flush(&outlet));
	ck_assert_uint_eq(outlet_tell(&outlet), 1);
	read_all(&next);
	ck_assert_uint_eq(lines_in_order(&next), 1);
	outlet_close(&outlet, 0);
	buffer_free(&next.got);
}
END_TEST

/* Lines that are left at the end count. */
START_TEST(test_closed)
{
	Reader	 reader = reader_new(false);
	Outlet	 outlet = OUTLET_NONE;
	unsigned taken;

	outlet_open(&outlet, dup(reader.writer));
	for (unsigned i = 0; i < 3000; i++)
		put(&outlet, i);
	outlet_close(&outlet, 1);
	read_all(&reader);
	taken = lines_in_order(&reader);
	ck_assert_uint_lt(taken, 3000);
	ck_assert_uint_eq(outlet_tell(&outlet), 3000 - taken);
	ck_assert(outlet_put(&outlet, "nowhere\n", 8));
	ck_assert(outlet_flush(&outlet));
	buffer_free(&reader.got);
}
END_TEST

/* A device that takes nothing is no pipe to wait for. */
START_TEST(test_full)
{
	Outlet outlet = OUTLET_NONE;

	outlet_open(&outlet, open("/dev/full", O_WRONLY));
	put(&outlet, 0);
	ck_assert_int_eq(outlet.problem, ENOSPC);
	outlet_close(&outlet, 600000);
	ck_assert_uint_eq(outlet_tell(&outlet), 1);
}
END_TEST

TCase *
outlet_cases(void)
{
	TCase *cases = tcase_create("outlet");

	tcase_add_loop_test(cases, test_nobody_reads, 0, 2);
	tcase_add_loop_test(cases, test_long_line, 0, 2);
	tcase_add_test(cases, test_reader_goes);
	tcase_add_test(cases, test_opened_anew);
	tcase_add_test(cases, test_closed);
	tcase_add_test(cases, test_full);
	return cases;
}
