/*
 * roster_file.c: the file in which a roster is kept for the next process
 */
#include "roster/roster_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "roster/roster_image.h"

/*
 * Which database it is, as far as that is known without asking it; without passwords.  Owned by
 * the caller.
 */
static char *
name_database(const char *conninfo)
{
	static const char *const keys[] = {"service", "host", "hostaddr", "port", "dbname"};
	PQconninfoOption		*options = PQconninfoParse(conninfo, NULL);
	Buffer					 name = {0};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
	{
		for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
		{
			if (strcmp(option->keyword, keys[i]) == 0 && option->val != NULL)
				buffer_format(&name, "%s=%s ", keys[i], option->val);
		}
	}
	PQconninfoFree(options);
	buffer_append(&name, "", 1);
	if (buffer_length(&name) > ROSTER_IMAGE_TEXT_MAX)
		name.bytes[ROSTER_IMAGE_TEXT_MAX] = '\0';
	return name.bytes;
}

/*
 * Reading
 */

/* Who may write it says where users are. */
static const char *
distrust(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return "it is no file";
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return "it is another user's";
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "others may write it";
	if (status.st_size > ROSTER_IMAGE_BYTES_MAX)
		return "it is too large";
	return NULL;
}

static FILE *
open_file(const char *path, const char **problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
	{
		*problem = strerror(errno);
		return NULL;
	}
	*problem = distrust(fd);
	if (*problem == NULL)
		return fdopen(fd, "r");
	close(fd);
	return NULL;
}

static void
say_read(const Settings *settings, const RosterImage *image, const Roster *roster)
{
	time_t		 written = (time_t) image->written_s;
	struct tm	 utc;
	char		 when[32] = "";
	RosterCounts counts = roster_counts(roster);

	if (gmtime_r(&written, &utc) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
	log_warning("release %s: routing by %s of %s, %zu users listed, %zu on, until the database is"
				" there; users who may have been moved since get 503",
				image->release, settings->roster_file, when, counts.listed, counts.on);
}

bool
roster_file_read(const Settings *settings, Roster **roster, char **id)
{
	char	   *database = name_database(settings->database);
	RosterImage image = {.database = database, .release = settings->release};
	const char *problem;
	FILE	   *file = open_file(settings->roster_file, &problem);
	Roster	   *read = NULL;
	char	   *read_id = NULL;

	if (file != NULL)
	{
		problem = roster_image_read(file, &image, &read, &read_id);
		fclose(file);
	}
	free(database);
	if (problem != NULL)
	{
		log_warning("roster_file %s is not used: %s", settings->roster_file, problem);
		return false;
	}
	say_read(settings, &image, read);
	*roster = read;
	free(*id);
	*id = read_id;
	return true;
}

/*
 * Writing
 */

/* The file under its other name, locked and empty; -1 with errno, EBUSY: another process has it. */
static int
open_new(const char *name)
{
	int			fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat ours, there;
	int			problem = EBUSY;

	if (fd < 0)
		return -1;
	/* It may have taken its own name, or gone, before it was locked. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 && lstat(name, &there) == 0 &&
		ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
	{
		if (S_ISREG(ours.st_mode) && fchmod(fd, 0600) == 0 && ftruncate(fd, 0) == 0)
			return fd;
		problem = errno;
	}
	close(fd);
	errno = problem;
	return -1;
}

static bool
sync_directory(const char *path)
{
	char *copy = memory_text(path, strlen(path));
	int	  fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool  synced = fd >= 0 && fsync(fd) == 0;

	free(copy);
	if (fd >= 0)
		close(fd);
	return synced;
}

static bool
write_image(FILE *file, const Settings *settings, const Roster *roster, const char *id)
{
	char	   *database = name_database(settings->database);
	RosterImage image = {.database = database,
						 .release = settings->release,
						 .id = id,
						 .written_s = (uint64_t) time(NULL)};
	bool		written = roster_image_write(file, &image, roster);

	free(database);
	return written && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

/* Whoever comes second leaves it to the first, who knows as much. */
bool
roster_file_write(const Settings *settings, const Roster *roster, const char *id, char *problem,
				  size_t size)
{
	const char *path = settings->roster_file;
	char	   *name = memory_zeroed(strlen(path) + sizeof(".new"));
	int			fd;
	FILE	   *file;
	bool		done;

	sprintf(name, "%s.new", path);
	fd = open_new(name);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	done = file != NULL && write_image(file, settings, roster, id) && rename(name, path) == 0 &&
		   sync_directory(path);
	if (!done)
		snprintf(problem, size, "%s", strerror(errno));
	done = done || (file == NULL && errno == EBUSY);
	if (file != NULL)
		fclose(file);
	free(name);
	return done;
}
