/*
 * watch.h: keeps the roster current
 *
 * Life of its connection: opening -> LISTEN, twice -> which server is it -> pinging, until a
 * notification of its own has come back (ping.h) -> watching, in which it renews the
 * lease, and looks at what has changed whenever a notification says so, and now and then whether
 * they still come.  When it breaks the roster stays in use as it is, until the lease is over.
 */
#ifndef GATEWAY_ROSTER_WATCH_H
#define GATEWAY_ROSTER_WATCH_H

#include "loop/loop.h"
#include "roster/follow.h"

typedef struct Watch Watch;

/* Called from the loop; each must be there. */
typedef struct WatchHandlers
{
	/* Users or the lease were read anew: requests that wait may go on. */
	void (*read)(void *owner);
	/* Another roster is in use, or the database is found away. */
	void (*changed)(void *owner);
	/* Whom look-ups have found has changed, says somebody: all of them, or those of a group. */
	void (*sessions)(void *owner);
	void (*session)(void *owner, unsigned group);
	/* It has connected: such hints may have been missed. */
	void (*connected)(void *owner);
} WatchHandlers;

/* All is borrowed. */
extern Watch *watch_new(Loop *loop, const WatchHandlers *handlers, void *owner);
extern void	  watch_free(Watch *watch);
extern void	  watch_start(Watch *watch);

/*
 * NULL until it was loaded once, or taken from a file; borrowed, and replaced by the next load, of
 * which the handler "changed" is told.
 */
extern Roster *watch_roster(Watch *watch);

/* Of the release's users; UID_UNKNOWN while that is not loaded. */
extern UidType watch_uid_type(const Watch *watch);

/* Is the roster in use the database's word, and not that of a file? */
extern bool watch_loaded(const Watch *watch);

/* And is it good for sending requests on? */
extern bool watch_current(const Watch *watch);

/* Without a roster of the database: is it away, or does it not have what it takes? */
extern bool watch_away(Watch *watch);

/* Has the roster of settings->roster_file be used, unless there is one; false: it is no good. */
extern bool watch_use_file(Watch *watch);

/* What the roster was read of, as far as is known: the release's id, or NULL; borrowed. */
extern const char *watch_release_id(const Watch *watch);

/* As follow_told and follow_mark: what gray_route has told of a user. */
extern void watch_told(Watch *watch, Span uid, State state, uint64_t transaction, FollowMark mark);
extern FollowMark watch_mark(const Watch *watch);

/* Is the database there, and the roster current? */
extern bool watch_connected(const Watch *watch);

/* Does the release exist, as far as is known? */
extern bool watch_release_known(const Watch *watch);

/* The schema of the extension's functions, quoted for SQL; NULL if not known. */
extern const char *watch_schema(const Watch *watch);

/* Is what is known of the release good for sending requests of its users on?  See lease.h. */
extern bool		watch_has_lease(const Watch *watch);
extern uint64_t watch_lease_over_ms(const Watch *watch);

/* Is another gateway about to move the user? */
extern bool watch_announced(const Watch *watch, Span uid);

/* Our name for gray_announce; NULL: moves can't be announced.  How many gateways there are. */
extern const char *watch_gateway(const Watch *watch);
extern unsigned	   watch_gateways(const Watch *watch);

/* How often it has connected: answers of connections made before may be another server's. */
extern unsigned watch_epoch(const Watch *watch);

/* How often it has looked at what has changed, and loaded everything. */
extern uint64_t watch_looks(const Watch *watch);
extern uint64_t watch_loads(const Watch *watch);

#endif /* GATEWAY_ROSTER_WATCH_H */
