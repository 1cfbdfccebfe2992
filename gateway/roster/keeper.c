/*
 * keeper.c: keeps the roster file up to date
 */
#include "roster/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "roster/roster_file.h"

#define NEVER UINT64_MAX

struct Keeper
{
	const Loop *loop;
	Watch	   *watch;
	pid_t		child; /* 0: no child */
	uint64_t	next_ms;
	uint64_t	kept; /* number of the readings that the written file has */
	bool		failure_said;
};

Keeper *
keeper_new(const Loop *loop, Watch *watch)
{
	Keeper *keeper = memory_zeroed(sizeof(*keeper));

	keeper->loop = loop;
	keeper->watch = watch;
	keeper->kept = NEVER;
	return keeper;
}

/* Return a number that changes whenever the roster changes. */
static uint64_t
changes(const Keeper *keeper)
{
	const Counters *counters = &keeper->loop->counters;

	return watch_looks(keeper->watch) + watch_loads(keeper->watch) + counters->moves_done +
		   counters->moves_failed;
}

/*
 * Is a file wanted, and the roster current? An old roster in a file would pass for present
 * knowledge.
 */
static bool
is_wanted(const Keeper *keeper)
{
	const Watch *watch = keeper->watch;

	return *keeper->loop->settings->roster_file != '\0' && watch_current(watch) &&
		   watch_connected(watch) && watch_release_known(watch) && changes(keeper) != keeper->kept;
}

static bool
write_file(const Keeper *keeper)
{
	const Settings *settings = keeper->loop->settings;
	char			problem[256];

	if (roster_file_write(settings, watch_roster(keeper->watch), watch_release_id(keeper->watch),
						  problem, sizeof(problem)))
		return true;
	if (!keeper->failure_said)
		log_warning("roster_file %s can't be written: %s", settings->roster_file, problem);
	return false;
}

static void
note_end(Keeper *keeper, bool written)
{
	keeper->failure_said = !written;
	if (!written)
		keeper->kept = NEVER;
}

/*
 * The clients' connections must not stay open because of the child, nor signals be handled
 * twice.
 */
static void
be_child(const Keeper *keeper)
{
	sigset_t  none;
	const int signals[] = {SIGTERM, SIGINT, SIGHUP};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	closefrom(STDERR_FILENO + 1);
	_exit(write_file(keeper) ? 0 : 1);
}

static void
begin(Keeper *keeper)
{
	sigset_t all;
	sigset_t before;

	keeper->kept = changes(keeper);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	keeper->child = fork();
	if (keeper->child == 0)
		be_child(keeper);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (keeper->child > 0)
		return;
	if (!keeper->failure_said)
		log_warning("roster_file: fork: %s", strerror(errno));
	keeper->child = 0;
	note_end(keeper, false);
}

/* Return true if no child is left. */
static bool
reap(Keeper *keeper, int options)
{
	int	  status = 0;
	pid_t pid;

	if (keeper->child == 0)
		return true;
	do
		pid = waitpid(keeper->child, &status, options);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return false;
	keeper->child = 0;
	note_end(keeper, pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return true;
}

void
keeper_sweep(Keeper *keeper, uint64_t now_ms)
{
	if (!reap(keeper, WNOHANG) || now_ms < keeper->next_ms || !is_wanted(keeper))
		return;
	keeper->next_ms = now_ms + keeper->loop->settings->roster_file_s * UINT64_C(1000);
	begin(keeper);
}

void
keeper_free(Keeper *keeper)
{
	reap(keeper, 0);
	if (is_wanted(keeper))
		write_file(keeper);
	free(keeper);
}
