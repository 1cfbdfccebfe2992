/*
 * secret.c: reads values that are not in the configuration file itself
 */
#include "config/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define SECRET_BYTES_MAX 16384

static const char file_mark[] = "file:";
static const char credential_mark[] = "credential:";
static const char environment_mark[] = "env:";

/* Return the text behind the mark; NULL if value does not begin with mark. */
static const char *
behind(const char *value, const char *mark)
{
	return strncmp(value, mark, strlen(mark)) == 0 ? value + strlen(mark) : NULL;
}

const char *
secret_file(const char *value, const char *own)
{
	const char *file = behind(value, file_mark);

	if (behind(value, credential_mark) != NULL || behind(value, environment_mark) != NULL)
		return NULL;
	return file != NULL ? file : own;
}

static char *
credential_path(const char *name, const char **problem)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	size_t		size;
	char	   *path;

	*problem = "a credential has a name without /";
	if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL)
		return NULL;
	*problem =
		"$CREDENTIALS_DIRECTORY is not set; systemd sets it where a unit has LoadCredential=";
	if (directory == NULL || *directory == '\0')
		return NULL;
	size = strlen(directory) + strlen(name) + 2;
	path = memory_zeroed(size);
	snprintf(path, size, "%s/%s", directory, name);
	return path;
}

char *
secret_path(const char *value, const char **problem)
{
	const char *credential = behind(value, credential_mark);

	return credential != NULL ? credential_path(credential, problem)
							  : memory_text(value, strlen(value));
}

/* Read a file without one newline at its end: editors and echo write it. */
static char *
read_file(const char *path, const char **problem)
{
	FILE  *file = fopen(path, "r");
	char  *text;
	size_t length;

	*problem = "the file can't be read";
	if (file == NULL)
		return NULL;
	text = memory_zeroed(SECRET_BYTES_MAX + 1);
	length = fread(text, 1, SECRET_BYTES_MAX + 1, file);
	fclose(file);
	if (length > 0 && length <= SECRET_BYTES_MAX && text[length - 1] == '\n')
		text[--length] = '\0';
	*problem = "the file is empty, too large, or has a zero byte";
	if (length > 0 && length <= SECRET_BYTES_MAX && strlen(text) == length)
		return text;
	free(text);
	return NULL;
}

char *
secret_read(const char *value, const char **problem)
{
	const char *name = behind(value, environment_mark);
	const char *path = behind(value, file_mark);
	const char *credential = behind(value, credential_mark);
	char	   *found = NULL;
	char	   *text;

	if (name != NULL)
	{
		*problem = "the environment has no such variable, or an empty one";
		value = getenv(name);
		return value != NULL && *value != '\0' ? memory_text(value, strlen(value)) : NULL;
	}
	if (path == NULL && credential == NULL)
		return memory_text(value, strlen(value));
	if (credential != NULL && (path = found = credential_path(credential, problem)) == NULL)
		return NULL;
	text = read_file(path, problem);
	free(found);
	return text;
}
