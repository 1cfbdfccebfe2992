/*
 * follow_model.c: a database that others change, and a gateway that follows it, step by step
 *
 * The database has a few users, transactions that are open for a while, and snapshots.  All that
 * goes between the two takes steps: a reading is sent, taken by the database, and comes row by
 * row; so is a call of gray_route sent, done, and answered.
 */
#include "follow_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz/fuzz.h"
#include "base/memory.h"
#include "roster/follow.h"
#include "roster/notice.h"

#define USERS 4
#define TRANSACTIONS 3
#define RELEASE "v2"
#define REST_STEPS 200
#define STEPS_MOST 1024

typedef struct User
{
	State	 state;
	bool	 listed;
	uint64_t changed;
	bool	 locked; /* by an open transaction */
	int		 version;
} User;

/* Open, of somebody else: it will give one user a state and a place on the list. */
typedef struct Transaction
{
	uint64_t id; /* 0: none */
	int		 user;
	State	 state;
	bool	 listed;
} Transaction;

typedef enum Phase
{
	IDLE,
	SENT,
	TAKEN /* by the database; what it gave is on its way */
} Phase;

typedef struct Rows
{
	Phase	 phase;
	char	 since[128];
	char	 seen[128];
	bool	 has[USERS];
	User	 users[USERS];
	int		 next; /* -1: the line */
	uint64_t begun_us;
	uint64_t pause_until_us; /* before which the next must not begin */
} Rows;

typedef struct Call
{
	Phase	   phase;
	FollowMark mark;
	State	   state;
	uint64_t   transaction;
	int		   version;
	bool	   old; /* on a connection of before */
} Call;

typedef struct World
{
	uint64_t	now_us;
	uint64_t	next_id;
	User		users[USERS];
	Transaction transactions[TRANSACTIONS];
	bool		connected;
	int			hints; /* on their way */
	Follow		follow;
	Rows		look;
	Rows		load;
	Version		loading;
	Call		calls[USERS];
	uint8_t		history[USERS][STEPS_MOST + TRANSACTIONS + 1]; /* states by version */
	int			known[USERS]; /* the version in which gray_route left the user, and told so */
} World;

static Span
name_of(int user)
{
	static const char *const names[USERS] = {"1", "two", "33", "4"};

	return span_of(names[user]);
}

/*
 * The database
 */

static void
take_snapshot(const World *world, char *text, size_t size)
{
	uint64_t least = world->next_id;
	size_t	 length;

	for (int i = 0; i < TRANSACTIONS; i++)
	{
		if (world->transactions[i].id != 0 && world->transactions[i].id < least)
			least = world->transactions[i].id;
	}
	length = (size_t) snprintf(text, size, "%llu:%llu:", (unsigned long long) least,
							   (unsigned long long) world->next_id);
	for (int i = 0; i < TRANSACTIONS; i++)
	{
		if (world->transactions[i].id != 0)
			length += (size_t) snprintf(text + length, size - length, "%s%llu",
										text[length - 1] == ':' ? "" : ",",
										(unsigned long long) world->transactions[i].id);
	}
}

static bool
visible(uint64_t id, const char *snapshot)
{
	char within[32];
	char list[160];

	snprintf(within, sizeof(within), ",%llu,", (unsigned long long) id);
	snprintf(list, sizeof(list), ",%s,", strchr(strchr(snapshot, ':') + 1, ':') + 1);
	return id < strtoull(strchr(snapshot, ':') + 1, NULL, 10) && strstr(list, within) == NULL;
}

static void
change(World *world, int at, State state, bool listed, uint64_t transaction)
{
	User *user = &world->users[at];

	*user = (User){state, listed, transaction, false, user->version + 1};
	world->history[at][user->version] = (uint8_t) state;
	world->hints += world->connected;
}

static void
open_transaction(World *world, int user, State state, bool listed)
{
	for (int i = 0; i < TRANSACTIONS; i++)
	{
		if (world->transactions[i].id != 0 || world->users[user].locked)
			continue;
		world->transactions[i] = (Transaction){world->next_id++, user, state, listed};
		world->users[user].locked = true;
		return;
	}
}

static void
close_transaction(World *world, int at, bool commit)
{
	Transaction *transaction = &world->transactions[at];

	if (transaction->id == 0)
		return;
	world->users[transaction->user].locked = false;
	if (commit)
		change(world, transaction->user, transaction->state, transaction->listed, transaction->id);
	transaction->id = 0;
}

static void
read_rows(const World *world, Rows *rows, bool all)
{
	take_snapshot(world, rows->seen, sizeof(rows->seen));
	for (int i = 0; i < USERS; i++)
	{
		rows->users[i] = world->users[i];
		rows->has[i] = all ? world->users[i].state != STATE_OFF || world->users[i].listed
						   : !visible(world->users[i].changed, rows->since);
	}
	rows->next = -1;
	rows->phase = TAKEN;
}

/* The next row on its way; false: there is none. */
static bool
next_row(Rows *rows, FollowRow *row)
{
	int at = rows->next;

	if (at < 0)
	{
		rows->next = 0;
		*row = (FollowRow){.is_line = true,
						   .seen = span_of(rows->seen),
						   .id = span_of("1"),
						   .uid_type = span_of("text"),
						   .release = {.is_open = true}};
		return true;
	}
	while (at < USERS && !rows->has[at])
		at++;
	rows->next = at + 1;
	if (at >= USERS)
		return false;
	*row = (FollowRow){.uid = name_of(at),
					   .state = rows->users[at].state,
					   .listed = rows->users[at].listed};
	return true;
}

/*
 * The gateway
 */

/* Nine times what it took, within bounds: then readings take a tenth of the time. */
static void
note_pause(const World *world, Rows *rows, uint64_t least_us, uint64_t most_us)
{
	uint64_t pause_us = 9 * (world->now_us - rows->begun_us);

	pause_us = pause_us < least_us ? least_us : pause_us > most_us ? most_us : pause_us;
	rows->pause_until_us = world->now_us + pause_us;
}

static void
step_look(World *world, bool fail)
{
	FollowRow row;

	switch (world->look.phase)
	{
		case IDLE:
			if (follow_due_us(&world->follow, NEWS_LOOK) > world->now_us)
				return;
			PROMISE(world->connected && world->now_us >= world->look.pause_until_us);
			world->look.begun_us = world->now_us;
			snprintf(world->look.since, sizeof(world->look.since), "%s",
					 follow_begin_look(&world->follow, world->now_us));
			world->look.phase = SENT;
			return;
		case SENT:
			read_rows(world, &world->look, false);
			return;
		case TAKEN:
			if (!fail && next_row(&world->look, &row))
			{
				follow_take(&world->follow, &row);
				return;
			}
			if (follow_end_look(&world->follow, !fail, world->now_us) && fail)
				memset(world->known, 0, sizeof(world->known)); /* as good as it gets */
			note_pause(world, &world->look, NEWS_LOOK_PAUSE_LEAST_US, NEWS_LOOK_PAUSE_MOST_US);
			world->look.phase = IDLE;
	}
}

static void
step_load(World *world, bool fail)
{
	FollowRow row;

	switch (world->load.phase)
	{
		case IDLE:
			if (follow_due_us(&world->follow, NEWS_LOAD) > world->now_us)
				return;
			PROMISE(world->connected && world->now_us >= world->load.pause_until_us);
			world->load.begun_us = world->now_us;
			follow_begin_load(&world->follow, world->now_us);
			world->loading.roster = roster_new(RELEASE);
			world->load.phase = SENT;
			return;
		case SENT:
			read_rows(world, &world->load, true);
			return;
		case TAKEN:
			if (!fail && next_row(&world->load, &row))
			{
				version_take(&world->loading, &row);
				return;
			}
			if (fail)
				version_clear(&world->loading);
			follow_end_load(&world->follow, &world->loading, world->now_us);
			note_pause(world, &world->load, NEWS_LOAD_PAUSE_LEAST_US, NEWS_LOAD_PAUSE_MOST_US);
			world->load.phase = IDLE;
	}
}

static State
state_in_use(const World *world, int user)
{
	State state = STATE_OFF;
	bool  listed;

	if (world->follow.current.roster != NULL)
		roster_find(world->follow.current.roster, name_of(user), &state, &listed);
	return state;
}

/* What gray_route has told is not forgotten for something older. */
static void
expect_no_way_back(const World *world)
{
	for (int i = 0; i < USERS; i++)
	{
		State state = state_in_use(world, i);
		int	  version = world->known[i];

		while (version <= world->users[i].version && world->history[i][version] != state)
			version++;
		PROMISE(version <= world->users[i].version);
	}
}

/* A call moves the user to the state, unless that is locked, or is the state already. */
static void
step_call(World *world, int user, State state)
{
	Call *call = &world->calls[user];

	switch (call->phase)
	{
		case IDLE:
			call->mark = follow_mark(&world->follow);
			call->old = false;
			call->phase = SENT;
			return;
		case SENT:
			if (world->users[user].locked)
				return;
			call->transaction = world->users[user].state == state ? 0 : world->next_id++;
			call->state = state;
			if (call->transaction != 0)
				change(world, user, state, world->users[user].listed, call->transaction);
			call->version = world->users[user].version;
			call->phase = TAKEN;
			return;
		case TAKEN:
			call->phase = IDLE;
			if (call->old)
				return;
			follow_told(&world->follow, name_of(user), call->state, call->transaction, call->mark);
			if (call->transaction != 0 && state_in_use(world, user) == call->state)
				world->known[user] = call->version;
	}
}

static void
take_notice(World *world, const char *payload)
{
	unsigned group;

	switch (notice_parse(span_of(payload), RELEASE, &group))
	{
		case NOTICE_OTHER_RELEASE:
		case NOTICE_SESSIONS:
		case NOTICE_SESSION:
		case NOTICE_PING:
			break;
		case NOTICE_CHANGED:
			news_want(&world->follow.news, NEWS_LOOK);
			break;
		case NOTICE_RELOAD:
			news_want(&world->follow.news, NEWS_LOAD);
			break;
	}
}

static void
step_hint(World *world)
{
	if (world->hints == 0)
		return;
	world->hints--;
	take_notice(world, RELEASE " users");
}

static void
step_connection(World *world)
{
	world->connected = !world->connected;
	if (world->connected)
	{
		follow_connected(&world->follow);
		for (int i = 0; i < USERS; i++)
			world->calls[i].old = true;
		return;
	}
	follow_lost(&world->follow);
	version_clear(&world->loading);
	world->look = (Rows){0};
	world->load = (Rows){0};
	world->hints = 0;
}

/* Two bytes say what is next. */
static void
step(World *world, unsigned what, unsigned how)
{
	static const char *const forged[] = {RELEASE " users",
										 RELEASE " reload",
										 RELEASE " release",
										 RELEASE,
										 RELEASE " state on 1",
										 "v3 reload",
										 ""};
	int						 user = (int) (how % USERS);

	switch (what % 16)
	{
		case 0:
		case 1:
			open_transaction(world, user, (State) (how / 4 % 4), how & 128);
			break;
		case 2:
		case 3:
			close_transaction(world, (int) (how % TRANSACTIONS), how & 192);
			break;
		case 4:
		case 5:
		case 6:
			step_call(world, user, (State) (how / 4 % 4));
			break;
		case 7:
			step_hint(world);
			break;
		case 8:
			world->now_us += (uint64_t) 1 << how % 24;
			break;
		case 9:
			if (world->connected)
				take_notice(world, forged[how % 7]);
			break;
		case 10:
			if (how % 8 == 0)
				step_connection(world);
			break;
		case 11:
			step_load(world, how == 255);
			break;
		case 12:
			step_load(world, false);
			break;
		default:
			step_look(world, how == 255);
			break;
	}
}

/* Everybody ends what they began, and it is quiet. */
static void
come_to_rest(World *world)
{
	if (!world->connected)
		step_connection(world);
	for (int i = 0; i < TRANSACTIONS; i++)
		close_transaction(world, i, true);
	for (int i = 0; i < USERS; i++)
	{
		while (world->calls[i].phase != IDLE)
			step_call(world, i, STATE_ON);
	}
	while (world->hints > 0)
		step_hint(world);
	for (int i = 0; i < REST_STEPS; i++)
	{
		uint64_t look_us = follow_due_us(&world->follow, NEWS_LOOK);
		uint64_t load_us = follow_due_us(&world->follow, NEWS_LOAD);
		uint64_t next_us = look_us < load_us ? look_us : load_us;

		if (world->look.phase == IDLE && world->load.phase == IDLE)
		{
			if (next_us == NEWS_NEVER)
				return;
			/* However it was before, nothing is put off for more than a minute. */
			PROMISE(next_us <= world->now_us + NEWS_LOAD_PAUSE_MOST_US);
			if (next_us > world->now_us)
				world->now_us = next_us;
		}
		step_look(world, false);
		step_load(world, false);
	}
	PROMISE(false);
}

static void
expect_truth(World *world)
{
	PROMISE(world->follow.current.roster != NULL);
	for (int i = 0; i < USERS; i++)
	{
		State state;
		bool  listed;

		roster_find(world->follow.current.roster, name_of(i), &state, &listed);
		PROMISE(state == world->users[i].state && listed == world->users[i].listed);
	}
	PROMISE(world->follow.moved.count == 0);
}

void
follow_model_play(const uint8_t *bytes, size_t size)
{
	World world = {.now_us = 1, .next_id = 700};

	for (size_t i = 0; i + 1 < size && i < 2 * STEPS_MOST; i += 2)
	{
		step(&world, bytes[i], bytes[i + 1]);
		expect_no_way_back(&world);
		world.now_us++;
	}
	come_to_rest(&world);
	expect_truth(&world);
	follow_free(&world.follow);
	version_clear(&world.loading);
}
