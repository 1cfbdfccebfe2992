/*
 * supervisor.c: runs several workers on the same addresses, and looks after them
 *
 * The parent binds each port and never listens on it. That keeps the port (also a port that the
 * system chose) while each worker listens on a socket of its own, so that the kernel spreads the
 * clients. A worker listens when it can serve; so does a worker that was started again. Otherwise
 * workers share nothing. The database keeps their moves apart.
 */
#include "process/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/status.h"
#include "net/ticket.h"
#include "process/door.h"
#include "process/readiness.h"
#include "process/reload.h"
#include "process/systemd.h"
#include "process/worker.h"

#define RESTART_FIRST_MS 100
#define RESTART_MOST_MS 10000
#define HEALTHY_MS 10000 /* a worker that lived this long starts again without delay */
#define TICK_MS 100
#define START_TICK_MS 10 /* the tick until the process serves */

typedef struct Child
{
	pid_t	 pid; /* 0: not running */
	unsigned number;
	uint64_t started_ms;
	uint64_t start_at_ms;
	unsigned delay_ms;
} Child;

/* What the parent gives to its workers. */
typedef struct Shared
{
	Settings  *settings;
	Door	  *door;
	Readiness *readiness;
} Shared;

/* Run a worker in the child. Does not return. */
static void
be_worker(const Shared *shared, unsigned number)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	log_forked();
	systemd_silence();
	if (!door_own(shared->door))
		exit(1);
	exit(worker_run(shared->settings, shared->door, shared->readiness, number));
}

static void
start_child(Child *child, const Shared *shared, unsigned number)
{
	child->started_ms = clock_now_ms();
	child->pid = fork();
	if (child->pid == 0)
	{
		status_join(number);
		be_worker(shared, number);
	}
	if (child->pid < 0)
	{
		log_error("fork: %s", strerror(errno));
		child->pid = 0;
		child->start_at_ms = child->started_ms + RESTART_MOST_MS;
	}
}

static void
bury_child(Child *child, int status, bool stopping)
{
	uint64_t now_ms = clock_now_ms();

	status_left(child->number);
	if (stopping)
	{
		child->pid = 0;
		return;
	}
	if (now_ms > child->started_ms + HEALTHY_MS || child->delay_ms == 0)
		child->delay_ms = RESTART_FIRST_MS;
	else if (child->delay_ms < RESTART_MOST_MS)
		child->delay_ms *= 2;
	child->start_at_ms = now_ms + child->delay_ms;
	log_error("worker %d ended by %s %d; starting another in %u ms", (int) child->pid,
			  WIFSIGNALED(status) ? "signal" : "exit code",
			  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), child->delay_ms);
	child->pid = 0;
}

static unsigned
reap(Child *children, const Shared *shared, bool stopping)
{
	unsigned count = shared->settings->workers;
	unsigned running = 0;
	int		 status;
	pid_t	 pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
	{
		for (unsigned i = 0; i < count; i++)
		{
			if (children[i].pid != pid)
				continue;
			bury_child(&children[i], status, stopping);
			readiness_set(shared->readiness, i, WORKER_WAITING);
		}
	}
	for (unsigned i = 0; i < count; i++)
		running += children[i].pid != 0;
	return running;
}

static void
signal_children(const Child *children, unsigned count, int signal_number)
{
	for (unsigned i = 0; i < count; i++)
	{
		if (children[i].pid != 0)
			kill(children[i].pid, signal_number);
	}
}

/* Workers read the file themselves. But the parent tells them only if the file is good. */
static void
reload(Shared *shared, const Child *children)
{
	bool serves = readiness_is_open(shared->readiness);

	if (serves)
		systemd_notify_reloading();
	if (reload_settings(&shared->settings))
		signal_children(children, shared->settings->workers, SIGHUP);
	if (serves)
		systemd_notify("READY=1");
}

/* Open the sockets that workers share, when all workers listen. False if that failed. */
static bool
open_rest(const Shared *shared)
{
	return readiness_is_open(shared->readiness) || !readiness_all_listen(shared->readiness) ||
		   door_open_rest(shared->door, shared->readiness);
}

static int
next_signal(const Shared *shared, const sigset_t *signals)
{
	bool				  serves = readiness_is_open(shared->readiness);
	const struct timespec tick = {.tv_nsec = (serves ? TICK_MS : START_TICK_MS) * 1000000L};

	return sigtimedwait(signals, NULL, &tick);
}

static void
stop_children(const Shared *shared, const Child *children)
{
	systemd_notify("STOPPING=1");
	signal_children(children, shared->settings->workers, SIGTERM);
}

static int
supervise(Shared *shared, const sigset_t *signals)
{
	Child children[SETTINGS_WORKERS_MAX] = {0};
	bool  stopping = false;
	int	  code = 0;

	for (unsigned i = 0; i < shared->settings->workers; i++)
		children[i].number = i;
	do
	{
		int signal_number;

		for (unsigned i = 0; i < shared->settings->workers && !stopping; i++)
		{
			if (children[i].pid == 0 && clock_now_ms() >= children[i].start_at_ms)
				start_child(&children[i], shared, i);
		}
		signal_number = next_signal(shared, signals);
		ticket_advance(clock_now_ms());
		log_flush();
		status_parent_lost(log_lost());
		if (!stopping && !open_rest(shared))
		{
			code = 1;
			signal_number = SIGTERM;
		}
		if (signal_number == SIGTERM || signal_number == SIGINT)
		{
			stopping = true;
			stop_children(shared, children);
		}
		else if (signal_number == SIGHUP)
			reload(shared, children);
	} while (reap(children, shared, stopping) > 0 || !stopping);
	settings_free(shared->settings);
	return code;
}

/* Block the signals until the loop waits for them: a signal may follow READY=1 at once. */
static void
hold_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGHUP);
	sigaddset(signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, signals, NULL);
}

int
supervisor_run(Settings *settings)
{
	Shared	 shared = {.settings = settings};
	sigset_t signals;
	int		 code;

	if (!status_open(settings->workers))
	{
		log_error("no memory for %u workers: %s", settings->workers, strerror(errno));
		settings_free(settings);
		return 1;
	}
	shared.door = door_new(settings);
	if (shared.door == NULL || !door_open_early(shared.door))
	{
		settings_free(settings);
		if (shared.door != NULL)
			door_free(shared.door);
		return 1;
	}
	shared.readiness = readiness_new(settings->workers);
	hold_signals(&signals);
	if (settings->workers > 1)
		code = supervise(&shared, &signals);
	else
	{
		status_join(0);
		code = worker_run(settings, shared.door, shared.readiness, 0);
	}
	readiness_free(shared.readiness);
	door_free(shared.door);
	return code;
}
