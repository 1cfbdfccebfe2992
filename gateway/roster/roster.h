/*
 * roster.h: the in-memory copy of switch, cohort and states
 *
 * The functions are pure. Users who are off and not listed are not in the roster. An entry
 * costs about 20 bytes: a slot, two bytes and the uid.
 */
#ifndef GATEWAY_ROSTER_ROSTER_H
#define GATEWAY_ROSTER_ROSTER_H

#include <stdint.h>

#include "user/decide.h"
#include "user/uid.h"

typedef struct Roster Roster;

typedef struct RosterCounts
{
	size_t on;
	size_t failed;
	size_t stuck;
	size_t listed;
} RosterCounts;

/* Return an empty roster of a closed release; owned by the caller. */
extern Roster *roster_new(const char *release_name);
extern void	   roster_free(Roster *roster);

/* Return the release's line, which the caller may change. */
extern Release *roster_release(Roster *roster);

/* Return the release's line, to be read only. */
extern const Release *roster_release_line(const Roster *roster);
extern UidType		  roster_uid_type(const Roster *roster);
extern void			  roster_set_uid_type(Roster *roster, UidType type);

/* Find the state of a user. A user who is not in the roster is off and not listed. */
extern void roster_find(const Roster *roster, Span uid, State *state, bool *listed);
extern void roster_set_state(Roster *roster, Span uid, State state);
extern void roster_set_listed(Roster *roster, Span uid, bool listed);

extern RosterCounts roster_counts(const Roster *roster);

/* Is the release closed, with nobody in gray? Then nobody is moved before the release is opened. */
extern bool roster_at_rest(const Roster *roster);

/* Called for each user who is listed or not off, in the order in which users came to be known. */
typedef void (*RosterVisit)(void *context, Span uid, State state, bool listed);
extern void roster_each(const Roster *roster, RosterVisit visit, void *context);

#endif /* GATEWAY_ROSTER_ROSTER_H */
