/*
 * follow.h: what is read of a release, put together in whatever order it comes
 *
 * Pure.  Readings are of two kinds (news.h): a load gives a whole roster, a look the users whose
 * rows the snapshot of the last reading does not show, as of a later snapshot, which then takes
 * its place.  Besides, gray_route says where it has left a user.
 *
 * Looks and answers of gray_route come in any order, and which is newer is told by the snapshot
 * (moved.h): what a look gives of a user is newer if it shows the transaction of the user's last
 * move from here, and otherwise the next look has that move.  An answer of a call that moved
 * nobody counts if no look was under way during the call.
 *
 * What was loaded is not used before a look from its snapshot on: it was read a while ago, and
 * the roster in use has had looks since.  Those go on meanwhile.
 */
#ifndef GATEWAY_ROSTER_FOLLOW_H
#define GATEWAY_ROSTER_FOLLOW_H

#include "roster/announced.h"
#include "roster/moved.h"
#include "roster/news.h"
#include "roster/roster.h"

/* A row of a reading: the release's line, which comes first, a user, or one who is announced. */
typedef struct FollowRow
{
	bool	is_line;
	Span	seen; /* of a line: the snapshot; borrowed, as the others */
	Span	id;
	Span	uid_type;
	int		server_version; /* as PQserverVersion has it */
	Release release;		/* but for the name */
	Span	uid;			/* of a user */
	State	state;
	bool	listed;
	bool	is_announced; /* a user whom another gateway is about to move; no more is said */
} FollowRow;

/* A roster, and what it was read from. */
typedef struct Version
{
	Roster *roster; /* owned, as the texts */
	char   *id;		/* the release's; NULL: there is none */
	char   *seen;	/* the snapshot; NULL as id */
} Version;

/* A moment, for follow_told. */
typedef struct FollowMark
{
	uint64_t looks;
	bool	 looking;
} FollowMark;

/* All zero at first. */
typedef struct Follow
{
	News	  news;
	Version	  current; /* in use; its roster is NULL until something was loaded */
	Version	  coming;  /* loaded, and waiting for a look */
	Moved	  moved;
	Announced announced;	  /* as of the last whole look */
	Announced announcing;	  /* as of the one under way */
	Version	 *looked;		  /* where the look that is under way began; NULL: none is */
	char	 *look_seen;	  /* its own snapshot, when that has come */
	bool	  look_void;	  /* its end says nothing */
	bool	  seen_elsewhere; /* current.seen may be of another server than that connected */
	uint64_t  looks;		  /* that were begun */
	uint64_t  loads;
} Follow;

extern void follow_free(Follow *follow);

/* A row of a load. */
extern void version_take(Version *version, const FollowRow *row);
extern void version_clear(Version *version);

/* As news_due_us. */
extern uint64_t follow_due_us(const Follow *follow, NewsReading reading);

/* A look is due, and begins; the answer is the snapshot to look from, borrowed. */
extern const char *follow_begin_look(Follow *follow, uint64_t now_us);
extern void		   follow_take(Follow *follow, const FollowRow *row);

/* True: another roster is in use now. */
extern bool follow_end_look(Follow *follow, bool ok, uint64_t now_us);

/* A load is due, and begins; loaded is consumed, and its roster NULL if the load has failed. */
extern void follow_begin_load(Follow *follow, uint64_t now_us);
extern bool follow_end_load(Follow *follow, Version *loaded, uint64_t now_us);

/*
 * A connection is there.  What is read by it knows all moves that were told of before, unless
 * they are lost.
 */
extern void follow_connected(Follow *follow);

/* The connection is gone, and with it what was under way. */
extern void follow_lost(Follow *follow);

extern FollowMark follow_mark(const Follow *follow);

/*
 * gray_route has told the state of a user, on a connection made since follow_connected.  transaction: in which it moved the user, 0: it did
 * not; mark is of before it was asked.
 */
extern void follow_told(Follow *follow, Span uid, State state, uint64_t transaction,
						FollowMark mark);

#endif /* GATEWAY_ROSTER_FOLLOW_H */
