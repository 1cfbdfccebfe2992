/*
 * release_cache.c: caches rows of gray.release for the session
 */
#include "postgres.h"

#include "access/xact.h"
#include "nodes/pg_list.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "postgres/session_cache.h"
#include "release/release.h"
#include "release/release_cache.h"

static SessionCache cached;
static List		   *releases;
/* the release of the list that is the only one there is, if that is known */
static Release *only;

static void
forget_if_stale(void)
{
	if (cached.memory != NULL && !cached.stale)
		return;
	session_cache_begin(&cached, "releases");
	releases = NIL;
	only = NULL;
}

static Release *
copy_release(const Release *release)
{
	Release *copy = palloc(sizeof(Release));

	*copy = *release;
	copy->name = pstrdup(release->name);
	copy->gray_schema = pstrdup(release->gray_schema);
	copy->formats = role_copy_formats(&release->formats);
	copy->state_table = pstrdup(release->state_table);
	copy->cohort_table = pstrdup(release->cohort_table);
	copy->attempt_table = pstrdup(release->attempt_table);
	copy->kept_table = pstrdup(release->kept_table);
	return copy;
}

Release *
release_cache_find(const char *name)
{
	ListCell *cell;

	AcceptInvalidationMessages();
	forget_if_stale();
	if (name == NULL)
		return only == NULL ? NULL : copy_release(only);
	foreach(cell, releases)
	{
		Release *release = lfirst(cell);

		if (strcmp(release->name, name) == 0)
			return copy_release(release);
	}
	return NULL;
}

void
release_cache_put(const Release *release, bool is_only)
{
	MemoryContext before;
	Release		 *copy;

	if (IsolationUsesXactSnapshot() || cached.memory == NULL || cached.stale)
		return;
	before = MemoryContextSwitchTo(cached.memory);
	copy = copy_release(release);
	releases = lappend(releases, copy);
	if (is_only)
		only = copy;
	MemoryContextSwitchTo(before);
}
