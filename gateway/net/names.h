/*
 * names.h: where the names of the settings lead, as far as is known
 *
 * One book for the process.  Names are of servers and of the database's hosts.  Each is looked up
 * at the start, every resolve_s, at a reload, and when somebody has come to doubt it.  A name
 * that is not found keeps the addresses that it had, and the log says so once.
 */
#ifndef GATEWAY_NET_NAMES_H
#define GATEWAY_NET_NAMES_H

#include "config/settings.h"
#include "net/resolve.h"

/*
 * At the start, and blocking: looks all names up, those of listen and admin into their
 * addresses.  False if one of these is not found: problem says which.
 */
extern bool names_open(Settings *settings, char *problem, size_t problem_size);

/* Tells of each name that the book has no address for. */
extern void names_check(void (*warn)(const char *text));

/*
 * Names are looked up from this loop from now on; those that never were are before, blocking.
 * What the book has may be of long ago, when a worker is started anew: then it is looked up at
 * once.  changed is called from the loop when a look-up has told something.
 */
extern void names_start(struct event_base *base, const Settings *settings,
						void (*changed)(void *context), void	*context);

/* Other settings (borrowed for the call): their names are all looked up, and no others. */
extern void names_use(const Settings *settings);

/* The name may lead elsewhere by now: it is looked up soon, whatever resolve_s says. */
extern void names_doubt(const char *name);

/* What was found last; borrowed, until the loop turns.  NULL: not in the book. */
extern const Resolution *names_find(const char *name);

/*
 * The servers of a list: an address each, all those of a name.  The answer is how many there
 * are; of more than most the last are left out.  pending: a name was never looked up.
 */
extern size_t names_servers(const AddressList *list, Address *servers, size_t most, bool *pending);

extern void names_close(void);

#endif /* GATEWAY_NET_NAMES_H */
