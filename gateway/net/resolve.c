/*
 * resolve.c: looks names up without blocking the loop
 *
 * A look-up waits, then a thread has it, then it lies on the desk. An eventfd wakes the loop,
 * which fetches the look-up from the desk. The desk is shared; its last user frees it.
 */
#include "net/resolve.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/memory.h"

#define RESOLVE_THREADS_MOST 8

struct Desk;

typedef struct Lookup
{
	STAILQ_ENTRY(Lookup) entry;
	struct Desk *desk;
	Resolved	 done;
	void		*context;
	Resolution	 resolution;
	char		 name[];
} Lookup;

STAILQ_HEAD(Lookups, Lookup);

typedef struct Desk
{
	pthread_mutex_t mutex;
	unsigned		users; /* the loop, and each thread, count one */
	int				bell;
	struct Lookups	done;
} Desk;

struct Resolver
{
	Desk		  *desk;
	struct event   bell_event;
	struct Lookups waiting;
	unsigned	   running;
};

static bool
known(const Resolution *resolution, const struct addrinfo *found)
{
	for (size_t i = 0; i < resolution->count; i++)
	{
		if (memcmp(&resolution->addresses[i], found->ai_addr, found->ai_addrlen) == 0)
			return true;
	}
	return false;
}

void
resolve_now(const char *name, Resolution *resolution)
{
	struct addrinfo	 hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	int				 result = getaddrinfo(name, NULL, &hints, &found);

	memset(resolution, 0, sizeof(*resolution));
	if (result != 0)
	{
		resolution->problem = gai_strerror(result);
		return;
	}
	for (struct addrinfo *one = found; one != NULL; one = one->ai_next)
	{
		if (resolution->count < RESOLVE_ADDRESSES_MOST && !known(resolution, one))
			memcpy(&resolution->addresses[resolution->count++], one->ai_addr, one->ai_addrlen);
	}
	freeaddrinfo(found);
}

static void
leave_desk(Desk *desk)
{
	Lookup *lookup;
	bool	last;

	pthread_mutex_lock(&desk->mutex);
	last = --desk->users == 0;
	pthread_mutex_unlock(&desk->mutex);
	if (!last)
		return;
	while ((lookup = STAILQ_FIRST(&desk->done)) != NULL)
	{
		STAILQ_REMOVE_HEAD(&desk->done, entry);
		free(lookup);
	}
	close(desk->bell);
	pthread_mutex_destroy(&desk->mutex);
	free(desk);
}

static void
put_on_desk(Lookup *lookup)
{
	Desk		  *desk = lookup->desk;
	const uint64_t one = 1;

	pthread_mutex_lock(&desk->mutex);
	STAILQ_INSERT_TAIL(&desk->done, lookup, entry);
	pthread_mutex_unlock(&desk->mutex);
	while (write(desk->bell, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

static void *
look_up(void *context)
{
	Lookup *lookup = context;
	Desk   *desk = lookup->desk;

	resolve_now(lookup->name, &lookup->resolution);
	put_on_desk(lookup);
	leave_desk(desk);
	return NULL;
}

/* Start a thread with all signals blocked: signals belong to the loop. */
static bool
start_thread(Lookup *lookup)
{
	pthread_attr_t attributes;
	pthread_t	   thread;
	sigset_t	   all;
	sigset_t	   before;
	bool		   started;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&thread, &attributes, look_up, lookup) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

static void
start_waiting(Resolver *resolver)
{
	Desk   *desk = resolver->desk;
	Lookup *lookup;

	while (resolver->running < RESOLVE_THREADS_MOST &&
		   (lookup = STAILQ_FIRST(&resolver->waiting)) != NULL)
	{
		STAILQ_REMOVE_HEAD(&resolver->waiting, entry);
		resolver->running++;
		pthread_mutex_lock(&desk->mutex);
		desk->users++;
		pthread_mutex_unlock(&desk->mutex);
		if (start_thread(lookup))
			continue;
		lookup->resolution.problem = "no thread could be started for it";
		put_on_desk(lookup);
		leave_desk(desk);
	}
}

static void
on_bell(evutil_socket_t fd, short what, void *context)
{
	Resolver	  *resolver = context;
	struct Lookups done = STAILQ_HEAD_INITIALIZER(done);
	uint64_t	   rings;
	Lookup		  *lookup;

	(void) what;
	if (read(fd, &rings, sizeof(rings)) < 0)
		return;
	pthread_mutex_lock(&resolver->desk->mutex);
	STAILQ_CONCAT(&done, &resolver->desk->done);
	pthread_mutex_unlock(&resolver->desk->mutex);
	while ((lookup = STAILQ_FIRST(&done)) != NULL)
	{
		STAILQ_REMOVE_HEAD(&done, entry);
		resolver->running--;
		lookup->done(lookup->context, &lookup->resolution);
		free(lookup);
	}
	start_waiting(resolver);
}

Resolver *
resolver_new(struct event_base *base)
{
	Resolver *resolver = memory_zeroed(sizeof(*resolver));
	Desk	 *desk = memory_zeroed(sizeof(*desk));

	pthread_mutex_init(&desk->mutex, NULL);
	desk->users = 1;
	desk->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (desk->bell < 0)
		abort(); /* no descriptor is free before the first client */
	STAILQ_INIT(&desk->done);
	STAILQ_INIT(&resolver->waiting);
	resolver->desk = desk;
	event_assign(&resolver->bell_event, base, desk->bell, EV_READ | EV_PERSIST, on_bell, resolver);
	event_add(&resolver->bell_event, NULL);
	return resolver;
}

void
resolver_free(Resolver *resolver)
{
	Lookup *lookup;

	event_del(&resolver->bell_event);
	while ((lookup = STAILQ_FIRST(&resolver->waiting)) != NULL)
	{
		STAILQ_REMOVE_HEAD(&resolver->waiting, entry);
		free(lookup);
	}
	leave_desk(resolver->desk);
	free(resolver);
}

void
resolver_ask(Resolver *resolver, const char *name, Resolved done, void *context)
{
	size_t	length = strlen(name);
	Lookup *lookup = memory_zeroed(sizeof(*lookup) + length + 1);

	lookup->desk = resolver->desk;
	lookup->done = done;
	lookup->context = context;
	memcpy(lookup->name, name, length);
	STAILQ_INSERT_TAIL(&resolver->waiting, lookup, entry);
	start_waiting(resolver);
}
