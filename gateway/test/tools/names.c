/*
 * names.c: names that a test makes up, to be loaded before a program (LD_PRELOAD)
 *
 * getaddrinfo reads the file GRAY_NAMES each time: lines of a name and its addresses, with
 * blanks.  Without addresses the name does not exist.  until=PATH instead of an address: the
 * answer is not there before that file is.  Names that are not in the file are not touched.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*Getaddrinfo)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int
real(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	return ((Getaddrinfo) dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hints, found);
}

/* The line of a name, behind the name; false: it has none. */
static int
find_line(const char *name, char *line, int size)
{
	const char *path = getenv("GRAY_NAMES");
	FILE	   *file = path != NULL ? fopen(path, "r") : NULL;
	size_t		length = strlen(name);
	int			found = 0;

	while (file != NULL && !found && fgets(line, size, file) != NULL)
	{
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, name, length) == 0 && (line[length] == ' ' || line[length] == '\0');
	}
	if (file != NULL)
		fclose(file);
	if (found)
		memmove(line, line + length, strlen(line + length) + 1);
	return found;
}

static void
wait_for(const char *path)
{
	while (access(path, F_OK) != 0)
		usleep(10000);
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
			struct addrinfo **found)
{
	char			  line[1000];
	char			 *rest;
	struct addrinfo **end = found;

	if (name == NULL || !find_line(name, line, sizeof(line)))
		return real(name, service, hints, found);
	if (hints != NULL && (hints->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	*found = NULL;
	for (char *word = strtok_r(line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
	{
		if (strncmp(word, "until=", 6) == 0)
			wait_for(word + 6);
		else if (real(word, service, hints, end) != 0)
			abort();
		while (*end != NULL)
			end = &(*end)->ai_next;
	}
	return *found != NULL ? 0 : EAI_NONAME;
}
