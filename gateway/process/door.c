/*
 * door.c: holds the sockets of a process: binds them at the start, and opens them when the process
 * can serve
 */
#include "process/door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "process/listener.h"
#include "process/systemd.h"

typedef struct Entrance
{
	Address		address; /* with the port that the system chose */
	const char *what;
	int			fd; /* -1: closed or consumed */
	bool		handed_over;
	/* The identity of the file that was made for a path. */
	bool  has_file;
	dev_t device;
	ino_t number;
} Entrance;

struct Door
{
	size_t	 count; /* number of sockets in listen */
	bool	 has_admin;
	bool	 admin_early; /* no other process answers there */
	Entrance listen[SETTINGS_ADDRESSES_MAX];
	Entrance admin;
};

static bool
is_path(const Entrance *entrance)
{
	return entrance->address.socket.ss_family == AF_UNIX && !entrance->handed_over;
}

static const char *
path_of(const Entrance *entrance)
{
	return ((const struct sockaddr_un *) &entrance->address.socket)->sun_path;
}

/*
 * Bind the address, unless its socket was handed over. Put the port that the system chose into the
 * address.
 */
static bool
bind_one(Entrance *entrance)
{
	Address *address = &entrance->address;

	entrance->fd = systemd_socket(address);
	entrance->handed_over = entrance->fd >= 0;
	if (entrance->handed_over)
		return true;
	entrance->fd = listener_bind(address);
	if (entrance->fd < 0)
	{
		log_error("%s %s: %s", entrance->what, address->text, strerror(errno));
		return false;
	}
	if (is_path(entrance))
		return true;
	address->socket_length = sizeof(address->socket);
	getsockname(entrance->fd, (struct sockaddr *) &address->socket, &address->socket_length);
	return true;
}

static bool
bind_all(Door *door, const Settings *settings)
{
	for (size_t i = 0; i < settings->listen.count; i++)
	{
		door->listen[i] = (Entrance){.address = settings->listen.addresses[i], .what = "listen"};
		if (!bind_one(&door->listen[i]))
			return false;
		door->count++;
	}
	if (settings->admin.count == 0)
		return true;
	door->admin = (Entrance){.address = settings->admin.addresses[0], .what = "admin"};
	door->admin_early = listener_is_free(&door->admin.address);
	door->has_admin = bind_one(&door->admin);
	door->admin_early = door->admin_early || door->admin.handed_over;
	return door->has_admin;
}

Door *
door_new(const Settings *settings)
{
	Door *door = memory_zeroed(sizeof(*door));

	door->admin.fd = -1;
	systemd_receive();
	if (!bind_all(door, settings))
	{
		door_free(door);
		return NULL;
	}
	systemd_close_rest();
	return door;
}

/* Remove the file of a path, unless another process has taken the path over. */
static void
remove_file(const Entrance *entrance)
{
	struct stat status;

	if (entrance->has_file && stat(path_of(entrance), &status) == 0 &&
		status.st_dev == entrance->device && status.st_ino == entrance->number)
		unlink(path_of(entrance));
}

static void
close_one(Entrance *entrance)
{
	remove_file(entrance);
	if (entrance->fd >= 0)
		close(entrance->fd);
}

void
door_free(Door *door)
{
	for (size_t i = 0; i < door->count; i++)
		close_one(&door->listen[i]);
	if (door->has_admin)
		close_one(&door->admin);
	free(door);
}

/*
 * Give a worker its own socket. A socket of a path, or a socket that was handed over, can only be
 * shared. The parent removes the file of a path.
 */
static bool
own_one(Entrance *entrance)
{
	entrance->has_file = false;
	if (is_path(entrance) || entrance->handed_over)
		return true;
	close(entrance->fd);
	return bind_one(entrance);
}

bool
door_own(Door *door)
{
	bool owned = !door->has_admin || own_one(&door->admin);

	for (size_t i = 0; i < door->count; i++)
		owned = own_one(&door->listen[i]) && owned;
	return owned;
}

size_t
door_count(const Door *door)
{
	return door->count;
}

int
door_socket(const Door *door, size_t at)
{
	return door->listen[at].fd;
}

void
door_close(Door *door, size_t at)
{
	close(door->listen[at].fd);
	door->listen[at].fd = -1;
}

bool
door_is_port(const Door *door, size_t at)
{
	return !is_path(&door->listen[at]);
}

static bool
open_one(Entrance *entrance)
{
	struct stat status;

	if (!is_path(entrance))
		return listener_open(entrance->fd);
	if (!listener_take_path(entrance->fd, &entrance->address))
		return false;
	entrance->has_file = stat(path_of(entrance), &status) == 0;
	entrance->device = status.st_dev;
	entrance->number = status.st_ino;
	return true;
}

bool
door_open_ports(Door *door)
{
	bool opened = true;

	for (size_t i = 0; i < door->count; i++)
		opened = (is_path(&door->listen[i]) || open_one(&door->listen[i])) && opened;
	return opened;
}

bool
door_open_early(Door *door)
{
	return !door->has_admin || !door->admin_early || !is_path(&door->admin) ||
		   open_one(&door->admin);
}

static void
say_where(const Entrance *entrance, const char *what)
{
	char text[ADDRESS_TEXT_MAX];

	address_format((const struct sockaddr *) &entrance->address.socket, text, sizeof(text));
	log_info("%s %s", what,
			 entrance->address.socket.ss_family == AF_UNIX ? entrance->address.text : text);
}

bool
door_open_rest(Door *door, Readiness *readiness)
{
	bool opened = true;

	for (size_t i = 0; i < door->count; i++)
		opened = (!is_path(&door->listen[i]) || open_one(&door->listen[i])) && opened;
	if (door->has_admin && is_path(&door->admin) && !door->admin.has_file)
		opened = open_one(&door->admin) && opened;
	if (!opened)
		return false;
	readiness_open(readiness);
	for (size_t i = 0; i < door->count; i++)
		say_where(&door->listen[i], "listening on");
	if (door->has_admin)
		say_where(&door->admin, "admin on");
	systemd_notify("READY=1");
	return true;
}

bool
door_has_admin(const Door *door)
{
	return door->has_admin;
}

int
door_admin_socket(Door *door, const Readiness *readiness)
{
	int fd = door->admin.fd;

	if (fd < 0 || !(door->admin_early || readiness_is_open(readiness)))
		return -1;
	if (!is_path(&door->admin) && !listener_open(fd))
		return -1;
	door->admin.fd = -1;
	return fd;
}

bool
door_admin_is_port(const Door *door)
{
	return !is_path(&door->admin) && !door->admin.handed_over;
}

int
door_admin_again(const Door *door)
{
	int fd;

	if (!listener_is_free(&door->admin.address))
		return -1;
	fd = listener_bind(&door->admin.address);
	if (fd < 0 || listener_open(fd))
		return fd;
	close(fd);
	return -1;
}
