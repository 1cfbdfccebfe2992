/*
 * parent.c: several workers on the same addresses, and who looks after them
 *
 * The parent binds each address and never listens on it: that keeps the port
 * (also one the system chose) while each worker listens on a socket of its
 * own, so that the kernel spreads the clients.  Workers share nothing; it is
 * the database that keeps moves apart.
 */
#include "parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "handover.h"
#include "listener.h"
#include "log.h"
#include "reload.h"
#include "status.h"
#include "systemd.h"
#include "ticket.h"
#include "worker.h"

#define RESTART_FIRST_MS 100
#define RESTART_MOST_MS 10000
#define HEALTHY_MS 10000 /* a worker that lived so long starts again without delay */

typedef struct Child
{
	pid_t	 pid; /* 0: not running */
	unsigned number;
	uint64_t started_ms;
	uint64_t start_at_ms;
	unsigned delay_ms;
} Child;

typedef struct Sockets
{
	int listen[SETTINGS_ADDRESSES_MAX];
	int admin;
} Sockets;

/* Binds, unless it was handed over, and puts the port the system chose into the address. */
static int
bind_one(Address *address, const char *what)
{
	int fd = handover_take(address);

	if (fd >= 0)
		return fd;
	fd = listener_bind(address);
	if (fd < 0)
	{
		log_error("%s %s: %s", what, address->text, strerror(errno));
		return -1;
	}
	if (address->socket.ss_family == AF_UNIX)
		return fd;
	address->socket_length = sizeof(address->socket);
	getsockname(fd, (struct sockaddr *) &address->socket, &address->socket_length);
	return fd;
}

static bool
bind_all(Settings *settings, Sockets *sockets)
{
	sockets->admin = -1;
	for (size_t i = 0; i < settings->listen.count; i++)
	{
		sockets->listen[i] = bind_one(&settings->listen.addresses[i], "listen");
		if (sockets->listen[i] < 0)
			return false;
	}
	if (settings->admin.count > 0)
	{
		sockets->admin = bind_one(&settings->admin.addresses[0], "admin");
		return sockets->admin >= 0;
	}
	return true;
}

static bool
open_all(const Settings *settings, const Sockets *sockets)
{
	bool opened = sockets->admin < 0 || listener_open(sockets->admin);

	for (size_t i = 0; i < settings->listen.count; i++)
		opened = listener_open(sockets->listen[i]) && opened;
	return opened;
}

static void
say_where(const Settings *settings)
{
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < settings->listen.count; i++)
	{
		const Address *address = &settings->listen.addresses[i];

		address_format((const struct sockaddr *) &address->socket, text, sizeof(text));
		log_info("listening on %s", address->socket.ss_family == AF_UNIX ? address->text : text);
	}
	if (settings->admin.count > 0)
	{
		address_format((const struct sockaddr *) &settings->admin.addresses[0].socket, text,
					   sizeof(text));
		log_info("admin on %s", settings->admin.addresses[0].socket.ss_family == AF_UNIX
									? settings->admin.addresses[0].text
									: text);
	}
}

/* A worker's own socket on an address; one of a path or handed over can only be shared. */
static int
own_socket(Address *address, int held, const char *what)
{
	if (address->socket.ss_family == AF_UNIX || handover_has(held))
		return held;
	close(held);
	return bind_one(address, what);
}

/* In the child; does not return.  ready (consumed): closed when it listens; or -1. */
static void
be_worker(Settings *settings, const Sockets *held, int ready)
{
	Sockets own = *held;
	bool	bound = true;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	log_forked();
	systemd_silence();
	for (size_t i = 0; i < settings->listen.count; i++)
	{
		own.listen[i] = own_socket(&settings->listen.addresses[i], held->listen[i], "listen");
		bound = bound && own.listen[i] >= 0;
	}
	if (held->admin >= 0)
	{
		own.admin = own_socket(&settings->admin.addresses[0], held->admin, "admin");
		bound = bound && own.admin >= 0;
	}
	if (!bound || !open_all(settings, &own))
		exit(1);
	if (ready >= 0)
		close(ready);
	exit(worker_run(settings, own.listen, own.admin));
}

static void
start_child(Child *child, Settings *settings, const Sockets *held, int ready)
{
	child->started_ms = clock_now_ms();
	child->pid = fork();
	if (child->pid == 0)
	{
		status_join(child->number);
		be_worker(settings, held, ready);
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
reap(Child *children, unsigned count, bool stopping)
{
	unsigned running = 0;
	int		 status;
	pid_t	 pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
	{
		for (unsigned i = 0; i < count; i++)
		{
			if (children[i].pid == pid)
				bury_child(&children[i], status, stopping);
		}
	}
	for (unsigned i = 0; i < count; i++)
		running += children[i].pid != 0;
	return running;
}

/* All workers, and back when each of them listens or is gone. */
static void
start_children(Child *children, Settings *settings, const Sockets *held)
{
	int	 ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0)
	{
		log_error("pipe: %s", strerror(errno));
		return; /* supervise starts them */
	}
	for (unsigned i = 0; i < settings->workers; i++)
		start_child(&children[i], settings, held, ready[1]);
	close(ready[1]);
	while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	close(ready[0]);
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

/* Workers read the file themselves; but none does if it is bad. */
static void
reload(Settings **settings, const Child *children)
{
	systemd_notify_reloading();
	if (reload_settings(settings))
		signal_children(children, (*settings)->workers, SIGHUP);
	systemd_notify("READY=1");
}

static int
supervise(Settings *settings, const Sockets *held, const sigset_t *signals)
{
	Child				  children[SETTINGS_WORKERS_MAX] = {0};
	const struct timespec tick = {.tv_nsec = 100 * 1000 * 1000};
	bool				  stopping = false;

	for (unsigned i = 0; i < settings->workers; i++)
		children[i].number = i;
	start_children(children, settings, held);
	say_where(settings);
	systemd_notify("READY=1");
	do
	{
		int signal_number;

		for (unsigned i = 0; i < settings->workers && !stopping; i++)
		{
			if (children[i].pid == 0 && clock_now_ms() >= children[i].start_at_ms)
				start_child(&children[i], settings, held, -1);
		}
		signal_number = sigtimedwait(signals, NULL, &tick);
		ticket_advance(clock_now_ms());
		log_flush();
		status_parent_lost(log_lost());
		if (signal_number == SIGTERM || signal_number == SIGINT)
		{
			stopping = true;
			systemd_notify("STOPPING=1");
			signal_children(children, settings->workers, SIGTERM);
		}
		else if (signal_number == SIGHUP)
			reload(&settings, children);
	} while (reap(children, settings->workers, stopping) > 0 || !stopping);
	settings_free(settings);
	return 0;
}

/* Which file a path was when it was bound; none for a port, or where it is another's. */
typedef struct SocketFile
{
	char  path[ADDRESS_TEXT_MAX]; /* "": none */
	dev_t device;
	ino_t number;
} SocketFile;

static SocketFile
socket_file(const Address *address, int socket)
{
	SocketFile	file = {.path = ""};
	struct stat status;

	if (address->socket.ss_family != AF_UNIX || handover_has(socket))
		return file;
	snprintf(file.path, sizeof(file.path), "%s",
			 ((const struct sockaddr_un *) &address->socket)->sun_path);
	if (stat(file.path, &status) == 0)
	{
		file.device = status.st_dev;
		file.number = status.st_ino;
	}
	return file;
}

/* Not if another process has taken the path over. */
static void
remove_file(const SocketFile *file)
{
	struct stat status;

	if (file->path[0] != '\0' && stat(file->path, &status) == 0 && status.st_dev == file->device &&
		status.st_ino == file->number)
		unlink(file->path);
}

/* Until somebody waits for them: a signal may follow READY=1 at once. */
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

static int
serve(Settings *settings, const Sockets *sockets)
{
	sigset_t signals;

	hold_signals(&signals);
	if (settings->workers > 1)
		return supervise(settings, sockets, &signals);
	if (!open_all(settings, sockets))
	{
		settings_free(settings);
		return 1;
	}
	say_where(settings);
	systemd_notify("READY=1");
	status_join(0);
	return worker_run(settings, sockets->listen, sockets->admin);
}

int
parent_run(Settings *settings)
{
	SocketFile files[SETTINGS_ADDRESSES_MAX + 1];
	size_t	   count = 0;
	Sockets	   sockets;
	int		   code;

	if (!status_open(settings->workers))
	{
		log_error("no memory for %u workers: %s", settings->workers, strerror(errno));
		settings_free(settings);
		return 1;
	}
	handover_receive();
	if (!bind_all(settings, &sockets))
	{
		settings_free(settings);
		return 1;
	}
	handover_close_rest();
	for (; count < settings->listen.count; count++)
		files[count] = socket_file(&settings->listen.addresses[count], sockets.listen[count]);
	if (settings->admin.count > 0)
		files[count++] = socket_file(&settings->admin.addresses[0], sockets.admin);
	code = serve(settings, &sockets);
	while (count > 0)
		remove_file(&files[--count]);
	return code;
}
