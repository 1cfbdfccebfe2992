/*
 * names.h: keeps the addresses of the names in the settings
 *
 * There is one book for the whole process. It has the names of the servers and of the database's
 * hosts. Each name is looked up at the start, every resolve_s, at a reload, and when a part of the
 * gateway doubts its addresses. A name that is not found keeps its former addresses, and the log
 * says so once.
 */
#ifndef GATEWAY_NET_NAMES_H
#define GATEWAY_NET_NAMES_H

#include "config/settings.h"
#include "net/resolve.h"

/*
 * Look all names up at the start, which blocks. The addresses of listen and admin are set. False
 * if one of these is not found: problem says which.
 */
extern bool names_open(Settings *settings, char *problem, size_t problem_size);

/* Warn of each name that has no address in the book. */
extern void names_check(void (*warn)(const char *text));

/*
 * Look names up from this loop from now on. Names that were never looked up are looked up first,
 * which blocks. The addresses of the book may be old when a worker is restarted: they are then
 * looked up at once. changed is called from the loop when a look-up has changed the book.
 */
extern void names_start(struct event_base *base, const Settings *settings,
						void (*changed)(void *context), void	*context);

/* Use other settings (borrowed for the call): all their names are looked up, and no others. */
extern void names_use(const Settings *settings);

/* Have the name looked up soon, whatever resolve_s says, because its addresses may have changed. */
extern void names_doubt(const char *name);

/*
 * Return the last result for the name; borrowed until the loop turns. NULL: the name is not in the
 * book.
 */
extern const Resolution *names_find(const char *name);

/*
 * Write the servers of a list. Each server has one address; a name gives a server for each of its
 * addresses. Return how many there are. If there are more than most, the last are left out.
 * pending: a name was never looked up.
 */
extern size_t names_servers(const AddressList *list, Address *servers, size_t most, bool *pending);

extern void names_close(void);

#endif /* GATEWAY_NET_NAMES_H */
