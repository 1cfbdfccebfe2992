/*
 * settings_fuzz.c: the configuration file
 *
 * A file is taken, or the problem names it.  No name is looked up meanwhile.
 */
#include "fuzz.h"

#include <netdb.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/settings.h"

extern int __real_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
							  struct addrinfo **found);
extern int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
							  struct addrinfo **found);
extern int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The linker sends all calls here (--wrap). */
int
__wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
				   struct addrinfo **found)
{
	struct addrinfo numeric = *hints;

	numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
	return __real_getaddrinfo(name, service, &numeric, found);
}

static void
try_file(const void *bytes, size_t length, bool must_be_good)
{
	char	  path[64];
	char	  problem[1024] = "";
	int		  fd = memfd_create("settings", 0);
	Settings *settings;

	PROMISE(fd >= 0 && write(fd, bytes, length) == (ssize_t) length);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	settings = settings_read(path, problem, sizeof(problem));
	close(fd);
	if (settings == NULL)
		PROMISE(strncmp(problem, path, strlen(path)) == 0 && !must_be_good);
	else
	{
		PROMISE(settings->listen.count > 0 && settings->production.count > 0);
		PROMISE(settings->gray.count > 0 && settings->uid.count > 0 && settings->workers > 0);
		PROMISE(settings->uid.max_bytes > 0 && settings->uid.max_bytes <= UID_MAX_BYTES);
		settings_free(settings);
	}
}

/* What gray-gateway -p prints is a good file. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char  *text;
	size_t length;
	FILE  *out = open_memstream(&text, &length);

	(void) argc;
	(void) argv;
	settings_print_reference(out);
	fclose(out);
	try_file(text, length, true);
	free(text);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A file that never ends, or waits for someone to write, is the operator's own doing. */
	if (memmem(data, size, "/dev", 4) == NULL && memmem(data, size, "/proc", 5) == NULL)
		try_file(data, size, false);
	return 0;
}
