/*
 * follow.c: puts together the readings of a release, in whatever order they come
 */
#include "roster/follow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void
version_clear(Version *version)
{
	roster_free(version->roster);
	free(version->id);
	free(version->seen);
	*version = (Version){0};
}

static void
end_reading(Follow *follow)
{
	free(follow->look_seen);
	follow->look_seen = NULL;
	follow->looked = NULL;
	announced_clear(&follow->announcing);
}

void
follow_free(Follow *follow)
{
	version_clear(&follow->current);
	version_clear(&follow->coming);
	moved_free(&follow->moved);
	announced_clear(&follow->announced);
	end_reading(follow);
}

static void
note_line(Roster *roster, const FollowRow *row)
{
	Release *release;

	if (roster == NULL)
		return;
	release = roster_release(roster);
	release->is_open = row->release.is_open;
	release->percent_hundredths = row->release.percent_hundredths;
	release->stuck_side = row->release.stuck_side;
	roster_set_uid_type(roster, uid_type_parse(row->uid_type, row->server_version));
}

static void
note_user(Roster *roster, const FollowRow *row, bool older)
{
	if (roster == NULL)
		return;
	if (!older)
		roster_set_state(roster, row->uid, row->state);
	roster_set_listed(roster, row->uid, row->listed);
}

void
version_take(Version *version, const FollowRow *row)
{
	if (!row->is_line)
	{
		note_user(version->roster, row, false);
		return;
	}
	free(version->id);
	free(version->seen);
	version->id = memory_text(row->id.bytes, row->id.length);
	version->seen = memory_text(row->seen.bytes, row->seen.length);
	note_line(version->roster, row);
}

/* A loaded roster is to be used before anything else is loaded. */
uint64_t
follow_due_us(const Follow *follow, NewsReading reading)
{
	if (reading == NEWS_LOAD && follow->coming.roster != NULL)
		return NEWS_NEVER;
	return news_due_us(&follow->news, reading);
}

const char *
follow_begin_look(Follow *follow, uint64_t now_us)
{
	news_begin(&follow->news, NEWS_LOOK, now_us);
	follow->looked = follow->coming.roster != NULL ? &follow->coming : &follow->current;
	follow->look_void = false;
	follow->looks++;
	return follow->looked->seen;
}

static void
take_line(Follow *follow, const FollowRow *row)
{
	free(follow->look_seen);
	follow->look_seen = memory_text(row->seen.bytes, row->seen.length);
	if (follow->looked->id == NULL || !span_equals(row->id, follow->looked->id))
		news_want(&follow->news, NEWS_LOAD); /* another release has the name now */
	note_line(follow->current.roster, row);
	if (follow->looked == &follow->coming)
		note_line(follow->coming.roster, row);
}

/*
 * A look from the coming version is news for the roster in use, too, but not the other way
 * round.
 */
void
follow_take(Follow *follow, const FollowRow *row)
{
	bool older;

	if (row->is_line)
	{
		take_line(follow, row);
		return;
	}
	if (row->is_announced)
	{
		announced_add(&follow->announcing, row->uid);
		return;
	}
	older = follow->look_seen == NULL || moved_since(&follow->moved, row->uid, follow->look_seen);
	note_user(follow->current.roster, row, older);
	if (follow->looked == &follow->coming)
		note_user(follow->coming.roster, row, older);
}

/* Put the coming version in place of the current version, with the moves that it does not show. */
static void
install(Follow *follow)
{
	version_clear(&follow->current);
	follow->current = follow->coming;
	follow->coming = (Version){0};
	follow->seen_elsewhere = false;
	follow->news.loaded = follow->current.seen != NULL;
	if (follow->news.loaded)
		moved_settle(&follow->moved, follow->current.seen);
	moved_apply(&follow->moved, follow->current.roster);
}

bool
follow_end_look(Follow *follow, bool ok, uint64_t now_us)
{
	Version *looked = follow->looked;

	ok = ok && !follow->look_void && follow->look_seen != NULL;
	news_end(&follow->news, NEWS_LOOK, ok, now_us);
	if (ok)
	{
		free(looked->seen);
		looked->seen = follow->look_seen;
		follow->look_seen = NULL;
		announced_clear(&follow->announced);
		follow->announced = follow->announcing;
		follow->announcing = (Announced){0};
		announced_sort(&follow->announced);
	}
	end_reading(follow);
	if (looked == &follow->coming)
	{
		/* If the look fails, the loaded roster is still the better one. */
		install(follow);
		return true;
	}
	if (ok)
	{
		follow->seen_elsewhere = false;
		moved_settle(&follow->moved, looked->seen);
	}
	return false;
}

void
follow_begin_load(Follow *follow, uint64_t now_us)
{
	assert(follow->coming.roster == NULL);
	news_begin(&follow->news, NEWS_LOAD, now_us);
	follow->loads++;
}

/* Without a release there is nothing to look at. */
bool
follow_end_load(Follow *follow, Version *loaded, uint64_t now_us)
{
	bool ok = loaded->roster != NULL && loaded->id != NULL;

	news_end(&follow->news, NEWS_LOAD, ok, now_us);
	if (loaded->roster == NULL)
	{
		version_clear(loaded);
		return false;
	}
	follow->coming = *loaded;
	*loaded = (Version){0};
	if (ok)
	{
		follow->news.loaded = true;
		news_want(&follow->news, NEWS_LOOK);
		return false;
	}
	follow->look_void = true;
	install(follow);
	return true;
}

void
follow_lost(Follow *follow)
{
	news_lost(&follow->news);
	version_clear(&follow->coming);
	end_reading(follow);
	follow->news.loaded = follow->current.seen != NULL;
}

/* A standby in the server's place may not know of these moves, and may have other transactions. */
void
follow_connected(Follow *follow)
{
	moved_free(&follow->moved);
	follow->seen_elsewhere = true;
	news_connected(&follow->news);
}

FollowMark
follow_mark(const Follow *follow)
{
	return (FollowMark){follow->looks, follow->looked != NULL};
}

static bool
was_quiet(const Follow *follow, FollowMark mark)
{
	return !mark.looking && follow->looked == NULL && mark.looks == follow->looks;
}

static bool
has_seen(const Follow *follow, uint64_t transaction)
{
	return (follow->current.seen != NULL && !follow->seen_elsewhere &&
			moved_shown(follow->current.seen, transaction)) ||
		   (follow->look_seen != NULL && moved_shown(follow->look_seen, transaction));
}

void
follow_told(Follow *follow, Span uid, State state, uint64_t transaction, FollowMark mark)
{
	if (transaction != 0 ? has_seen(follow, transaction) : !was_quiet(follow, mark))
		return;
	if (transaction != 0)
		moved_note(&follow->moved, uid, transaction, state);
	if (follow->current.roster != NULL)
		roster_set_state(follow->current.roster, uid, state);
}
