/*
 * follow.h: puts together the readings of a release, in whatever order they come
 *
 * The functions are pure. Readings are of two kinds (news.h). A load gives a whole roster. A
 * look gives the users whose rows the snapshot of the last reading does not show. The look has
 * a later snapshot, which then takes the place of the last one. Besides, gray_route says where
 * it has left a user.
 *
 * Looks and answers of gray_route come in any order. The snapshot tells which is newer
 * (moved.h): a look's state of a user is newer if the look shows the transaction of the user's
 * last move from here. Otherwise the next look has that move. An answer of a call that moved
 * nobody counts if no look was under way during the call.
 *
 * A loaded roster is not used before a look from its snapshot on. It was read a while ago, and
 * the roster in use has had looks since. These looks go on meanwhile.
 */
#ifndef GATEWAY_ROSTER_FOLLOW_H
#define GATEWAY_ROSTER_FOLLOW_H

#include "roster/announced.h"
#include "roster/moved.h"
#include "roster/news.h"
#include "roster/roster.h"

/* A row of a reading: the release's line, which comes first, a user, or an announced user. */
typedef struct FollowRow
{
	bool	is_line;
	Span	seen; /* of a line: the snapshot; borrowed, as the other texts */
	Span	id;
	Span	uid_type;
	int		server_version; /* as PQserverVersion has it */
	Release release;		/* without the name */
	Span	uid;			/* of a user */
	State	state;
	bool	listed;
	bool	is_announced; /* another gateway is about to move the user; the row has only the uid */
} FollowRow;

/* A roster, with the release and the snapshot it was read from. */
typedef struct Version
{
	Roster *roster; /* owned, as are the texts */
	char   *id;		/* the release's id; NULL: there is no release */
	char   *seen;	/* the snapshot; NULL if id is NULL */
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
	Version	  current; /* the version in use; its roster is NULL until something was loaded */
	Version	  coming;  /* the version that was loaded, and waits for a look */
	Moved	  moved;
	Announced announced;	  /* as of the last complete look */
	Announced announcing;	  /* as of the look under way */
	Version	 *looked;		  /* from which the look under way began; NULL: none is under way */
	char	 *look_seen;	  /* the look's own snapshot, once it has come */
	bool	  look_void;	  /* the end of the look says nothing */
	bool	  seen_elsewhere; /* current.seen may be of another server than the connected one */
	uint64_t  looks;		  /* how many looks were begun */
	uint64_t  loads;
} Follow;

extern void follow_free(Follow *follow);

/* Add a row of a load. */
extern void version_take(Version *version, const FollowRow *row);
extern void version_clear(Version *version);

/* Return when a reading is due, as news_due_us does. */
extern uint64_t follow_due_us(const Follow *follow, NewsReading reading);

/* Begin a look that is due. Return the snapshot to look from, borrowed. */
extern const char *follow_begin_look(Follow *follow, uint64_t now_us);
extern void		   follow_take(Follow *follow, const FollowRow *row);

/* End the look. Return true if another roster is in use now. */
extern bool follow_end_look(Follow *follow, bool ok, uint64_t now_us);

/*
 * Begin a load that is due. loaded is consumed when the load ends; its roster is NULL if the
 * load has failed.
 */
extern void follow_begin_load(Follow *follow, uint64_t now_us);
extern bool follow_end_load(Follow *follow, Version *loaded, uint64_t now_us);

/*
 * Note that a connection is there. Readings over it know all moves that were told before,
 * unless these moves are lost.
 */
extern void follow_connected(Follow *follow);

/* Note that the connection is gone, and with it the readings under way. */
extern void follow_lost(Follow *follow);

extern FollowMark follow_mark(const Follow *follow);

/*
 * Note the state of a user that gray_route has told, on a connection made since
 * follow_connected. transaction: it moved the user; 0: gray_route did not move the user. mark
 * is from before the call.
 */
extern void follow_told(Follow *follow, Span uid, State state, uint64_t transaction,
						FollowMark mark);

#endif /* GATEWAY_ROSTER_FOLLOW_H */
