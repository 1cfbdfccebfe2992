/*
 * names.c: keeps the addresses of the names in the settings
 */
#include "net/names.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/conninfo.h"

#define START_MOST_MS 10000 /* after this time, the start looks no more names up */
#define RETRY_MS 1000		/* for a name without an address, or in doubt */
#define NEVER UINT64_MAX

typedef struct Name
{
	LIST_ENTRY(Name) entry;
	Resolution found; /* the addresses in use */
	bool	   asked; /* the name was looked up, with any result */
	bool	   looking;
	bool	   used; /* the settings have the name */
	bool	   failure_said;
	uint64_t   asked_ms; /* when the last look-up began */
	uint64_t   due_ms;
	char	   text[];
} Name;

static struct
{
	LIST_HEAD(, Name) names;
	Resolver	*resolver; /* NULL until names_start */
	struct event timer;
	unsigned	 period_ms; /* 0: never */
	void (*changed)(void *context);
	void *context;
} book;

static void on_resolved(void *context, const Resolution *resolution);

static Name *
find(const char *text)
{
	Name *name;

	LIST_FOREACH(name, &book.names, entry)
	{
		if (strcmp(name->text, text) == 0)
			return name;
	}
	return NULL;
}

const Resolution *
names_find(const char *text)
{
	const Name *name = find(text);

	return name != NULL ? &name->found : NULL;
}

static void
forget(Name *name)
{
	LIST_REMOVE(name, entry);
	free(name);
}

static void
use(const char *text)
{
	Name  *name = find(text);
	size_t length = strlen(text);

	if (name == NULL)
	{
		name = memory_zeroed(sizeof(*name) + length + 1);
		memcpy(name->text, text, length);
		LIST_INSERT_HEAD(&book.names, name, entry);
	}
	name->used = true;
	name->due_ms = 0;
}

static bool
is_name(const Address *address)
{
	return address->host[0] != '\0' && address->socket_length == 0;
}

static void
use_list(const AddressList *list)
{
	for (size_t i = 0; i < list->count; i++)
	{
		if (is_name(&list->addresses[i]))
			use(list->addresses[i].host);
	}
}

static void
use_database(const char *text)
{
	Conninfo conninfo;
	char	 problem[CONNINFO_PROBLEM_BYTES];

	if (!conninfo_read(text, &conninfo, problem))
		return; /* the service of the database setting can't be read now: dial.c reports it */
	for (size_t i = 0; i < conninfo.hosts.count; i++)
	{
		const char *name = conninfo_host_name(&conninfo.hosts.hosts[i]);

		if (name != NULL)
			use(name);
	}
	conninfo_free(&conninfo);
}

static void
use_all(const Settings *settings)
{
	Name *name;

	LIST_FOREACH(name, &book.names, entry)
	{
		name->used = false;
	}
	use_list(&settings->production);
	use_list(&settings->gray);
	use_database(settings->database);
	book.period_ms = settings->resolve_s * 1000;
}

/*
 * Results
 */

static bool
has(const Resolution *resolution, const struct sockaddr_storage *address)
{
	for (size_t i = 0; i < resolution->count; i++)
	{
		if (memcmp(&resolution->addresses[i], address, sizeof(*address)) == 0)
			return true;
	}
	return false;
}

/* Do both have the same addresses, in any order? Name servers change the order each time. */
static bool
same(const Resolution *one, const Resolution *other)
{
	bool all = one->count == other->count;

	for (size_t i = 0; all && i < one->count; i++)
		all = has(other, &one->addresses[i]);
	return all;
}

static void
say_found(const Name *name)
{
	char   text[RESOLVE_ADDRESSES_MOST * (INET6_ADDRSTRLEN + 2)] = "";
	size_t length = 0;

	for (size_t i = 0; i < name->found.count; i++)
	{
		length += (size_t) snprintf(text + length, sizeof(text) - length, i > 0 ? ", " : "");
		address_host((const struct sockaddr *) &name->found.addresses[i], text + length,
					 sizeof(text) - length);
		length += strlen(text + length);
	}
	log_info("name %s: %s", name->text, text);
}

static void
say_failed(Name *name, const char *problem)
{
	log_write(name->failure_said ? LOG_DEBUG : LOG_WARNING, "name %s: %s; %s", name->text, problem,
			  name->found.count > 0 ? "the addresses that it had stay in use"
									: "it has no address, and is looked up again");
	name->failure_said = true;
}

/* Take a result. True if it changes anything. */
static bool
take(Name *name, const Resolution *resolution)
{
	bool first = !name->asked;

	name->asked = true;
	if (resolution->count == 0)
	{
		say_failed(name, resolution->problem);
		return first;
	}
	if (name->failure_said || !same(&name->found, resolution))
	{
		bool other = !same(&name->found, resolution);

		if (other)
			name->found = *resolution;
		name->failure_said = false;
		say_found(name);
		return first || other;
	}
	return first;
}

/*
 * Times
 */

/*
 * Return the time of the next look-up, which varies by a tenth, so that gateways don't all ask at
 * once.
 */
static uint64_t
next_ms(const Name *name, uint64_t now_ms)
{
	unsigned tenth = book.period_ms / 10;

	if (name->found.count == 0)
		return now_ms + RETRY_MS;
	if (book.period_ms == 0)
		return NEVER;
	return now_ms + book.period_ms - tenth + (unsigned) random() % (2 * tenth + 1);
}

static void
look_up_due(void)
{
	uint64_t now_ms = clock_now_ms();
	uint64_t due_ms = NEVER;
	Name	*name;

	LIST_FOREACH(name, &book.names, entry)
	{
		if (!name->looking && name->due_ms <= now_ms)
		{
			name->looking = true;
			name->asked_ms = now_ms;
			name->due_ms = NEVER;
			resolver_ask(book.resolver, name->text, on_resolved, name);
		}
		if (!name->looking && name->due_ms < due_ms)
			due_ms = name->due_ms;
	}
	if (due_ms != NEVER)
	{
		struct timeval delay = {.tv_sec = (time_t) ((due_ms - now_ms) / 1000),
								.tv_usec = (suseconds_t) ((due_ms - now_ms) % 1000) * 1000};

		event_add(&book.timer, &delay);
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	(void) fd;
	(void) what;
	(void) context;
	look_up_due();
}

/*
 * Take a result, unless the name was to be looked up again meanwhile: then the result may be out
 * of date.
 */
static void
on_resolved(void *context, const Resolution *resolution)
{
	Name *name = context;
	bool  changed;

	name->looking = false;
	if (!name->used)
	{
		forget(name);
		return;
	}
	changed = take(name, resolution);
	if (name->due_ms == NEVER)
		name->due_ms = next_ms(name, clock_now_ms());
	if (changed)
		book.changed(book.context);
	look_up_due();
}

void
names_doubt(const char *text)
{
	Name *name = find(text);

	if (name == NULL || name->looking || book.resolver == NULL)
		return;
	if (name->due_ms > name->asked_ms + RETRY_MS)
		name->due_ms = name->asked_ms + RETRY_MS;
	look_up_due();
}

/*
 * The book
 */

static bool
find_own(AddressList *list, const char *key, char *problem, size_t problem_size)
{
	for (size_t i = 0; i < list->count; i++)
	{
		Address	  *address = &list->addresses[i];
		Resolution resolution;

		if (!is_name(address))
			continue;
		resolve_now(address->host, &resolution);
		if (resolution.count == 0)
		{
			snprintf(problem, problem_size, "%s: %s: %s", key, address->text, resolution.problem);
			return false;
		}
		address_find(address, &resolution.addresses[0]);
	}
	return true;
}

/* Look the new names up at once, before any client is served. */
static void
look_up_new(void)
{
	uint64_t most_ms = clock_now_ms() + START_MOST_MS;
	Name	*name;

	LIST_FOREACH(name, &book.names, entry)
	{
		if (name->asked)
			continue;
		if (clock_now_ms() <= most_ms)
			resolve_now(name->text, &name->found);
		else
			name->found.problem = "other names took too long";
		name->asked = true;
		name->asked_ms = clock_now_ms();
	}
}

bool
names_open(Settings *settings, char *problem, size_t problem_size)
{
	if (!find_own(&settings->listen, "listen", problem, problem_size) ||
		!find_own(&settings->admin, "admin", problem, problem_size))
		return false;
	use_all(settings);
	look_up_new();
	return true;
}

void
names_check(void (*warn)(const char *text))
{
	char  text[1024];
	Name *name;

	LIST_FOREACH(name, &book.names, entry)
	{
		if (name->found.count > 0)
			continue;
		snprintf(text, sizeof(text), "name %.500s: %s; it has no address, and is looked up again",
				 name->text, name->found.problem);
		warn(text);
		name->failure_said = true;
	}
}

void
names_start(struct event_base *base, const Settings *settings, void (*changed)(void *context),
			void *context)
{
	uint64_t now_ms = clock_now_ms();
	Name	*name;

	book.changed = changed;
	book.context = context;
	book.resolver = resolver_new(base);
	event_assign(&book.timer, base, -1, 0, on_timer, NULL);
	srandom((unsigned) clock_now_us());
	use_all(settings);
	look_up_new();
	LIST_FOREACH(name, &book.names, entry)
	{
		if (name->asked && now_ms <= name->asked_ms + START_MOST_MS)
			name->due_ms = next_ms(name, now_ms);
	}
	look_up_due();
}

void
names_use(const Settings *settings)
{
	Name *next;

	use_all(settings);
	for (Name *name = LIST_FIRST(&book.names); name != NULL; name = next)
	{
		next = LIST_NEXT(name, entry);
		if (!name->used && !name->looking)
			forget(name);
	}
	look_up_due();
}

size_t
names_servers(const AddressList *list, Address *servers, size_t most, bool *pending)
{
	size_t count = 0;

	*pending = false;
	for (size_t i = 0; i < list->count; i++)
	{
		const Address *address = &list->addresses[i];
		const Name	  *name = is_name(address) ? find(address->host) : NULL;

		if (!is_name(address) && count < most)
			servers[count++] = *address;
		if (name == NULL)
			continue;
		*pending = *pending || !name->asked;
		for (size_t j = 0; j < name->found.count && count < most; j++)
			servers[count++] = address_found(address, &name->found.addresses[j]);
	}
	return count;
}

void
names_close(void)
{
	if (book.resolver != NULL)
	{
		resolver_free(book.resolver);
		event_del(&book.timer);
	}
	book.resolver = NULL;
	while (!LIST_EMPTY(&book.names))
		forget(LIST_FIRST(&book.names));
}
