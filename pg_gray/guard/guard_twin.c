/*
 * guard_twin.c: finds gray tables in the registry, and tells what users would lose with them
 *
 * The registry is read without SPI, so that nothing of it can fail on account of the session's
 * role, its settings, or a release that is half gone.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "guard/guard_scope.h"
#include "guard/guard_twin.h"
#include "postgres/relation.h"
#include "release/registry.h"
#include "release/release.h"
#include "user/user_state.h"

/*
 * Releases
 */

/* True when the registry is there, as it is but while the extension is made or restored. */
static bool
has_registry(void)
{
	return OidIsValid(guard_scope_table("release")) &&
		   OidIsValid(guard_scope_table("release_table")) &&
		   OidIsValid(guard_scope_table("column_pair")) &&
		   OidIsValid(guard_scope_table("own_table")) &&
		   OidIsValid(guard_scope_table("own_column"));
}

/* Return a column of the row, "" for SQL NULL: the owner of the registry may have altered it. */
static char *
text_of(const Registry *row, const char *column)
{
	char *text = registry_text(row, column);

	return text == NULL ? "" : text;
}

List *
guard_twin_releases(void)
{
	List	*releases = NIL;
	Registry row;

	if (!has_registry())
		return NIL;
	row = registry_begin("release", NULL, NULL, 0);
	while (registry_next(&row))
	{
		GuardRelease *release = palloc0(sizeof(GuardRelease));

		release->id = registry_int(&row, "id");
		release->name = text_of(&row, "release");
		release->gray_schema = text_of(&row, "gray_schema");
		release->is_open = registry_bool(&row, "is_open");
		release->in_place = strcmp(text_of(&row, "place"), release_place()) == 0;
		releases = lappend(releases, release);
	}
	registry_end(&row);
	return releases;
}

static void
note_user(void *arg, uintptr_t uid pg_attribute_unused(), State state,
		  unsigned int written_by pg_attribute_unused())
{
	*(bool *) arg |= state_side(state) == SIDE_GRAY;
}

bool
guard_twin_holds_users(GuardRelease *release)
{
	StateTable states = {.table = guard_scope_table(psprintf("state_%d", release->id))};

	if (!release->is_known && OidIsValid(states.table))
		state_table_each(states, SnapshotSelf, note_user, &release->holds_users);
	release->is_known = true;
	return release->holds_users;
}

bool
guard_twin_in_use(GuardRelease *release)
{
	return release->is_open || guard_twin_holds_users(release);
}

/*
 * Tables
 */

static GuardRelease *
find_release(const List *releases, int id)
{
	ListCell *cell;

	foreach(cell, releases)
	{
		GuardRelease *release = lfirst(cell);

		if (release->id == id)
			return release;
	}
	return NULL;
}

/* Add the tables of one part of the registry to a list. */
static List *
load_tables(List *twins, const List *releases, const char *registry)
{
	bool	 is_own = strcmp(registry, "own_table") == 0;
	Registry row = registry_begin(registry, NULL, NULL, 0);

	while (registry_next(&row))
	{
		GuardRelease *release = find_release(releases, registry_int(&row, "release_id"));
		GuardTwin	 *twin = palloc0(sizeof(GuardTwin));

		twin->release = release;
		twin->position = registry_int(&row, "position");
		twin->is_own = is_own;
		twin->name = text_of(&row, "gray");
		twin->oid = registry_oid(&row, "gray_oid");
		if (release != NULL && !(is_own && registry_bool(&row, "is_shared")))
			twins = lappend(twins, twin);
	}
	registry_end(&row);
	return twins;
}

List *
guard_twin_all(void)
{
	List *releases = guard_twin_releases();

	if (releases == NIL)
		return NIL;
	return load_tables(load_tables(NIL, releases, "release_table"), releases, "own_table");
}

/* By name, or by the Oid that the table had when it was renamed. */
List *
guard_twin_find(const List *twins, unsigned int oid, const char *name)
{
	List	 *found = NIL;
	ListCell *cell;

	foreach(cell, twins)
	{
		GuardTwin *twin = lfirst(cell);

		twin->known = twin->release->in_place && twin->oid == oid;
		if (twin->known || strcmp(twin->name, name) == 0)
			found = lappend(found, twin);
	}
	return found;
}

unsigned int
guard_twin_parked_rows(const GuardTwin *twin)
{
	Oid parked;

	if (!twin->is_own)
		return InvalidOid;
	parked = guard_scope_table(psprintf("parked_%d_%d", twin->release->id, twin->position));
	return OidIsValid(parked) && relation_has_rows(parked) ? parked : InvalidOid;
}

/*
 * Columns
 */

/* Return the number by which the registry's owner paths name a gray column; 0: they don't. */
static AttrNumber
registered_column(const GuardTwin *twin, AttrNumber attnum, const char *name)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(twin->release->id)},
						  {"position", Int32GetDatum(twin->position)}};
	Registry	row = twin->is_own ? registry_begin("own_column", "own_column_pkey", keys, 2)
								   : registry_begin("column_pair", "column_pair_pkey", keys, 2);
	const char *gray_attnum = twin->is_own ? "attnum" : "gray_attnum";
	const char *gray_name = twin->is_own ? "name" : "gray_name";
	AttrNumber	registered = InvalidAttrNumber;

	while (registry_next(&row))
	{
		if (twin->known ? registry_int(&row, gray_attnum) == attnum
						: strcmp(text_of(&row, gray_name), name) == 0)
			registered = registry_int(&row, twin->is_own ? "attnum" : "production_attnum");
	}
	registry_end(&row);
	return registered;
}

static bool
has_attnum(const Registry *row, const char *column, AttrNumber wanted)
{
	AttrNumber *attnums;
	int			count = registry_attnums(row, column, &attnums);

	for (int i = 0; i < count; i++)
	{
		if (attnums[i] == wanted)
			return true;
	}
	return false;
}

/* True when one part of the registry has the column in an owner path: the table's, or another's. */
static bool
is_in_path(const GuardTwin *twin, AttrNumber column, const char *registry, const char *index)
{
	RegistryKey key = {"release_id", Int32GetDatum(twin->release->id)};
	Registry	row = registry_begin(registry, index, &key, 1);
	bool		found = false;

	while (registry_next(&row))
	{
		if (registry_int(&row, "position") == twin->position)
			found |= registry_int(&row, "uid_attnum") == column ||
					 has_attnum(&row, "path_attnums", column);
		if (registry_int(&row, "parent_position") == twin->position)
			found |= has_attnum(&row, "parent_attnums", column);
	}
	registry_end(&row);
	return found;
}

bool
guard_twin_owner_column(const GuardTwin *twin, int16_t attnum, const char *name)
{
	AttrNumber column = registered_column(twin, attnum, name);

	return column != InvalidAttrNumber &&
		   (is_in_path(twin, column, "release_table", "release_table_pkey") ||
			is_in_path(twin, column, "own_table", "own_table_pkey"));
}
