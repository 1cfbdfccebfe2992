/*
 * watch.h: keeps the roster current
 *
 * Life cycle of its connection: opening -> LISTEN, twice -> asking which server it is ->
 * pinging, until a notification of its own has come back (ping.h) -> watching. While watching
 * it renews the lease. It looks for changes whenever a notification says so, and now and then
 * checks that notifications still come. When the connection breaks, the roster stays in use as
 * it is, until the lease is over.
 */
#ifndef GATEWAY_ROSTER_WATCH_H
#define GATEWAY_ROSTER_WATCH_H

#include "loop/loop.h"
#include "roster/follow.h"

typedef struct Watch Watch;

/* Called from the loop. No handler may be NULL. */
typedef struct WatchHandlers
{
	/* Users or the lease were read anew: waiting requests may go on. */
	void (*read)(void *owner);
	/* Another roster is in use, or the database was found to be away. */
	void (*changed)(void *owner);
	/*
	 * A notification says that the users found by look-ups have changed: all of them, or a
	 * group.
	 */
	void (*sessions)(void *owner);
	void (*session)(void *owner, unsigned group);
	/* The watch has connected: hints for look-ups may have been missed. */
	void (*connected)(void *owner);
} WatchHandlers;

/* All arguments are borrowed. */
extern Watch *watch_new(Loop *loop, const WatchHandlers *handlers, void *owner);
extern void	  watch_free(Watch *watch);
extern void	  watch_start(Watch *watch);

/*
 * Return the roster. NULL until it was loaded once, or taken from a file. It is borrowed, and
 * replaced by the next load; the handler "changed" tells of that.
 */
extern Roster *watch_roster(Watch *watch);

/* Return the uid type of the release; UID_UNKNOWN while the release is not loaded. */
extern UidType watch_uid_type(const Watch *watch);

/* Is the roster in use from the database, and not from a file? */
extern bool watch_loaded(const Watch *watch);

/* And may requests be routed by it? */
extern bool watch_current(const Watch *watch);

/*
 * While there is no roster from the database: is the database away, or does it lack what is
 * needed?
 */
extern bool watch_away(Watch *watch);

/*
 * Use the roster of settings->roster_file, unless there is a roster. Return false if the file
 * is no good.
 */
extern bool watch_use_file(Watch *watch);

/*
 * Return the id of the release that the roster was read from, or NULL if it is not known;
 * borrowed.
 */
extern const char *watch_release_id(const Watch *watch);

/* Note the state of a user that gray_route has told; see follow_told and follow_mark. */
extern void watch_told(Watch *watch, Span uid, State state, uint64_t transaction, FollowMark mark);
extern FollowMark watch_mark(const Watch *watch);

/* Is the database there, and the roster current? */
extern bool watch_connected(const Watch *watch);

/* Does the release exist, as far as is known? */
extern bool watch_release_known(const Watch *watch);

/* Return the schema of the extension's functions, quoted for SQL; NULL if it is not known. */
extern const char *watch_schema(const Watch *watch);

/* May requests of the release's users be routed by what is known of the release? See lease.h. */
extern bool		watch_has_lease(const Watch *watch);
extern uint64_t watch_lease_over_ms(const Watch *watch);

/* Is another gateway about to move the user? */
extern bool watch_announced(const Watch *watch, Span uid);

/*
 * Return our name for gray_announce; NULL: moves can't be announced. watch_gateways returns how
 * many gateways there are.
 */
extern const char *watch_gateway(const Watch *watch);
extern unsigned	   watch_gateways(const Watch *watch);

/*
 * Return how often the watch has connected. Answers on connections made before may come from
 * another server.
 */
extern unsigned watch_epoch(const Watch *watch);

/* Return how often the watch has looked for changes, and how often it has loaded everything. */
extern uint64_t watch_looks(const Watch *watch);
extern uint64_t watch_loads(const Watch *watch);

#endif /* GATEWAY_ROSTER_WATCH_H */
