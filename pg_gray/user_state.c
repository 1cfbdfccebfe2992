/*
 * user_state.c: the state row of a user
 */
#include "postgres.h"

#include "latest.h"
#include "notify.h"
#include "query.h"
#include "release.h"
#include "state_table.h"
#include "uid.h"
#include "user_lock.h"
#include "user_state.h"

State
user_state_get(const Release *release, const Uid *uid)
{
	Latest latest = latest_begin();
	State  state = state_table_read(state_table_of(release), latest.snapshot,
									uid_widened(uid->type, uid->value));

	latest_end(&latest);
	return state;
}

bool
user_state_is_recorded(const Release *release, const Uid *uid)
{
	Latest latest = latest_begin();
	bool   found = state_table_has(state_table_of(release), latest.snapshot,
								   uid_widened(uid->type, uid->value));

	latest_end(&latest);
	return found;
}

State
user_state_lock(const Release *release, const Uid *uid)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_run(psprintf("INSERT INTO %s AS s (uid) VALUES ($1)"
					   " ON CONFLICT (uid) DO UPDATE SET state = s.state RETURNING state",
					   release->state_table),
			  &args);
	return state_parse(query_text(0, 1));
}

/* The states are part of the text: as parameters they would be looked up by name each time. */
bool
user_state_claim(const Release *release, const Uid *uid, const char *from, State to)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	if (query_run_saved(psprintf("INSERT INTO %1$s AS s (uid, state) VALUES ($1,"
								 " CASE WHEN 'off' = ANY ('%2$s'::gray.state[]) THEN '%3$s'::gray.state ELSE 'off' END)"
								 " ON CONFLICT (uid) DO UPDATE SET state = '%3$s', since = now(), changed = DEFAULT"
								 " WHERE s.state = ANY ('%2$s'::gray.state[])"
								 " RETURNING xmax = 0 AND 'off' <> ALL ('%2$s'::gray.state[])",
								 release->state_table, from, state_name(to)),
						&args) == 0)
		return false;
	if (strcmp(query_text(0, 1), "f") != 0)
		return false;
	user_lock_settle(uid_hash(release->id, uid->type, uid->value));
	return true;
}

void
user_state_set(const Release *release, const Uid *uid, State state)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_arg_text(&args, state_name(state));
	query_run(psprintf("UPDATE %s SET state = $2::gray.state, since = now(), changed = DEFAULT WHERE uid = $1",
					   release->state_table),
			  &args);
	notify_roster(release, NEWS_USERS);
}
